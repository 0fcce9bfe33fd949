"""From poses to pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, repeat

import numpy as np

from pose_vocab.errors import OutputError, PoseError
from pose_vocab.sequence import PoseSequence
from render.draw_list import Moment, moments
from render.parallel_map import done_ahead
from render.raster import paint
from render.scenery import Backdrop, Scenery
from render.shapes import Image
from render.stage.formation import Formation
from render.stage.layout import stage
from render.stage.stage import Stage
from render.styles import STYLES
from render.styles.style import Style
from render.theme import THEMES

LARGEST_PX = 8192
"""Of a picture's side."""
BATCH_PX = 1_000_000
"""Pixels that one thread draws at a time."""


class DanceRenderer:
    """Draws dancers in one of the styles: 2D clips are fitted into the picture, 3D clips are seen by a camera.

    Parameters
    ----------
    style : a name in `render.styles.STYLES`.
    width, height : of the picture, in pixels.
    yaw_deg : for 3D clips, where the camera stands: 0 where the dancers face on average, 180 behind.
    scenery : what is in the picture beside the dancers.
    formation : each dancer becomes so many.

    Raises
    ------
    OutputError : an unknown style or theme, a size that no picture has, or writing in letters that the font lacks.
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
            raise OutputError(f"there is no style {style!r}; choose from {', '.join(STYLES)}")
        theme = self.scenery.theme or STYLES[style].suits
        if theme not in THEMES:
            raise OutputError(f"there is no theme {theme!r}; choose from {', '.join(THEMES)}")
        if not (0 < width <= LARGEST_PX and 0 < height <= LARGEST_PX):
            raise OutputError(f"a picture of {width}x{height} cannot be drawn; both sides must be 1 to {LARGEST_PX}")
        self.scenery.check_letters()
        self.theme = THEMES[theme]
        self._kind = STYLES[style]
        self.width, self.height, self.yaw_deg = width, height, yaw_deg

    def frames(self, *people: PoseSequence, over: Iterable[Image] | None = None) -> Iterator[Image]:
        """Pictures uint8 (height, width, 3), RGB, or (height, width, 4), RGBA, in a theme without a stage.

        As many as the longest clip has frames, each an array of its own; a frame with nobody in it is the
        empty stage. They are drawn a little ahead of their use, by all processors.

        Parameters
        ----------
        over : pictures (height, width, 3) to draw on instead of a stage; then 2D poses are in their pixels, and
            the pictures end with them. They stay as they are.

        Raises
        ------
        PoseError : a skeleton is unknown, dancers do not fit together, have no size, or 3D poses are to be drawn
            on pictures.
        OutputError : a formation or a picture without a stage is to be drawn on pictures.
        """
        if over is not None:
            self.check_filmed(people)
        if people and not any(map(len, people)):
            return
        set_up = self.stage(people, as_filmed=over is not None, free_rows=self.scenery.free_rows(self.height))
        backdrop = Backdrop(self.scenery, self.theme, set_up, self.width, self.height, filmed=over is not None)
        filmed = repeat(None) if over is None else over
        drawn = moments(set_up, self.style_of, self.theme, self.scenery)
        jobs = (_Job(backdrop, *job) for job in zip(drawn, filmed, strict=False))
        batch = max(BATCH_PX // (self.width * self.height), 1)
        for pictures in done_ahead(_draw_all, iter(lambda: list(islice(jobs, batch)), [])):
            yield from pictures

    def style_of(self, person: int) -> Style:
        """How one of the people looks, from 0."""
        return self._kind(self.theme.of_person(person))

    def stage(
        self, people: Sequence[PoseSequence], *, as_filmed: bool = False, free_rows: tuple[int, int] = (0, 0)
    ) -> Stage:
        """Where everybody is in the picture; `as_filmed` and `free_rows` as `render.stage.layout.stage` has them.

        Raises
        ------
        PoseError : a skeleton is unknown, or dancers do not fit together or have no size.
        """
        return stage(
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

    def check_filmed(self, people: Sequence[PoseSequence] = ()) -> None:
        """Find out before long work whether these dancers can be drawn so on filmed pictures.

        Raises
        ------
        OutputError : a formation, a mirror, or a theme without a stage.
        PoseError : 3D poses.
        """
        if any(poses.dims == 3 for poses in people):
            raise PoseError("poses in metres (3D) have no place in a filmed picture; only 2D poses can be drawn on it")
        if self.formation.mirror or len(self.formation.places) > 1:
            raise OutputError(
                "a formation or a mirror needs a stage, but on a filmed picture a dancer is where he was filmed; "
                "leave out one of the two"
            )
        if self.theme.wall is None:
            raise OutputError("a filmed picture is not transparent; choose a theme with a stage, or draw without it")


@dataclass(frozen=True, eq=False)
class _Job:
    """A moment, and what lies behind it."""

    backdrop: Backdrop
    moment: Moment
    filmed: Image | None

    def draw(self) -> Image:
        moment = self.moment
        if self.filmed is None:
            image = self.backdrop.picture(moment.frame)
        else:
            image = np.array(self.filmed, order="C")
            self.backdrop.write_title(image)
        if moment.shadows is not None:
            paint(image, moment.shadows)
        for figure in moment.figures:
            figure.paint(image)
        self.backdrop.write_moment(image, moment.time_s)
        return straight(image) if image.shape[2] == 4 else image


def _draw_all(jobs: Sequence[_Job]) -> list[Image]:
    return [job.draw() for job in jobs]


def straight(image: Image) -> Image:
    """An RGBA picture whose colours are not multiplied by alpha, from one whose are."""
    rows, columns = np.nonzero((image[..., 3] > 0) & (image[..., 3] < 255))
    partly = image[rows, columns].astype(np.float32)
    alpha = partly[:, 3:]
    image[rows, columns, :3] = np.minimum(np.rint(partly[:, :3] * (255 / alpha)), 255)
    return image
