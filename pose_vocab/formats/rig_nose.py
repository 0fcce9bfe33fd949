"""The nose of a rig, ahead of its head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pose_vocab.formats.rig_motion import RigMotion
from pose_vocab.rig_body import find_body
from pose_vocab.rig_names import strip_common

UP, FORWARD = 0.1, 0.55
"""The nose is this far above and ahead of the base of the head, in lengths of the head."""
HEAD_TORSOS = 0.4
"""Length of a head, in torso lengths (shoulders to hips), of rigs that have no end of it."""
MIN_HEAD_TORSOS, MAX_HEAD_TORSOS = 0.3, 0.5
"""Ends of heads that make a shorter or longer head are placed elsewhere than at its top."""
MIN_UPRIGHT = 0.8
"""Cosine of the angle between spine and head, and between spine and legs, in a rest pose that stands."""


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
    _NosePlacement("Head", "Head_end", "LeftShoulder", "RightShoulder", up=UP, forward=FORWARD),
)


def with_nose(rig: RigMotion) -> RigMotion:
    """Return a rig with a last joint ``nose`` on its head; as it is if it has one, or if its head is unknown."""
    if "nose" in rig.names:
        return rig
    names = strip_common(rig.names)
    for placement in _NOSE_PLACEMENTS:
        if {placement.head, placement.size_to, placement.left, placement.right} <= set(names):
            rest = dict(zip(names, rig.rest, strict=True))
            return _with_joint(rig, "nose", names.index(placement.head), _known_offset(placement, rest))
    body = find_body(rig.names, rig.parents, rig.positions)
    if body is None or "head" not in body.joints:
        return rig
    return _with_joint(rig, "nose", body.joints["head"], _offset_by_body(rig, body.joints))


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


def _known_offset(placement: _NosePlacement, rest: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the nose in the head's own axes, (3,), on a known rig with offsets `rest`."""
    up = rest[placement.head]
    forward = np.cross(rest[placement.left] - rest[placement.right], up)
    size = np.linalg.norm(rest[placement.size_to])
    return np.asarray(size * (placement.up * _unit(up) + placement.forward * _unit(forward)))


def _offset_by_body(rig: RigMotion, joints: Mapping[str, int]) -> NDArray[np.float64]:
    """Return the nose in the head's own axes, (3,), by the size of the body and where it faces."""
    torso = _middle(rig.positions, joints, "shoulder") - _middle(rig.positions, joints, "hip")
    torso_length = float(np.median(np.linalg.norm(torso, axis=1)))
    head = joints["head"]
    lengths = [float(np.linalg.norm(rig.rest[at])) for at, parent in enumerate(rig.parents) if parent == head]
    lengths = [length for length in lengths if length > MIN_HEAD_TORSOS * torso_length]
    size = min(max(lengths, default=HEAD_TORSOS * torso_length), MAX_HEAD_TORSOS * torso_length)
    up, forward = _head_axes_at_rest(rig, joints) or _head_axes_in_motion(rig, joints)
    return np.asarray(size * (UP * up + FORWARD * forward))


Axes = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Up and forward, (3,) each, of length 1."""


def _head_axes_at_rest(rig: RigMotion, joints: Mapping[str, int]) -> Axes | None:
    """Return the head's own axes in the rest pose, or None if that pose does not stand upright."""
    rest = np.zeros_like(rig.rest)
    for at, parent in enumerate(rig.parents):
        rest[at] = rig.rest[at] + (rest[parent] if parent >= 0 else 0)
    hips, shoulders, feet = (_middle(rest[None], joints, part)[0] for part in ("hip", "shoulder", "ankle"))
    up = _unit(shoulders - hips)
    across = rest[joints["left_shoulder"]] - rest[joints["right_shoulder"]]
    stands = min(float(_unit(rest[joints["head"]] - hips) @ up), float(_unit(hips - feet) @ up)) > MIN_UPRIGHT
    if not stands or abs(float(_unit(across) @ up)) > 1 - MIN_UPRIGHT or not across.any():
        return None
    return up, _unit(np.cross(across, up))


def _head_axes_in_motion(rig: RigMotion, joints: Mapping[str, int]) -> Axes:
    """Return the head's own axes: those of the trunk, as the head sees them over the motion."""
    back = rig.rotations[joints["head"]].inv()
    up = _middle(rig.positions, joints, "shoulder") - _middle(rig.positions, joints, "hip")
    across = rig.positions[:, joints["left_shoulder"]] - rig.positions[:, joints["right_shoulder"]]
    mean_up = _unit(back.apply(up).mean(axis=0))
    return mean_up, _unit(np.cross(back.apply(across).mean(axis=0), mean_up))


def _middle(positions: NDArray[np.float64], joints: Mapping[str, int], part: str) -> NDArray[np.float64]:
    """Return the middle between left and right, (frames, 3)."""
    return (positions[:, joints[f"left_{part}"]] + positions[:, joints[f"right_{part}"]]) / 2


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a vector (3,) with length 1; a zero vector stays zero."""
    length = np.linalg.norm(vector)
    return vector / length if length > 0 else vector
