"""What coordinates of landmarks are that do not say it: pixels, shares of the picture, or metres."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.units import all_within_picture, flip_camera_axes, look_normalized, to_pixels
from pose_vocab.skeletons import Skeleton

HIP_ORIGIN_TOLERANCE_M = 0.02
"""MediaPipe's world landmarks are counted from the middle of the hips, to within this."""


def interpret_landmarks(
    points: NDArray[np.float64], skeleton: Skeleton, size_px: tuple[int, int] | None, path: Path
) -> tuple[NDArray[np.floating[Any]], tuple[str, ...]]:
    """Our keypoints (rows, joints, 2|3) of MediaPipe's points (rows, joints, 3), and what to say about them.

    Small numbers with the hips always at the origin are world landmarks, in metres; other small
    numbers are shares of the picture. Of landmarks in the picture z is left out: nobody knows its unit.

    Raises
    ------
    PoseError : they are shares of a picture whose size nobody knows.
    """
    if _is_hip_centred(points, skeleton):
        return flip_camera_axes(points), (
            f"{path} holds landmarks around the hips, taken for world landmarks in metres",
        )
    return to_pixels(points[..., :2], size_px, path)


def interpret_3d(
    points: NDArray[np.float64], skeleton: Skeleton, size_px: tuple[int, int] | None, path: Path
) -> tuple[NDArray[np.floating[Any]], tuple[str, ...]]:
    """Our keypoints (rows, joints, 2|3) of points (rows, joints, 3) in metres, y up; and what to say about them.

    Programs also save three numbers that are none: shares of the picture, y down, with a depth or a
    confidence. They are taken for shares where the picture's size is told; of the third number only that
    a joint without confidence is missing.

    Raises
    ------
    PoseError : as metres, y up, people stand on their heads.
    """
    in_picture, third = points[..., :2], points[..., 2:]
    upside_down = _is_upside_down(points, skeleton)
    shares = look_normalized(in_picture) and not _is_hip_centred(points, skeleton)
    if size_px is not None and (all_within_picture(in_picture) or (upside_down and shares)):
        confident = (third > 0) | np.isnan(third) | (not _are_confidences(third))
        keypoints, more_notices = to_pixels(np.where(confident, in_picture, np.nan), size_px, path)
        return keypoints, (*more_notices, f"{path}: the third number of each joint is left out, as it is no share")
    if upside_down:
        hint = "if x and y are shares of a picture, say its size, as in --source-size 1280x720; " if shares else ""
        raise PoseError(
            f"{path}: three coordinates are metres, y up, but read so heads are below feet; {hint}"
            "if they are metres, y down, save y and z with the other sign"
        )
    return points, (f"{path} holds three coordinates, taken as metres, y up",)


def _are_confidences(third: NDArray[np.float64]) -> bool:
    """Whether they lie in 0..1, unlike depths, which are counted from a point of the body."""
    present = third[~np.isnan(third)]
    return bool(present.size and present.min() >= 0 and 0 < present.max() <= 1)


def _is_upside_down(points: NDArray[np.float64], skeleton: Skeleton) -> bool:
    """Whether the nose or neck is mostly below the ankles, or below the hips where no ankle is seen, y up."""
    names = skeleton.joint_names
    head = points[:, names.index("nose" if "nose" in names else "neck"), 1]
    for part in ("ankle", "hip"):
        above = head - points[:, [names.index(f"{side}_{part}") for side in ("left", "right")], 1].mean(axis=1)
        above = above[~np.isnan(above)]
        if above.size:
            return bool(np.median(above) < 0)
    return False


def _is_hip_centred(points: NDArray[np.float64], skeleton: Skeleton) -> bool:
    if not {"left_hip", "right_hip"} <= set(skeleton.joint_names) or not look_normalized(points[..., :2]):
        return False
    hips = points[:, [skeleton.index("left_hip"), skeleton.index("right_hip")]].mean(axis=1)
    off = np.linalg.norm(hips, axis=1)
    seen = ~np.isnan(off)
    return bool(seen.any() and np.median(off[seen]) < HIP_ORIGIN_TOLERANCE_M)
