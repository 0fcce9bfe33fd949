"""The pictures of a video at another size, to draw on."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from pose_vocab.video import read_frames
from render.shapes import Image


def filmed(video: Path, fps: float, size_px: tuple[int, int], begin_s: float = 0.0) -> Iterator[Image]:
    """Yield the pictures, (height, width, 3), of a video from `begin_s` on, scaled to (width, height).

    Raises
    ------
    VideoError : it cannot be read.
    """
    for picture in read_frames(video, fps, begin_s):
        how = cv2.INTER_AREA if size_px[0] < picture.shape[1] else cv2.INTER_LINEAR
        yield np.asarray(cv2.resize(picture, size_px, interpolation=how), np.uint8)
