"""Write a single picture to a PNG file."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import OutputError
from pose_vocab.files import write_beside


def write_png(picture: NDArray[np.uint8], path: str | Path) -> None:
    """Write a picture, uint8 (H, W, 3) RGB or (H, W, 4) with alpha, as PNG.

    Raises
    ------
    OutputError : the file cannot be written, or its suffix is not ``.png``.
    """
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise OutputError(f"cannot write {path}: a picture is a .png file, not {path.suffix!r}")
    encoded = encode_png(picture)
    with write_beside(path) as beside:
        beside.write_bytes(encoded)


def encode_png(picture: NDArray[np.uint8]) -> bytes:
    """Return a picture, uint8 (H, W, 3) RGB or (H, W, 4) with alpha, as the bytes of a PNG file."""
    order = cv2.COLOR_RGBA2BGRA if picture.shape[2] == 4 else cv2.COLOR_RGB2BGR
    return cv2.imencode(".png", cv2.cvtColor(picture, order))[1].tobytes()
