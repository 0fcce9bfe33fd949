"""Pictures as FFmpeg frames: RGB, or YUV with 4:2:0 chroma (ITU-R BT.709, limited range)."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from render.outputs.output import Picture

KR, KB = 0.2126, 0.0722
"""Weights of red and of blue in luma (BT.709, 3.2)."""
Y_SPAN, C_SPAN = 219, 224
"""The limited range out of 255: Y from 16, Cb and Cr around 128 (BT.709, 4.6)."""


def rgb_frame(picture: Picture, pts: int, time_base: Fraction) -> VideoFrame:
    """Return the picture as rgb24 or rgba, without a copy."""
    frame = VideoFrame.from_numpy_buffer(picture, "rgba" if picture.shape[2] == 4 else "rgb24")
    frame.pts, frame.time_base = pts, time_base
    return frame


def yuv_frame(picture: Picture, pts: int, time_base: Fraction) -> VideoFrame:
    """Return the picture as yuv420p, or as yuva420p if it has alpha; an odd size is made even by repeating the edge.

    OpenCV needs half the time of FFmpeg's scaler.
    """
    bottom, right = picture.shape[0] % 2, picture.shape[1] % 2
    if bottom or right:
        picture = np.asarray(cv2.copyMakeBorder(picture, 0, bottom, 0, right, cv2.BORDER_REPLICATE), np.uint8)
    height, width, channels = picture.shape
    has_alpha = channels == 4
    yuv = cv2.transform(cv2.cvtColor(picture, cv2.COLOR_RGBA2RGB) if has_alpha else picture, _RGB_TO_YUV)
    halved = cv2.resize(yuv, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    frame = VideoFrame(width, height, "yuva420p" if has_alpha else "yuv420p")
    frame.pts, frame.time_base = pts, time_base
    planes = [
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
        for plane in frame.planes
    ]
    for plane, (source, channel) in zip(planes, ((yuv, 0), (halved, 1), (halved, 2), (picture, 3)), strict=False):
        cv2.extractChannel(source, channel, plane)
    return frame


def _bt709() -> NDArray[np.float32]:
    """Return the matrix (3, 4) from (red, green, blue, 1), in 0..255, to Y, Cb, Cr."""
    y = np.array([KR, 1 - KR - KB, KB])
    cb, cr = (np.array([0, 0, 1]) - y) / (2 * (1 - KB)), (np.array([1, 0, 0]) - y) / (2 * (1 - KR))
    return np.column_stack([np.stack([y * Y_SPAN, cb * C_SPAN, cr * C_SPAN]) / 255, [16, 128, 128]]).astype(np.float32)


_RGB_TO_YUV = _bt709()
