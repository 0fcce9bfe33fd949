"""The nose of a rig, ahead of its head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pose_vocab.formats.rig_motion import RigMotion
from pose_vocab.rig_body import find_body
from pose_vocab.rig_names import strip_common

FACE_TORSOS = 0.44
"""Distance of the nose from between the shoulders, in torso lengths, of dancers in motion capture; it is as far
ahead as above."""
MIN_UPRIGHT = 0.8
"""Cosine of the angle between spine and head, and between spine and legs, in a rest pose that stands."""

MIN_NOSE_COSINE, MAX_NOSE_RATIO = 0.5, 4.0
"""How far the nose of a known rig may be from where the body faces, in direction and in length."""


@dataclass(frozen=True)
class _NosePlacement:
    """Position of the nose on a known rig: `up` and `forward` of the head joint, in lengths from it to `size_to`.

    The head's own axes follow from the rest skeleton: up from the neck to the head, left from the `right`
    to the `left` joint, forward perpendicular to both.
    """

    head: str
    size_to: str
    left: str
    right: str
    up: float
    forward: float


_NOSE_PLACEMENTS = (
    _NosePlacement("head", "leftEye", "lCollar", "rCollar", up=0.35, forward=0.95),
    _NosePlacement("Head", "Head_end", "LeftShoulder", "RightShoulder", up=0.1, forward=0.55),
)


def with_nose(rig: RigMotion) -> RigMotion:
    """Return a rig with a last joint ``nose`` on its head; as it is if it has one, or if its head is unknown."""
    if "nose" in rig.names:
        return rig
    body = find_body(rig.names, rig.parents, rig.positions)
    by_body = None if body is None or "head" not in body else _offset_by_body(rig, body)
    names = strip_common(rig.names)
    for placement in _NOSE_PLACEMENTS:
        if {placement.head, placement.size_to, placement.left, placement.right} <= set(names):
            known = _known_offset(placement, dict(zip(names, rig.rest, strict=True)))
            if known is not None and (by_body is None or _agree(known, by_body)):
                return _with_joint(rig, "nose", names.index(placement.head), known)
    if body is None or by_body is None:
        return rig
    return _with_joint(rig, "nose", body["head"], by_body)


def _agree(known: NDArray[np.float64], by_body: NDArray[np.float64]) -> bool:
    """Return whether a nose on a known rig is where a body may have it: such a rig may have zero offsets or axes of
    its own for each joint.
    """
    lengths = float(np.linalg.norm(known)), float(np.linalg.norm(by_body))
    alike = lengths[1] < MAX_NOSE_RATIO * lengths[0] and lengths[0] < MAX_NOSE_RATIO * lengths[1]
    return alike and float(_unit(known) @ _unit(by_body)) > MIN_NOSE_COSINE


def _with_joint(rig: RigMotion, name: str, parent: int, offset: NDArray[np.float64]) -> RigMotion:
    """Return the rig with one more joint, at `offset` (3,) in the axes of its parent."""
    positions = rig.positions[:, parent] + rig.rotations[parent].apply(offset)
    return replace(
        rig,
        names=[*rig.names, name],
        parents=[*rig.parents, parent],
        rest=np.concatenate([rig.rest, offset[None]]),
        positions=np.concatenate([rig.positions, positions[:, None]], axis=1),
        rotations=[*rig.rotations, rig.rotations[parent]],
    )


def _known_offset(placement: _NosePlacement, rest: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64] | None:
    """Return the nose in the head's own axes, (3,), on a known rig with offsets `rest`; None if these show no front."""
    up = rest[placement.head]
    forward = np.cross(rest[placement.left] - rest[placement.right], up)
    if not forward.any():
        return None
    size = np.linalg.norm(rest[placement.size_to])
    return np.asarray(size * (placement.up * _unit(up) + placement.forward * _unit(forward)))


def _offset_by_body(rig: RigMotion, joints: Mapping[str, int]) -> NDArray[np.float64]:
    """Return the nose in the head's own axes, (3,), by the size of the body and where it faces.

    The axes of the head are those of the rest pose if that stands upright; else they are those of the trunk, as the
    head sees them over the motion.
    """
    rest = _rest_pose(rig)
    if _stands(rest[0], joints):
        positions, into_head = rest, Rotation.identity(1)
    else:
        positions, into_head = rig.positions, rig.rotations[joints["head"]].inv()
    shoulders = _middle(positions, joints, "shoulder")
    up = shoulders - _middle(positions, joints, "hip")
    across = positions[:, joints["left_shoulder"]] - positions[:, joints["right_shoulder"]]
    mean_up, mean_across, from_head = (
        into_head.apply(vectors).mean(axis=0) for vectors in (up, across, shoulders - positions[:, joints["head"]])
    )
    forward = np.cross(mean_across, mean_up) * _handedness(positions, joints, np.cross(across, up))
    towards = _unit(_unit(mean_up) + _unit(forward))
    torso = float(np.median(np.linalg.norm(up, axis=1)))
    return np.asarray(from_head + FACE_TORSOS * torso * towards)


def _handedness(positions: NDArray[np.float64], joints: Mapping[str, int], ahead: NDArray[np.float64]) -> float:
    """Return 1, or -1 if the toes point against `ahead`, (frames, 3): then the axes of the file are left-handed."""
    sides = [side for side in ("left", "right") if f"{side}_toe" in joints]
    toes = [positions[:, joints[f"{side}_toe"]] - positions[:, joints[f"{side}_ankle"]] for side in sides]
    return -1.0 if toes and float(np.median(sum((toe * ahead).sum(axis=1) for toe in toes))) < 0 else 1.0


def _rest_pose(rig: RigMotion) -> NDArray[np.float64]:
    """Return the joints without any rotation, (1, joints, 3)."""
    rest = np.zeros_like(rig.rest)
    for at, parent in enumerate(rig.parents):
        rest[at] = rig.rest[at] + (rest[parent] if parent >= 0 else 0)
    return rest[None]


def _stands(rest: NDArray[np.float64], joints: Mapping[str, int]) -> bool:
    """Return whether in a pose (joints, 3) the head is above the trunk, the feet are below, the shoulders across."""
    hips, shoulders, feet = (_middle(rest[None], joints, part)[0] for part in ("hip", "shoulder", "ankle"))
    up = _unit(shoulders - hips)
    across = _unit(rest[joints["left_shoulder"]] - rest[joints["right_shoulder"]])
    upright = min(float(_unit(rest[joints["head"]] - hips) @ up), float(_unit(hips - feet) @ up))
    return upright > MIN_UPRIGHT and bool(across.any()) and abs(float(across @ up)) < 1 - MIN_UPRIGHT


def _middle(positions: NDArray[np.float64], joints: Mapping[str, int], part: str) -> NDArray[np.float64]:
    """Return the middle between left and right, (frames, 3)."""
    return (positions[:, joints[f"left_{part}"]] + positions[:, joints[f"right_{part}"]]) / 2


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a vector (3,) with length 1; a zero vector stays zero."""
    length = np.linalg.norm(vector)
    return vector / length if length > 0 else vector
