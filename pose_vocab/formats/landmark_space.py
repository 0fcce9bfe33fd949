"""What coordinates of landmarks are that do not say it: pixels, shares of the picture, or metres."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.formats.units import are_shares, in_pixels, turned
from pose_vocab.skeletons import Skeleton

HIPS_AT_ORIGIN_M = 0.02
"""MediaPipe's world landmarks are counted from the middle of the hips, to within this."""


def placed(
    points: NDArray[np.float64], skeleton: Skeleton, size_px: tuple[int, int] | None, path: Path
) -> tuple[NDArray[np.floating[Any]], tuple[str, ...]]:
    """Our keypoints (rows, joints, 2|3) of MediaPipe's points (rows, joints, 3), and what to say about them.

    Small numbers with the hips always at the origin are world landmarks, in metres; other small
    numbers are shares of the picture. Of landmarks in the picture z is left out: nobody knows its unit.

    Raises
    ------
    PoseError : they are shares of a picture whose size nobody knows.
    """
    if _around_hips(points, skeleton):
        return turned(points), (f"{path} holds landmarks around the hips, taken for world landmarks in metres",)
    return in_pixels(points[..., :2], size_px, path)


def _around_hips(points: NDArray[np.float64], skeleton: Skeleton) -> bool:
    if not {"left_hip", "right_hip"} <= set(skeleton.joint_names) or not are_shares(points[..., :2]):
        return False
    hips = points[:, [skeleton.index("left_hip"), skeleton.index("right_hip")]].mean(axis=1)
    off = np.linalg.norm(hips, axis=1)
    seen = ~np.isnan(off)
    return bool(seen.any() and np.median(off[seen]) < HIPS_AT_ORIGIN_M)
