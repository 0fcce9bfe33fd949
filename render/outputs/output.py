"""What every kind of file has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from render.sound import Sound

Picture = NDArray[np.uint8]
"""(height, width, 3) RGB, or (height, width, 4) with alpha, straight: colours are not multiplied by it."""


class Output(ABC):
    """A kind of file that pictures can be written to."""

    keeps_alpha: bool
    keeps_sound: bool = False
    one_picture: bool = False
    least_fps: Fraction = Fraction(0)

    @abstractmethod
    def write(self, pictures: Iterator[Picture], path: Path, rate: Fraction, sound: Sound | None) -> None:
        """Write pictures of one size and kind, at least one, to `path`, where nothing stands yet.

        The pictures are drawn in the caller's thread, one at a time, while earlier ones are written
        in another; so each must be an array of its own, in C order.
        """

    def own_files(self, path: Path) -> Collection[str] | None:
        """For a kind that is a folder: the names in an earlier folder at `path` that are of this kind."""
        return None
