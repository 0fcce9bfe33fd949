"""Detection of cuts: the image changes abruptly, however fast the people in it move."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

THUMBNAIL_PX = 32
"""Width and height of the grey thumbnails that are compared."""
SAMPLES = 3
"""About this many pixels, across and down, are averaged for one pixel of a thumbnail."""
MAX_CUT_CORRELATION = 0.5
"""Frames before and after a cut correlate less than this; in a fast dance neighbours stay above 0.65."""
COMPARED_FRAMES = 3
"""This many frames before are compared with as many after: a flash is over by then, a cut is not."""


def thumbnail(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a frame, uint8 (height, width, 3) RGB, as a small grey image, uint8 (32, 32)."""
    import cv2

    # Green is close to grey, and a sample is enough: reading all pixels would take a tenth of MediaPipe's time.
    down, across = (max(1, side // (SAMPLES * THUMBNAIL_PX)) for side in frame.shape[:2])
    samples = np.ascontiguousarray(frame[::down, ::across, 1])
    return np.asarray(cv2.resize(samples, (THUMBNAIL_PX, THUMBNAIL_PX), interpolation=cv2.INTER_AREA), np.uint8)


def find_cuts(thumbnails: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which of the frames, (frames, height, width), are the first after a cut, (frames,).

    Correlation does not depend on brightness and contrast, so flickering lights are no cuts.
    """
    n = len(thumbnails)
    images = thumbnails.reshape(n, -1).astype(np.float32)
    images -= images.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(images, axis=1, keepdims=True)
    # A uniform image correlates with nothing except another uniform image.
    images = np.where(norms > 0, images / np.maximum(norms, 1), 1 / np.sqrt(images.shape[1]))
    correlation = np.full(n, 1.0)
    correlation[1:] = -1
    for before in range(1, COMPARED_FRAMES + 1):
        for after in range(COMPARED_FRAMES):
            apart = before + after
            if apart < n:
                correlations = (images[:-apart] * images[apart:]).sum(axis=1)
                # Frame i lies `before` frames before the cut at i + before.
                cut_range = slice(before, n - after)
                correlation[cut_range] = np.maximum(correlation[cut_range], correlations)
    return np.asarray(correlation < MAX_CUT_CORRELATION)
