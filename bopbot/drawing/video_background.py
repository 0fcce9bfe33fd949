"""A video's pictures at another size, to draw on."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from pose_vocab.video import read_frames
from render.shapes import Image


def filmed(video: Path, fps: float, size_px: tuple[int, int]) -> Iterator[Image]:
    """The pictures, (height, width, 3), of a video at a width and height.

    Raises
    ------
    VideoError : it cannot be read.
    """
    for picture in read_frames(video, fps):
        how = cv2.INTER_AREA if size_px[0] < picture.shape[1] else cv2.INTER_LINEAR
        yield np.asarray(cv2.resize(picture, size_px, interpolation=how), np.uint8)
