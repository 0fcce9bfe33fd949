"""A single picture to a file."""

from pathlib import Path

import cv2

from pose_vocab.errors import OutputError
from pose_vocab.files import write_beside
from render.shapes import Image


def write_picture(picture: Image, path: str | Path) -> None:
    """Write a picture, uint8 (H, W, 3) RGB, as PNG.

    Raises
    ------
    OutputError : the file cannot be written, or its suffix is not ``.png``.
    """
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise OutputError(f"cannot write {path}: a picture is written as .png, not as {path.suffix!r}")
    _, encoded = cv2.imencode(".png", picture[..., ::-1])
    with write_beside(path) as beside:
        beside.write_bytes(encoded.tobytes())
