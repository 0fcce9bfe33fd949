"""Coordinates of a file as pixels or as metres in BopBot's axes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.body_axes import (
    MIN_BODIES,
    TO_Y_UP,
    Joints,
    body_joints,
    head_from_feet,
    is_mirrored,
    metres_per_unit,
    up_axis,
    upright_shares,
)
from pose_vocab.formats.interface import PoseInput
from pose_vocab.formats.parsed import Parsed, Space
from pose_vocab.formats.units import all_within_picture, are_normalized, median_body_size, to_pixels
from pose_vocab.joint_mapping import JointMapping

HIP_ORIGIN_TOLERANCE = 0.02
"""Hips whose middle is this close to the origin, in body sizes, are the origin of world landmarks."""
NEAR_HIPS = 0.25
"""The depth of a landmark in a picture is relative to the hips: theirs is smaller than this, in body sizes."""
FLAT = 1e-3
"""A third coordinate that varies less than this, in body sizes, is none."""
MIN_HEAD_DOWN_SHARE = 0.8
"""Share of the frames with heads below feet that shows a picture whose y points up."""
MAX_HEAD_DOWN_SHARE = 0.5
"""Up to this share of the frames dancers may stand on their heads."""


def to_bopbot_axes(
    points: NDArray[np.float64], parsed: Parsed, mapping: JointMapping | None, pose_input: PoseInput, path: Path
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return keypoints (rows, joints, 2) in pixels, y down, or (rows, joints, 3) in metres, y up; and notices.

    Parameters
    ----------
    points : (rows, joints, 2|3), NaN where a joint is missing.
    parsed : what the file states about them.
    mapping : how the dancer's joints follow from the file's, or None if they are unknown.
    pose_input : the picture's size, and the axis that points up, if the user stated them.
    path : the file, for messages.

    Raises
    ------
    PoseError : normalized coordinates of a picture of unknown size; the axis that points up cannot be told.
    """
    space = parsed.space
    if space is Space.PIXELS:
        return points[..., :2], ()
    joints = body_joints(points, parsed.skeleton, mapping)
    notices: tuple[str, ...] = ()
    if space is Space.LANDMARKS:
        space, points, notices = _space_of_landmarks(points, joints, pose_input, path)
    if space is Space.WORLD:
        keypoints, more = _to_metres(points, joints, parsed, pose_input, path)
    else:
        joints = {name: path_of[:, :2] for name, path_of in joints.items()}
        keypoints, more = _to_pixels(points[..., :2], joints, parsed, pose_input, path)
    return keypoints, more + notices


def _space_of_landmarks(
    points: NDArray[np.float64], joints: Joints, pose_input: PoseInput, path: Path
) -> tuple[Space, NDArray[np.float64], tuple[str, ...]]:
    """Return whether points (rows, joints, 2|3) lie in space or in a picture, the points, and notices.

    In a picture the third value is a depth without a unit, or a confidence, whose zeros are missing joints.
    """
    if points.shape[2] == 2:
        return Space.PICTURE, points, ()
    size = median_body_size(points[..., :2])
    if _are_hips_centred(joints, size):
        return Space.WORLD, points, (f"{path} has landmarks centred on the hips; read as world landmarks",)
    third = points[..., 2][np.isfinite(points[..., 2])]
    if not third.size or np.ptp(third) <= FLAT * size:
        return Space.PICTURE, points, ()
    if _stands_in_space(points, joints, third, size, pose_input):
        return Space.WORLD, points, (f"{path} has three coordinates; read as positions in space",)
    if _are_confidences(third):
        notices = (f"{path}: the third value of each joint is read as its confidence",)
        return Space.PICTURE, np.where(points[..., 2:] == 0, np.nan, points), notices
    return Space.PICTURE, points, (f"{path}: the third value of each joint is no coordinate in space; it is dropped",)


def _stands_in_space(
    points: NDArray[np.float64], joints: Joints, third: NDArray[np.float64], size: float, pose_input: PoseInput
) -> bool:
    """Return whether three values whose third varies are positions in space."""
    if pose_input.size_px is not None and all_within_picture(points[..., :2]):
        return False
    body = head_from_feet(joints)
    if body is None:
        return False
    shares = upright_shares(body)
    if max(shares, key=lambda axis: shares[axis]) != "-y":
        return True
    if _are_confidences(third):
        return False
    hips = joints["hips"][:, 2] if "hips" in joints else third
    return abs(float(np.nanmedian(hips))) >= NEAR_HIPS * size


def _are_hips_centred(joints: Joints, size: float) -> bool:
    """Return whether the middle of the hips is at the origin in most rows."""
    if "hips" not in joints:
        return False
    off = np.linalg.norm(joints["hips"], axis=1)
    seen = np.isfinite(off)
    return bool(seen.any() and np.median(off[seen]) < HIP_ORIGIN_TOLERANCE * size)


def _are_confidences(third: NDArray[np.float64]) -> bool:
    """Return whether the values lie in 0..1, unlike depths, which are relative to a point of the body."""
    return bool(third.min() >= 0 and 0 < third.max() <= 1)


def _to_metres(
    points: NDArray[np.float64], joints: Joints, parsed: Parsed, pose_input: PoseInput, path: Path
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return points in space (rows, joints, 3) in metres and BopBot's axes, and notices."""
    notices: tuple[str, ...] = ()
    up = pose_input.up or parsed.up or up_axis(head_from_feet(joints), parsed.expected_up, path)
    if pose_input.up is None and parsed.up is None and up != parsed.expected_up:
        notices += (f"{path}: {up} points up, judged by the people in it; turned to y (--up states another)",)
    if parsed.metres_per_unit is None:
        scale, more = metres_per_unit(points, joints, parsed.usual_units, path)
        notices += more
    else:
        scale = parsed.metres_per_unit
    turn = TO_Y_UP[up]
    keypoints: NDArray[np.float64] = points @ turn.T * scale
    stated = pose_input.up or parsed.up
    if stated is None and is_mirrored({name: one @ turn.T for name, one in joints.items()}):
        keypoints = keypoints * (1.0, 1.0, -1.0)
        notices += (f"{path}: noses and toes point backwards, so its axes are left-handed; z is negated",)
    return keypoints, notices


def _to_pixels(
    points: NDArray[np.float64], joints: Joints, parsed: Parsed, pose_input: PoseInput, path: Path
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return points in a picture (rows, joints, 2) in pixels, y down, and notices."""
    size_px = pose_input.size_px or parsed.size_px
    points, notices = _with_y_down(points, joints, parsed, pose_input, path)
    keypoints, more = to_pixels(points, size_px, path)
    return np.asarray(keypoints, np.float64), notices + more


def _with_y_down(
    points: NDArray[np.float64], joints: Joints, parsed: Parsed, pose_input: PoseInput, path: Path
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return points in a picture with y down, and notices."""
    up = pose_input.up or parsed.up
    if up not in (None, "y", "-y"):
        raise PoseError(f"{path} has poses in a picture, where {up} cannot point up; --up takes y or -y for it")
    notices: tuple[str, ...] = ()
    body = head_from_feet(joints)
    if up is None and body is not None and np.isfinite(body).all(axis=1).sum() >= MIN_BODIES:
        head_down = upright_shares(body)["y"]
        if head_down >= MIN_HEAD_DOWN_SHARE:
            up = "y"
            notices = (f"{path}: heads are below feet, so y points up; turned (--up -y keeps it)",)
        elif head_down > MAX_HEAD_DOWN_SHARE:
            raise PoseError(
                f"{path}: heads are below feet in {head_down:.0%} of the frames, so whether y points up cannot be "
                "told; name the axis that points up: --up y, or --up -y as in most pictures"
            )
    if up != "y":
        return points, ()
    size_px = pose_input.size_px or parsed.size_px
    reach = float(np.nanmax(points[..., 1]) + np.nanmin(points[..., 1]))  # keeps it where it is
    height = 1.0 if are_normalized(points) else reach if size_px is None else float(size_px[1])
    return np.stack([points[..., 0], height - points[..., 1]], axis=-1), notices
