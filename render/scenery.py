"""Everything in the picture except the dancers: the stage, a grid, a title, captions, the beats."""

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
from render.text import SMALLEST_PX, check_glyphs, draw_text, fit_text, text_width
from render.theme import Theme

TITLE_SIZE, CAPTION_SIZE = 1 / 24, 1 / 32
"""Font sizes, in heights of the picture."""
EDGE = 1 / 30
"""Margin around text, in heights of the picture."""
TITLE_TOP, CAPTION_BOTTOM = 0.7 * EDGE, 2.2 * EDGE
"""Distance of the title from the top and of captions from the bottom, in heights of the picture."""
LINE = 1.2
"""Line height, in font sizes."""

BEAT_WINDOW_S = 2.0
"""Beats within this time before and after the current frame are shown."""
BEAT_FLASH_S = 0.18
"""Duration of the flash on a beat."""
TICK, GLOW = 2 / 240, (1.6 / 240, 4.8 / 240)
"""Half a tick's length, and the radius of the central disc between beats and on a beat, in heights of the picture."""
TICK_RIM = 0.6 / 240
"""Width of the outline around ticks, in heights of the picture."""


Captions = Sequence[tuple[float, str]]
"""Start time in seconds, ascending, and text of each caption; it is shown until the next one starts."""


@dataclass(frozen=True)
class Scenery:
    """Options for everything in the picture except the dancers.

    Parameters
    ----------
    theme : a name in `render.theme.THEMES`; None for the default theme of the style.
    shadow : whether dancers have a shadow on the floor.
    grid : whether the floor has lines, a torso length apart.
    follow : whether the camera follows the dancers smoothly, instead of showing their whole path.
    title : text above the dance.
    captions : texts below the dance.
    beats_s : times of the beats, ascending; None to show none.
    """

    theme: str | None = None
    shadow: bool = True
    grid: bool = False
    follow: bool = False
    title: str = ""
    captions: Captions = ()
    beats_s: Sequence[float] | None = None

    def check_glyphs(self) -> None:
        """Raise OutputError where the title or a caption has a character that the font lacks."""
        check_glyphs([self.title, *(text for _, text in self.captions)])

    def free_rows(self, height: int) -> tuple[int, int]:
        """Return the rows that text and beats need above and below the dancers: half of the picture at most."""
        above = below = 0.0
        if self.title:
            above = TITLE_TOP * height + LINE * font_px(TITLE_SIZE, height)
        if self.beats_s is not None:
            below = (EDGE + max(GLOW)) * height
        if any(text for _, text in self.captions):
            below = CAPTION_BOTTOM * height + font_px(CAPTION_SIZE, height)
        share = min(1.0, height / 2 / max(above + below, 1.0))
        return int(share * above), int(share * below)


class Backdrop:
    """Draws what is behind and over the dancers, frame by frame; `over_video` where a video is behind them."""

    def __init__(
        self, scenery: Scenery, theme: Theme, stage: Stage, width: int, height: int, *, over_video: bool = False
    ) -> None:
        self._scenery, self._theme, self._stage = scenery, theme, stage
        self._width, self._height = width, height
        self._outline = theme.halo if over_video or theme.wall is None else None
        self.back_row: float | None = None
        """The row of the floor's far edge, behind the dancers; None without a floor."""
        if stage.back_row is not None:
            self.back_row = stage.back_row - theme.floor_behind * stage.body
        self._moves = len(stage.camera_moved) > 0 and bool(np.ptp(stage.camera_moved, axis=0).any())
        self._empty = empty_stage(width, height, theme, self.back_row)
        if not self._moves:
            paint(self._empty, self.grid(0))
        self.draw_title(self._empty)

    def picture(self, frame: int) -> Image:
        """Return the empty stage of one frame, a new array."""
        image = self._empty.copy()
        if self._moves:
            paint(image, self.grid(frame))
        return image

    def draw_title(self, image: Image) -> None:
        """Draw the title on a picture, in place."""
        if self._scenery.title:
            text, size = self._fitted(self._scenery.title, TITLE_SIZE)
            left, top = EDGE * self._height, TITLE_TOP * self._height
            draw_text(image, text, left, top, size, self._theme.ink, self._outline)

    def draw_overlays(self, image: Image, time_s: float) -> None:
        """Draw the caption and the beats of one time on a picture, in place."""
        ink = self._theme.ink
        if self._scenery.beats_s is not None:
            paint(image, beat_ticks(self._scenery.beats_s, time_s, self._width, self._height, ink, self._outline))
        text = caption_at(self._scenery.captions, time_s)
        if text:
            text, size = self._fitted(text, CAPTION_SIZE)
            left = (self._width - text_width(text, size)) / 2
            draw_text(image, text, left, (1 - CAPTION_BOTTOM) * self._height - size, size, ink, self._outline)

    def _fitted(self, text: str, size: float) -> tuple[str, int]:
        return fit_text(text, font_px(size, self._height), self._width - 2 * EDGE * self._height)

    def grid(self, frame: int) -> Shapes:
        """Return the grid of one frame, (lines, 14); empty without a grid or without a floor."""
        stage = self._stage
        if not self._scenery.grid or stage.floor is None or self.back_row is None:
            return np.empty((0, COLUMNS), np.float32)
        return grid_lines(stage.floor, self.back_row, self._width, self._height, self._theme, stage.camera_moved[frame])


def empty_stage(width: int, height: int, theme: Theme, back_row: float | None) -> Image:
    """Return the picture of a wall down to the row `back_row` and a floor below it, both shaded.

    Without a row all is wall; in a theme without a wall the picture is transparent.
    """
    if theme.wall is None or theme.floor is None:
        return np.zeros((height, width, 4), np.uint8)
    edge = height if back_row is None else back_row
    rows = np.arange(height, dtype=np.float64)
    above = _shaded(*theme.wall, rows, 0, edge)
    below = _shaded(*theme.floor, rows, edge, height)
    column = above + (below - above) * np.clip(rows - edge + 0.5, 0, 1)[:, None]
    return np.repeat(np.rint(column).astype(np.uint8)[:, None], width, axis=1)


def _shaded(top: Colour, bottom: Colour, rows: NDArray[np.float64], first: float, last: float) -> NDArray[np.float64]:
    """Return the gradient from `top` at the row `first` to `bottom` at the row `last`, (rows, 3)."""
    share = np.clip((rows - first) / max(last - first, 1.0), 0, 1)[:, None]
    return np.asarray(np.array(top) * (1 - share) + np.array(bottom) * share)


def font_px(size: float, height: int) -> int:
    """Return the font size in pixels for a share of the picture's height."""
    return max(round(size * height), SMALLEST_PX)


def caption_at(captions: Captions, time_s: float) -> str:
    """Return the caption at a time; empty before the first one."""
    at = bisect_right(captions, time_s + 1e-6, key=lambda caption: caption[0])
    return captions[at - 1][1] if at else ""


def beat_ticks(
    beats_s: Sequence[float], time_s: float, width: int, height: int, ink: Colour, outline: Colour | None = None
) -> Shapes:
    """Return the ticks of beats, which move from right to left below the dance, and a disc that flashes, (shapes, 14).

    outline : colour of the rims; None for no rims.
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
