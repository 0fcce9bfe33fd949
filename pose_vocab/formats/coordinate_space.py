"""Interpretation of coordinates without a unit: pixels, normalized coordinates, or metres."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.units import all_within_picture, are_normalized, flip_camera_axes, to_pixels
from pose_vocab.skeletons import Skeleton

HIP_ORIGIN_TOLERANCE_M = 0.02
"""MediaPipe's world landmarks have the middle of the hips at the origin, to within this distance."""


def interpret_landmarks(
    points: NDArray[np.float64], skeleton: Skeleton, size_px: tuple[int, int] | None, path: Path
) -> tuple[NDArray[np.floating[Any]], tuple[str, ...]]:
    """Return keypoints (rows, joints, 2|3) from MediaPipe's points (rows, joints, 3), and notices.

    Small values with the hips always at the origin are world landmarks in metres; other small values are
    normalized coordinates. z of landmarks in the picture is dropped, because it has no known unit.

    Raises
    ------
    PoseError : normalized coordinates, and the picture's size is unknown.
    """
    if _is_hip_centred(points, skeleton):
        return flip_camera_axes(points), (
            f"{path} has landmarks centred on the hips; read as world landmarks in metres",
        )
    return to_pixels(points[..., :2], size_px, path)


def interpret_3d(
    points: NDArray[np.float64], skeleton: Skeleton, size_px: tuple[int, int] | None, path: Path
) -> tuple[NDArray[np.floating[Any]], tuple[str, ...]]:
    """Return keypoints (rows, joints, 2|3) from points (rows, joints, 3) meant as metres, y up; and notices.

    Some programs save three values that are not 3D: normalized coordinates, y down, with a depth or a
    confidence. They are read as normalized if the picture's size is given; then the third value only tells
    whether a joint is missing, and only if it is a confidence.

    Raises
    ------
    PoseError : read as metres, y up, people are upside down.
    """
    in_picture, third = points[..., :2], points[..., 2:]
    upside_down = _is_upside_down(points, skeleton)
    normalized = are_normalized(in_picture) and not _is_hip_centred(points, skeleton)
    if size_px is not None and (all_within_picture(in_picture) or (upside_down and normalized)):
        confident = (third > 0) | np.isnan(third) | (not _are_confidences(third))
        keypoints, more_notices = to_pixels(np.where(confident, in_picture, np.nan), size_px, path)
        return keypoints, (
            *more_notices,
            f"{path}: the third value of each joint is dropped, as it is not a coordinate",
        )
    if upside_down:
        hint = (
            "if x and y are normalized to the picture, give its size, e.g. --source-size 1280x720; "
            if normalized
            else ""
        )
        raise PoseError(
            f"{path}: three coordinates are read as metres, y up, but then heads are below feet; {hint}"
            "if they are metres, y down, negate y and z"
        )
    return points, (f"{path} has three coordinates; read as metres, y up",)


def _are_confidences(third: NDArray[np.float64]) -> bool:
    """Return whether the values lie in 0..1, unlike depths, which are relative to a point of the body."""
    present = third[~np.isnan(third)]
    return bool(present.size and present.min() >= 0 and 0 < present.max() <= 1)


def _is_upside_down(points: NDArray[np.float64], skeleton: Skeleton) -> bool:
    """Return whether, with y up, the nose or neck is mostly below the ankles, or the hips if no ankle is seen."""
    names = skeleton.joint_names
    head = points[:, names.index("nose" if "nose" in names else "neck"), 1]
    for part in ("ankle", "hip"):
        above = head - points[:, [names.index(f"{side}_{part}") for side in ("left", "right")], 1].mean(axis=1)
        above = above[~np.isnan(above)]
        if above.size:
            return bool(np.median(above) < 0)
    return False


def _is_hip_centred(points: NDArray[np.float64], skeleton: Skeleton) -> bool:
    """Return whether the middle of the hips is always near the origin."""
    if not {"left_hip", "right_hip"} <= set(skeleton.joint_names) or not are_normalized(points[..., :2]):
        return False
    hips = points[:, [skeleton.index("left_hip"), skeleton.index("right_hip")]].mean(axis=1)
    off = np.linalg.norm(hips, axis=1)
    seen = ~np.isnan(off)
    return bool(seen.any() and np.median(off[seen]) < HIP_ORIGIN_TOLERANCE_M)
