"""What is in the picture beside the dancers: the stage, a grid, a title, captions, the beat."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from render.floor import grid_lines
from render.lettering import text_width, write_line
from render.raster import paint
from render.shapes import COLUMNS, Colour, Image, Shapes, cones, discs
from render.stage import Stage
from render.theme import Theme

TITLE_SIZE, CAPTION_SIZE = 1 / 24, 1 / 32
"""Of letters, in heights of the picture."""
EDGE = 1 / 30
"""Free space around writing, in heights of the picture."""

BEAT_WINDOW_S = 2.0
"""The beats up to so long before and after the present one are shown."""
BEAT_FLASH_S = 0.18
"""A beat glows for so long."""


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


class Backdrop:
    """All that lies behind and above the dancers, frame by frame."""

    def __init__(self, scenery: Scenery, theme: Theme, stage: Stage, width: int, height: int) -> None:
        self._scenery, self._theme, self._stage = scenery, theme, stage
        self._width, self._height = width, height
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
            edge, size = EDGE * self._height, max(round(TITLE_SIZE * self._height), 6)
            write_line(image, self._scenery.title, edge, 0.7 * edge, size, self._theme.ink)

    def write_moment(self, image: Image, time_s: float) -> None:
        """Write the caption and the beats of a moment on a picture, in place."""
        edge, ink = EDGE * self._height, self._theme.ink
        if self._scenery.beats_s is not None:
            paint(image, beat_ticks(self._scenery.beats_s, time_s, self._width, self._height, ink))
        text = caption_at(self._scenery.captions, time_s)
        if text:
            size = max(round(CAPTION_SIZE * self._height), 6)
            left = (self._width - text_width(text, size)) / 2
            write_line(image, text, left, self._height - 2.2 * edge - size, size, ink)

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


def caption_at(captions: Captions, time_s: float) -> str:
    """The caption that stands at a moment; none before the first."""
    at = bisect_right(captions, time_s + 1e-6, key=lambda caption: caption[0])
    return captions[at - 1][1] if at else ""


def beat_ticks(beats_s: Sequence[float], time_s: float, width: int, height: int, ink: Colour) -> Shapes:
    """Beats pass from right to left below the dance, (shapes, 14); one that is now glows in the middle."""
    beats = np.asarray(beats_s, np.float64)
    near = beats[np.searchsorted(beats, time_s - BEAT_WINDOW_S) : np.searchsorted(beats, time_s + BEAT_WINDOW_S)]
    y, unit = height * (1 - EDGE), height / 240
    x = width / 2 + (near - time_s) / BEAT_WINDOW_S * 0.4 * width
    fading = np.clip(1.2 * (1 - np.abs(near - time_s) / BEAT_WINDOW_S), 0, 1)
    ticks = cones(np.stack([x, np.full_like(x, y - 2 * unit)], 1), np.stack([x, np.full_like(x, y + 2 * unit)], 1),
                  0.5 * unit, 0.5 * unit, ink, 0.7 * fading)  # fmt: skip
    since = time_s - near
    glow = np.where((since >= -1e-6) & (since < BEAT_FLASH_S), 1 - since / BEAT_FLASH_S, 0).max(initial=0.0)
    middle = discs((width / 2, y), (1.6 + 3.2 * glow) * unit, ink, 0.45 + 0.5 * glow)
    return np.concatenate([ticks, middle[None]])
