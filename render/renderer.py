"""The renderer: poses to pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, repeat

import numpy as np

from pose_vocab.errors import OutputError, PoseError
from pose_vocab.sequence import PoseSequence
from render.draw_list import DrawList, draw_lists
from render.parallel_map import parallel_map
from render.raster import paint
from render.scenery import Backdrop, Scenery
from render.shapes import Image
from render.stage.formation import Formation
from render.stage.layout import lay_out
from render.stage.stage import Stage
from render.styles import STYLES
from render.styles.style import Style
from render.theme import THEMES

MAX_SIDE_PX = 8192
"""Longest side of a picture."""
BATCH_PX = 1_000_000
"""Pixels that one thread draws at a time: one picture, or several small ones."""


class DanceRenderer:
    """Draws dancers in one of the styles: 2D clips are fitted into the picture, 3D clips are projected by a camera.

    Parameters
    ----------
    style : a name in `render.styles.STYLES`.
    width, height : of the picture, in pixels.
    yaw_deg : for 3D clips, the direction of the camera: 0 where the dancers face on average, 180 behind.
    scenery : everything in the picture except the dancers.
    formation : the copies of each dancer.

    Raises
    ------
    OutputError : an unknown style or theme, a size that is not allowed, or text with characters the font lacks.
    """

    def __init__(
        self,
        style: str = "stick",
        width: int = 720,
        height: int = 720,
        yaw_deg: float = 0.0,
        scenery: Scenery | None = None,
        formation: Formation | None = None,
    ) -> None:
        self.scenery = scenery or Scenery()
        self.formation = formation or Formation()
        if style not in STYLES:
            raise OutputError(f"unknown style {style!r}; choose from {', '.join(STYLES)}")
        theme = self.scenery.theme or STYLES[style].default_theme
        if theme not in THEMES:
            raise OutputError(f"unknown theme {theme!r}; choose from {', '.join(THEMES)}")
        if not (0 < width <= MAX_SIDE_PX and 0 < height <= MAX_SIDE_PX):
            raise OutputError(f"a picture of {width}x{height} cannot be drawn; both sides must be 1 to {MAX_SIDE_PX}")
        self.scenery.check_glyphs()
        self.theme = THEMES[theme]
        self._kind = STYLES[style]
        self.width, self.height, self.yaw_deg = width, height, yaw_deg

    def frames(self, *people: PoseSequence, over: Iterable[Image] | None = None) -> Iterator[Image]:
        """Yield pictures uint8 (height, width, 3), RGB, or (height, width, 4), RGBA, in a transparent theme.

        There is one for each frame of the longest clip, each an array of its own; a frame without dancers is the
        empty stage. Pictures are drawn in parallel, a few ahead of their use.

        Parameters
        ----------
        over : video frames (height, width, 3) to draw on instead of a stage; they are copied. Poses must then be in
            their pixels, and the pictures end when either ends.

        Raises
        ------
        PoseError : an unknown skeleton, mixed frame rates or dimensions, dancers without a size, or 3D poses with
            `over`.
        OutputError : a formation or a transparent theme with `over`.
        """
        if over is not None:
            self.check_over_video(people)
        if people and not any(map(len, people)):
            return
        stage = self.lay_out(people, as_filmed=over is not None, free_rows=self.scenery.free_rows(self.height))
        backdrop = Backdrop(self.scenery, self.theme, stage, self.width, self.height, over_video=over is not None)
        video_frames = repeat(None) if over is None else over
        lists = draw_lists(stage, self.style_of, self.theme, self.scenery)
        jobs = (_Job(backdrop, *job) for job in zip(lists, video_frames, strict=False))
        batch = max(BATCH_PX // (self.width * self.height), 1)
        for pictures in parallel_map(_draw_all, iter(lambda: list(islice(jobs, batch)), [])):
            yield from pictures

    def style_of(self, person: int) -> Style:
        """Return the style of one person; numbers start at 0."""
        return self._kind(self.theme.of_person(person))

    def lay_out(
        self, people: Sequence[PoseSequence], *, as_filmed: bool = False, free_rows: tuple[int, int] = (0, 0)
    ) -> Stage:
        """Return the stage with the dancers; `as_filmed` and `free_rows` as in `render.stage.layout.lay_out`.

        Raises
        ------
        PoseError : an unknown skeleton, mixed frame rates or dimensions, or dancers without a size.
        """
        return lay_out(
            people,
            self.width,
            self.height,
            self.yaw_deg,
            self.formation,
            follow=self.scenery.follow,
            as_filmed=as_filmed,
            headroom=self._kind.headroom,
            free_rows=free_rows,
        )

    def check_over_video(self, people: Sequence[PoseSequence] = ()) -> None:
        """Check before long work that these dancers can be drawn on a video.

        Raises
        ------
        OutputError : a formation, a mirror, or a transparent theme.
        PoseError : 3D poses.
        """
        if any(poses.dims == 3 for poses in people):
            raise PoseError("poses in metres (3D) cannot be drawn on a video; give 2D poses in its pixels")
        if self.formation.mirror or len(self.formation.places) > 1:
            raise OutputError(
                "a formation or a mirror needs a stage and cannot be drawn on a video; "
                "leave out the formation and the mirror, or the video"
            )
        if self.theme.wall is None:
            raise OutputError("a video is not transparent; choose another theme, or leave out the video")


@dataclass(frozen=True, eq=False)
class _Job:
    """One picture to draw."""

    backdrop: Backdrop
    draw_list: DrawList
    video_frame: Image | None

    def draw(self) -> Image:
        draw_list = self.draw_list
        if self.video_frame is None:
            image = self.backdrop.picture(draw_list.frame)
        else:
            image = np.array(self.video_frame, order="C")
            self.backdrop.draw_title(image)
        if draw_list.shadows is not None:
            paint(image, draw_list.shadows)
        for figure in draw_list.figures:
            figure.paint(image)
        self.backdrop.draw_overlays(image, draw_list.time_s)
        return straight_alpha(image) if image.shape[2] == 4 else image


def _draw_all(jobs: Sequence[_Job]) -> list[Image]:
    return [job.draw() for job in jobs]


def straight_alpha(image: Image) -> Image:
    """Convert an RGBA picture from premultiplied to straight alpha, in place, and return it."""
    rows, columns = np.nonzero((image[..., 3] > 0) & (image[..., 3] < 255))
    partly = image[rows, columns].astype(np.float32)
    alpha = partly[:, 3:]
    image[rows, columns, :3] = np.minimum(np.rint(partly[:, :3] * (255 / alpha)), 255)
    return image
