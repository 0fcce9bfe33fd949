"""Points that were not found: the values by which programs mark them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pose_vocab.formats.parsed import Parsed, Space

MARKS = (0.0, -1.0)
"""Values of all coordinates of a point that was not found."""


def points_and_confidence(parsed: Parsed) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the points (rows, joints, 2|3), NaN where they are missing, and their confidence (rows, joints).

    A point is missing if it has a coordinate that is NaN or confidence 0, and, except in rigs, if all its
    coordinates are 0 or all are -1. Of points in a picture only x and y count.
    """
    points = np.array(parsed.points, np.float64)
    confidence = np.ones(points.shape[:2]) if parsed.confidence is None else np.nan_to_num(parsed.confidence)
    # The third value of a point in a picture may be missing as a whole.
    placed = points if parsed.space is Space.WORLD else points[..., :2]
    missing = np.isnan(placed).any(axis=2) | ~(confidence > 0)
    if parsed.has_missing:
        for mark in MARKS:
            missing |= (placed == mark).all(axis=2)
    points[missing] = np.nan
    return points, np.where(missing, 0.0, confidence)
