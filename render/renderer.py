"""From poses to pictures: the renderer, and the table of styles it draws in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import OutputError
from pose_vocab.sequence import PoseSequence
from render.mannequin import Mannequin
from render.shapes import Image
from render.stick import Stick
from render.viewport import stage

LARGEST_PX = 8192
"""Of a picture's side."""


class Renderer(Protocol):
    """Draws a clip, one picture a frame."""

    def frames(self, clip: PoseSequence) -> Iterator[Image]:
        """Pictures uint8 (H, W, 3), RGB; as many as the clip has frames, each an array of its own."""
        ...


class Style(Protocol):
    """How a dancer looks. One figure is drawn on any picture: an empty stage, or a frame of the source video."""

    def backdrop(self, width: int, height: int, floor: float | None, body: float) -> Image:
        """The empty stage, with a floor that reaches behind the row `floor`; None for none."""
        ...

    def shadow(self, image: Image, ground: NDArray[np.float32], body: float) -> None:
        """Darken the floor around the point `ground`, (2,) in pixels."""
        ...

    def draw(
        self, image: Image, joints: NDArray[np.float32], body: float, depth: NDArray[np.float32] | None = None
    ) -> None:
        """Draw one figure in place: joints (16, 2) in pixels, torso length in pixels, depth (16,) if known."""
        ...


STYLES: dict[str, Callable[[], Style]] = {"stick": Stick, "mannequin": Mannequin}
"""The styles by name; the first is the default."""


class DanceRenderer:
    """Draws a clip in one of the styles: 2D clips are fitted into the picture, 3D clips are seen by a camera.

    Parameters
    ----------
    style : a name in `STYLES`.
    width, height : of the picture, in pixels.
    yaw_deg : for 3D clips, where the camera stands: 0 where the dancer faces on average, 180 behind.

    Raises
    ------
    OutputError : an unknown style, or a size that no picture has.
    """

    def __init__(self, style: str = "stick", width: int = 720, height: int = 720, yaw_deg: float = 0.0) -> None:
        if style not in STYLES:
            raise OutputError(f"there is no style {style!r}; choose from {', '.join(STYLES)}")
        if not (0 < width <= LARGEST_PX and 0 < height <= LARGEST_PX):
            raise OutputError(f"a picture of {width}x{height} cannot be drawn; both sides must be 1 to {LARGEST_PX}")
        self.style = STYLES[style]()
        self.width, self.height, self.yaw_deg = width, height, yaw_deg

    def frames(self, clip: PoseSequence) -> Iterator[Image]:
        """Pictures uint8 (height, width, 3), RGB; a frame with nobody in it is the empty stage.

        Raises
        ------
        PoseError : the clip's skeleton is unknown.
        """
        staged = stage(clip, self.width, self.height, self.yaw_deg)
        if not len(clip):
            return
        backdrop = self.style.backdrop(self.width, self.height, staged.floor, float(np.median(staged.body)))
        for frame, joints in enumerate(staged.joints):
            image = backdrop.copy()
            body = float(staged.body[frame])
            if np.isfinite(staged.ground[frame]).all():
                self.style.shadow(image, staged.ground[frame], body)
            self.style.draw(image, joints, body, None if staged.depth is None else staged.depth[frame])
            yield image
