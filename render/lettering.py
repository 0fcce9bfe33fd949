"""Words in a picture: any script that DejaVu Sans has."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from render.shapes import Colour, Image


@lru_cache(maxsize=256)
def _mask(text: str, size_px: int) -> NDArray[np.float32]:
    """How much of each pixel is ink, (height, width) in 0..1; the text stands on the last row but its descenders."""
    import matplotlib
    from PIL import Image as Pillow
    from PIL import ImageDraw, ImageFont

    font = ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"), size_px)
    ascent, descent = font.getmetrics()
    picture = Pillow.new("L", (max(int(np.ceil(font.getlength(text))), 1), ascent + descent))
    ImageDraw.Draw(picture).text((0, 0), text, fill=255, font=font)
    return np.asarray(picture, np.float32) / 255


def text_width(text: str, size_px: int) -> int:
    """Pixels from the left to the right of a line."""
    return _mask(text, size_px).shape[1]


def write_line(image: Image, text: str, left: float, top: float, size_px: int, colour: Colour) -> None:
    """Write one line on `image`, in place; what does not fit into the picture is cut off."""
    mask = _mask(text, size_px)
    x, y = round(left), round(top)
    rows = slice(max(y, 0), min(y + mask.shape[0], image.shape[0]))
    columns = slice(max(x, 0), min(x + mask.shape[1], image.shape[1]))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    window = image[rows, columns]
    ink = mask[rows.start - y : rows.stop - y, columns.start - x : columns.stop - x, None]
    full = np.array([*colour, 255][: image.shape[2]], np.float32)
    np.copyto(window, np.rint(window * (1 - ink) + full * ink), casting="unsafe")
