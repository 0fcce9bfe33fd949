"""What a style is: the look of a dancer, frame by frame."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from render.raster import paint
from render.shapes import Image, Shapes
from render.stage.stage import StagedClip
from render.theme import Theme

CHUNK_FRAMES = 64
"""Shapes are worked out for so many frames at once."""


class Figure(Protocol):
    """One dancer at one moment."""

    def paint(self, image: Image) -> None:
        """Draw it on `image`, in place; any picture may lie below. Other threads may run meanwhile."""
        ...


class Style(Protocol):
    """How dancers look, in the colours of a theme."""

    default_theme: str
    """The theme that it is shown in where none is asked for."""
    headroom: float
    """What it needs above the nose, beyond the room that a camera leaves around joints, in torso lengths."""

    def __init__(self, theme: Theme) -> None: ...

    def figures(self, dancer: StagedClip) -> Iterator[Figure]:
        """One figure a frame; what a missing joint belongs to is left out."""
        ...


@dataclass(frozen=True, eq=False)
class ShapesFigure:
    """A figure made of shapes."""

    shapes: Shapes

    def paint(self, image: Image) -> None:
        paint(image, self.shapes)


class ShapesStyle(ABC):
    """A style whose figures are made of shapes."""

    headroom = 0.0

    def figures(self, dancer: StagedClip) -> Iterator[ShapesFigure]:
        """One figure a frame; what a missing joint belongs to is left out."""
        return shapes_figures(dancer, self.shapes)

    @abstractmethod
    def shapes(self, dancer: StagedClip, frames: NDArray[np.intp]) -> Shapes:
        """(frames, shapes, 14) of some of a clip's frames."""


def shapes_figures(
    dancer: StagedClip, shapes: Callable[[StagedClip, NDArray[np.intp]], Shapes]
) -> Iterator[ShapesFigure]:
    """The figures of a style that is a function: the shapes, (frames, shapes, 14), of some frames of a clip."""
    for begin in range(0, len(dancer), CHUNK_FRAMES):
        frames = np.arange(begin, min(begin + CHUNK_FRAMES, len(dancer)))
        yield from map(ShapesFigure, shapes(dancer, frames))
