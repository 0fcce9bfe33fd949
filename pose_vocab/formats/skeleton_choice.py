"""The skeleton of points that only have numbers: by their count, and by their geometry where a count is shared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import BODY_25, BODY_25B, COCO_17, COCO_23, H36M_17, HALPE_26, MEDIAPIPE, Skeleton

HOLISTIC = (501, 543)
"""Numbers of landmarks of MediaPipe's body, which come first, with a face, and with a face and hands."""
BY_COUNT: dict[int, tuple[Skeleton, ...]] = {
    17: (COCO_17, H36M_17),
    23: (COCO_23,),
    25: (BODY_25, BODY_25B),
    26: (HALPE_26,),
    33: (MEDIAPIPE,),
    133: (COCO_23,),
    136: (HALPE_26,),
} | dict.fromkeys(HOLISTIC, (MEDIAPIPE,))
"""Skeletons by the number of points of a person, the usual one first; points beyond the body are face and hands."""
MAX_SHARE = 0.75
"""How much shorter the bones must be than with the usual skeleton."""
MAX_ROWS = 500
"""Rows that are looked at."""


def skeleton_by_geometry(
    points: NDArray[np.floating[Any]], candidates: Sequence[Skeleton], path: Path
) -> tuple[Skeleton, tuple[str, ...]]:
    """Return the skeleton whose bones are shortest, and a notice if it is not the first.

    Points in another order than the skeleton's make bones that run across the body.

    Parameters
    ----------
    points : (rows, joints, 2|3), not found ones NaN or at the origin.
    candidates : skeletons of as many joints, the usual one first.
    path : the file, for messages.
    """
    usual = candidates[0]
    if len(candidates) == 1:
        return usual, ()
    shown = points[:: max(1, len(points) // MAX_ROWS)]
    shown = np.where((shown == 0).all(axis=2, keepdims=True), np.nan, shown)
    lengths = {skeleton.name: _mean_bone_length(shown, skeleton) for skeleton in candidates}
    best = min(candidates, key=lambda skeleton: lengths[skeleton.name])
    if not lengths[best.name] < MAX_SHARE * lengths[usual.name]:
        return usual, ()
    return best, (f"{path} has {usual.n_joints} points, which only make a body if they are those of {best.name}",)


def _mean_bone_length(points: NDArray[np.floating[Any]], skeleton: Skeleton) -> float:
    """Return the mean length of the bones, the median over the rows of each; infinite if none is seen."""
    bones = np.array(skeleton.bones)
    lengths = np.linalg.norm(points[:, bones[:, 0]] - points[:, bones[:, 1]], axis=2)
    seen = np.isfinite(lengths).any(axis=0)
    return float(np.nanmedian(lengths[:, seen], axis=0).mean()) if seen.any() else np.inf
