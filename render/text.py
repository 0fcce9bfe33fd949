"""Text in a picture, in any script that DejaVu Sans has."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import OutputError
from render.shapes import Colour, Image

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

SMALLEST_PX = 8
"""Smallest legible font size."""
OUTLINE = 1 / 12
"""Width of the outline around text, as a share of the font size."""
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
"""Replaces text that does not fit."""


def check_glyphs(texts: Iterable[str]) -> None:
    """Raise OutputError if the font lacks a character."""
    wanted = set().union(*(_in_one_line(text) for text in texts))
    missing = sorted(wanted - _glyphs()) if wanted else []
    if missing:
        raise OutputError(
            f"the font of pictures, DejaVu Sans, has no {' '.join(map(_named, missing))}; "
            "use another script, without emoji"
        )


@lru_cache(maxsize=256)
def fit_text(text: str, size_px: int, room_px: float) -> tuple[str, int]:
    """Return a line of at most `room_px` and its font size: reduce the size first, then cut off the end."""
    text = _in_one_line(text)
    size_px = max(size_px, SMALLEST_PX)
    for smaller in range(size_px, SMALLEST_PX - 1, -1):
        if text_width(text, smaller) <= room_px:
            return text, smaller
    shown = bisect_right(range(len(text)), room_px, key=lambda end: text_width(_cut(text, end), SMALLEST_PX)) - 1
    return _cut(text, max(shown, 0)), SMALLEST_PX


def text_width(text: str, size_px: int) -> int:
    """Return the width of a line in pixels."""
    return max(int(np.ceil(_font(size_px).getlength(text))), 1)


def draw_text(
    image: Image, text: str, left: float, top: float, size_px: int, colour: Colour, outline: Colour | None = None
) -> None:
    """Draw one line on `image`, in place, clipped to the picture.

    outline : colour of a rim around the letters, for any background; None for no rim.
    """
    if outline is not None:
        rim = max(round(OUTLINE * size_px), 1)
        _blend(image, _mask(text, size_px, rim), left - rim, top - rim, outline)
    _blend(image, _mask(text, size_px), left, top, colour)


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str, end: int) -> str:
    return text[:end].rstrip() + ELLIPSIS


def _named(character: str) -> str:
    return f"{character} (U+{ord(character):04X})" if character.isprintable() else f"U+{ord(character):04X}"


def _font_file() -> Path:
    import matplotlib

    return Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[str]:
    from matplotlib.ft2font import FT2Font

    return frozenset(map(chr, FT2Font(str(_font_file())).get_charmap()))


@lru_cache(maxsize=64)
def _font(size_px: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(_font_file(), size_px)


@lru_cache(maxsize=256)
def _mask(text: str, size_px: int, rim_px: int = 0) -> NDArray[np.float32]:
    """Return the coverage of each pixel, (height, width) in 0..1, with letters grown by a rim on every side.

    Below the baseline there is room for descenders and the rim.
    """
    from PIL import Image as Pillow
    from PIL import ImageDraw

    font = _font(size_px)
    size = text_width(text, size_px) + 2 * rim_px, sum(font.getmetrics()) + 2 * rim_px
    picture = Pillow.new("L", size)
    ImageDraw.Draw(picture).text((rim_px, rim_px), text, fill=255, font=font, stroke_width=rim_px)
    return np.asarray(picture, np.float32) / 255


def _blend(image: Image, mask: NDArray[np.float32], left: float, top: float, colour: Colour) -> None:
    """Blend a colour into `image` through a mask, in place."""
    x, y = round(left), round(top)
    rows = slice(max(y, 0), min(y + mask.shape[0], image.shape[0]))
    columns = slice(max(x, 0), min(x + mask.shape[1], image.shape[1]))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    window = image[rows, columns]
    ink = mask[rows.start - y : rows.stop - y, columns.start - x : columns.stop - x, None]
    full = np.array([*colour, 255][: image.shape[2]], np.float32)
    np.copyto(window, np.rint(window * (1 - ink) + full * ink), casting="unsafe")
