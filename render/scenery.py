"""What is in the picture beside the dancers: the stage, a grid, a title, captions, the beat."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from render.raster import paint
from render.shapes import COLUMNS, Colour, Image, Shapes, cones, discs
from render.stage.floor import grid_lines
from render.stage.stage import Stage
from render.text import SMALLEST_PX, check_letters, fitted, text_width, write_line
from render.theme import Theme

TITLE_SIZE, CAPTION_SIZE = 1 / 24, 1 / 32
"""Of letters, in heights of the picture."""
EDGE = 1 / 30
"""Free space around writing, in heights of the picture."""
TITLE_TOP, CAPTION_BOTTOM = 0.7 * EDGE, 2.2 * EDGE
"""How far titles begin below the top of the picture, and captions stand above its bottom, in its heights."""
LINE = 1.2
"""The height of a line, in sizes of its letters."""

BEAT_WINDOW_S = 2.0
"""The beats up to so long before and after the present one are shown."""
BEAT_FLASH_S = 0.18
"""A beat glows for so long."""
TICK, GLOW = 2 / 240, (1.6 / 240, 4.8 / 240)
"""Half of a tick's length, and the radius of the middle at rest and on the beat, in heights of the picture."""
TICK_RIM = 0.6 / 240
"""The width of the outline around ticks that pass over anything, in heights of the picture."""


Captions = Sequence[tuple[float, str]]
"""When each begins, in seconds, ascending, and what it says; it stands until the next."""


@dataclass(frozen=True)
class Scenery:
    """What is in the picture beside the dancers.

    Parameters
    ----------
    theme : a row of `render.theme.THEMES`; None for the one that suits the style.
    shadow : whether dancers have a shadow on the floor.
    grid : whether the floor has lines, a torso length apart.
    follow : whether a calm camera goes along with the dancers, instead of seeing the whole of their path.
    title : stands above the dance.
    captions : stand below the dance.
    beats_s : when the beats are, ascending; None to show none.
    """

    theme: str | None = None
    shadow: bool = True
    grid: bool = False
    follow: bool = False
    title: str = ""
    captions: Captions = ()
    beats_s: Sequence[float] | None = None

    def check_letters(self) -> None:
        """Raises OutputError where something is to be written that the letters of pictures lack."""
        check_letters([self.title, *(text for _, text in self.captions)])

    def free_rows(self, height: int) -> tuple[int, int]:
        """How many rows writing and beats take above and below the dancers; never more than half of the picture."""
        above = below = 0.0
        if self.title:
            above = TITLE_TOP * height + LINE * letters_px(TITLE_SIZE, height)
        if self.beats_s is not None:
            below = (EDGE + max(GLOW)) * height
        if any(text for _, text in self.captions):
            below = CAPTION_BOTTOM * height + letters_px(CAPTION_SIZE, height)
        share = min(1.0, height / 2 / max(above + below, 1.0))
        return int(share * above), int(share * below)


class Backdrop:
    """All that lies behind and above the dancers, frame by frame; `filmed` where filmed pictures lie behind."""

    def __init__(
        self, scenery: Scenery, theme: Theme, stage: Stage, width: int, height: int, *, filmed: bool = False
    ) -> None:
        self._scenery, self._theme, self._stage = scenery, theme, stage
        self._width, self._height = width, height
        self._outline = theme.halo if filmed or theme.wall is None else None
        self.back_row: float | None = None
        """Where the floor ends, behind the dancers; None without a floor."""
        if stage.back_row is not None:
            self.back_row = stage.back_row - theme.floor_behind * stage.body
        self._moves = len(stage.moved) > 0 and bool(np.ptp(stage.moved, axis=0).any())
        self._empty = empty_stage(width, height, theme, self.back_row)
        if not self._moves:
            paint(self._empty, self.grid(0))
        self.write_title(self._empty)

    def picture(self, frame: int) -> Image:
        """The stage of one frame without anybody on it: an array of its own."""
        image = self._empty.copy()
        if self._moves:
            paint(image, self.grid(frame))
        return image

    def write_title(self, image: Image) -> None:
        """Write the title on a picture, in place."""
        if self._scenery.title:
            text, size = self._fitted(self._scenery.title, TITLE_SIZE)
            left, top = EDGE * self._height, TITLE_TOP * self._height
            write_line(image, text, left, top, size, self._theme.ink, self._outline)

    def write_moment(self, image: Image, time_s: float) -> None:
        """Write the caption and the beats of a moment on a picture, in place."""
        ink = self._theme.ink
        if self._scenery.beats_s is not None:
            paint(image, beat_ticks(self._scenery.beats_s, time_s, self._width, self._height, ink, self._outline))
        text = caption_at(self._scenery.captions, time_s)
        if text:
            text, size = self._fitted(text, CAPTION_SIZE)
            left = (self._width - text_width(text, size)) / 2
            write_line(image, text, left, (1 - CAPTION_BOTTOM) * self._height - size, size, ink, self._outline)

    def _fitted(self, text: str, size: float) -> tuple[str, int]:
        return fitted(text, letters_px(size, self._height), self._width - 2 * EDGE * self._height)

    def grid(self, frame: int) -> Shapes:
        """The lines on the floor in one frame, (lines, 14); none where none are wanted, or there is no floor."""
        stage = self._stage
        if not self._scenery.grid or stage.floor is None or self.back_row is None:
            return np.empty((0, COLUMNS), np.float32)
        return grid_lines(stage.floor, self.back_row, self._width, self._height, self._theme, stage.moved[frame])


def empty_stage(width: int, height: int, theme: Theme, back_row: float | None) -> Image:
    """A wall down to the row `back_row` and a floor from there on, both shaded; all wall without, or nothing at all."""
    if theme.wall is None or theme.floor is None:
        return np.zeros((height, width, 4), np.uint8)
    edge = height if back_row is None else back_row
    rows = np.arange(height, dtype=np.float64)
    above = _shaded(*theme.wall, rows, 0, edge)
    below = _shaded(*theme.floor, rows, edge, height)
    column = above + (below - above) * np.clip(rows - edge + 0.5, 0, 1)[:, None]
    return np.repeat(np.rint(column).astype(np.uint8)[:, None], width, axis=1)


def _shaded(top: Colour, bottom: Colour, rows: NDArray[np.float64], first: float, last: float) -> NDArray[np.float64]:
    """Colours (rows, 3) that go from `top` at the row `first` to `bottom` at the row `last`."""
    share = np.clip((rows - first) / max(last - first, 1.0), 0, 1)[:, None]
    return np.asarray(np.array(top) * (1 - share) + np.array(bottom) * share)


def letters_px(size: float, height: int) -> int:
    """The size in pixels of letters that are so large a share of a picture's height."""
    return max(round(size * height), SMALLEST_PX)


def caption_at(captions: Captions, time_s: float) -> str:
    """The caption that stands at a moment; none before the first."""
    at = bisect_right(captions, time_s + 1e-6, key=lambda caption: caption[0])
    return captions[at - 1][1] if at else ""


def beat_ticks(
    beats_s: Sequence[float], time_s: float, width: int, height: int, ink: Colour, outline: Colour | None = None
) -> Shapes:
    """Beats pass from right to left below the dance, (shapes, 14); one that is now glows in the middle.

    outline : of the rims around them; None for no rims.
    """
    beats = np.asarray(beats_s, np.float64)
    near = beats[np.searchsorted(beats, time_s - BEAT_WINDOW_S) : np.searchsorted(beats, time_s + BEAT_WINDOW_S)]
    y, tick = height * (1 - EDGE), TICK * height
    x = width / 2 + (near - time_s) / BEAT_WINDOW_S * 0.4 * width
    tops, bottoms = np.stack([x, np.full_like(x, y - tick)], 1), np.stack([x, np.full_like(x, y + tick)], 1)
    opacity = 0.7 * np.clip(1.2 * (1 - np.abs(near - time_s) / BEAT_WINDOW_S), 0, 1)
    since = time_s - near
    glow = np.where((since >= -1e-6) & (since < BEAT_FLASH_S), 1 - since / BEAT_FLASH_S, 0).max(initial=0.0)
    radius = (GLOW[0] + (GLOW[1] - GLOW[0]) * glow) * height

    def drawn(colour: Colour, rim: float) -> Shapes:
        ticks = cones(tops, bottoms, tick / 4 + rim, tick / 4 + rim, colour, opacity)
        middle = discs((width / 2, y), radius + rim, colour, 0.45 + 0.5 * glow)
        return np.concatenate([ticks, middle[None]])

    if outline is None:
        return drawn(ink, 0)
    return np.concatenate([drawn(outline, TICK_RIM * height), drawn(ink, 0)])
