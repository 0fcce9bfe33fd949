"""The interface of a style: the figures of a dancer, frame by frame."""

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
"""Shapes are computed for this number of frames at once."""


class Figure(Protocol):
    """One dancer in one frame."""

    def paint(self, image: Image) -> None:
        """Draw the figure on `image`, in place; may be called from several threads."""
        ...


class Style(Protocol):
    """How dancers look, in the colours of a theme."""

    default_theme: str
    """The theme to use unless the options name one."""
    headroom: float
    """Space above the nose in addition to a camera's margin around joints, in torso lengths."""

    def __init__(self, theme: Theme) -> None: ...

    def figures(self, dancer: StagedClip) -> Iterator[Figure]:
        """Yield one figure per frame; parts with missing joints are left out."""
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
        """Yield one figure per frame; parts with missing joints are left out."""
        return shapes_figures(dancer, self.shapes)

    @abstractmethod
    def shapes(self, dancer: StagedClip, frames: NDArray[np.intp]) -> Shapes:
        """Return the shapes of some frames of a clip, (frames, shapes, 14)."""


def shapes_figures(
    dancer: StagedClip, shapes: Callable[[StagedClip, NDArray[np.intp]], Shapes]
) -> Iterator[ShapesFigure]:
    """Yield the figures of a clip from a function that returns the shapes, (frames, shapes, 14), of some frames."""
    for begin in range(0, len(dancer), CHUNK_FRAMES):
        frames = np.arange(begin, min(begin + CHUNK_FRAMES, len(dancer)))
        yield from map(ShapesFigure, shapes(dancer, frames))
