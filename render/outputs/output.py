"""The interface of every file format for pictures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from render.sound import Sound

Picture = NDArray[np.uint8]
"""(height, width, 3) RGB, or (height, width, 4) with alpha, straight: colours are not premultiplied."""


class Output(ABC):
    """A file format that pictures can be written to."""

    supports_alpha: bool
    supports_sound: bool = False
    single_picture: bool = False
    min_fps: Fraction = Fraction(0)

    @abstractmethod
    def write(self, pictures: Iterator[Picture], path: Path, rate: Fraction, sound: Sound | None) -> None:
        """Write pictures of one size and number of channels, at least one, to `path`, which does not exist yet.

        The pictures are drawn in the caller's thread, one at a time, while earlier ones are written
        in another thread; so each must be an array of its own, in C order.
        """

    def own_files(self, path: Path) -> Collection[str] | None:
        """For a format that is a folder: return the names in an existing folder at `path` that belong to it."""
        return None
