"""Where a video was cut: the picture turns into another one, however fast people move in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

THUMBNAIL_PX = 32
"""Width and height of the small grey pictures that are compared."""
SAMPLES = 3
"""About so many pixels across and down go into one of a thumbnail."""
MAX_CUT_CORRELATION = 0.5
"""Pictures before and after a cut correlate less than this; in a fast dance neighbours stay above 0.65."""
COMPARED_FRAMES = 3
"""So many pictures before are compared with so many after: a flash is over by then, a cut is not."""


def thumbnail(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture, uint8 (height, width, 3) RGB, made small and grey: uint8 (32, 32)."""
    import cv2

    # Green is nearly grey, and a few of its pixels are enough: reading all would cost as much as a tenth of MediaPipe.
    down, across = (max(1, side // (SAMPLES * THUMBNAIL_PX)) for side in frame.shape[:2])
    samples = np.ascontiguousarray(frame[::down, ::across, 1])
    return np.asarray(cv2.resize(samples, (THUMBNAIL_PX, THUMBNAIL_PX), interpolation=cv2.INTER_AREA), np.uint8)


def find_cuts(thumbnails: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which of the pictures, (frames, height, width), are the first after a cut: (frames,).

    Correlation is blind to brightness and contrast, so lights may flicker.
    """
    n = len(thumbnails)
    pictures = thumbnails.reshape(n, -1).astype(np.float32)
    pictures -= pictures.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(pictures, axis=1, keepdims=True)
    # A picture of one grey is like no other, but for one that is of one grey too.
    pictures = np.where(lengths > 0, pictures / np.maximum(lengths, 1), 1 / np.sqrt(pictures.shape[1]))
    likeness = np.full(n, 1.0)
    likeness[1:] = -1
    for before in range(1, COMPARED_FRAMES + 1):
        for after in range(COMPARED_FRAMES):
            apart = before + after
            if apart < n:
                alike = (pictures[:-apart] * pictures[apart:]).sum(axis=1)
                # The picture at i is `before` pictures before the cut at i + before.
                at = slice(before, n - after)
                likeness[at] = np.maximum(likeness[at], alike)
    return np.asarray(likeness < MAX_CUT_CORRELATION)
