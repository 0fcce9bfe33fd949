"""Inverse kinematics: the joint rotations that point a rig's bones at a dancer's joints.

Each bone is aimed in turn, from the hips outwards, as with "look-at" constraints. This leaves open how
limbs twist about their length: knees and elbows are hinges, so the plane of a bent limb determines it. The
plane of a straight limb is unknown and is taken from the frames around it.

Rotations are matrices (frames, 3, 3) from the axes of the rest pose (x to the dancer's left, y up, z
forward) to the world's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from pose_vocab.formats.humanoid.rig import NOSE, RigJoint

Vectors = NDArray[np.float64]
"""(frames, 3)."""
Vector = NDArray[np.float64]
"""(3,)."""
Rotations = NDArray[np.float64]
"""(frames, 3, 3)."""

SMOOTHING_S = 0.15
"""The plane of a straight limb is averaged over this time before and after (standard deviation)."""
STRAIGHT_SINE = 0.15
"""Sine of the bend above which a limb's own plane outweighs that of the frames around it."""
REST_HINGE_WEIGHT = 0.01
"""Weight of the plane of the limb at rest, relative to the sine of the bends around."""
LEVEL_HEAD_WEIGHT = 0.25
"""Weight of a level head against the nose's direction: a nose exactly above or below gives no direction."""


def solve_rotations(joints: Sequence[RigJoint], at: Mapping[str, Vectors], fps: float) -> dict[str, Rotations]:
    """Return the rotation of each of the joints of a `rig.build_rest_rig`, by name.

    Parameters
    ----------
    joints : the rig at rest.
    at : `rig.joint_paths` of the dancer, nothing missing; without nose or toes the head and feet stay as at
        rest.
    fps : frames per second.
    """
    rest = {joint.name: joint.offset for joint in joints}
    rotations: dict[str, Rotations] = {}
    hips_left, shoulders_left = at["left_hip"] - at["right_hip"], at["left_shoulder"] - at["right_shoulder"]
    rotations["Hips"] = _axes_from_left(x=hips_left, y=at["neck"] - at["hips"])
    spine = at["hips"] + _rotate(rotations["Hips"], rest["Spine"])
    up = _unit(at["neck"] - spine)
    rotations["Spine"] = _axes_from_up(up, _unit(hips_left) + _unit(shoulders_left))
    rotations["Chest"] = _axes_from_up(up, shoulders_left)
    chest = spine + _rotate(rotations["Spine"], rest["Chest"])
    neck = chest + _rotate(rotations["Chest"], rest["Neck"])
    if "nose" in at:
        rotations["Neck"] = _facing(rotations["Chest"], _unit(at["nose"] - neck))
    for side, out in (("left", 1.0), ("right", -1.0)):
        title = side.title()
        collar = chest + _rotate(rotations["Chest"], rest[f"{title}Shoulder"])
        rotations[f"{title}Shoulder"] = _aim_at(
            rotations["Chest"], rest[f"{title}Arm"], at[f"{side}_shoulder"] - collar
        )
        begin = collar + _rotate(rotations[f"{title}Shoulder"], rest[f"{title}Arm"])
        upper, lower = _limb(
            begin, at[f"{side}_elbow"], at[f"{side}_wrist"], rotations[f"{title}Shoulder"],
            rest[f"{title}ForeArm"], hinge=np.array([0, -out, 0]), fps=fps,
        )  # fmt: skip
        rotations[f"{title}Arm"], rotations[f"{title}ForeArm"] = upper, lower
        begin = at["hips"] + _rotate(rotations["Hips"], rest[f"{title}UpLeg"])
        upper, lower = _limb(
            begin, at[f"{side}_knee"], at[f"{side}_ankle"], rotations["Hips"],
            rest[f"{title}Leg"], hinge=np.array([1.0, 0, 0]), fps=fps,
        )  # fmt: skip
        rotations[f"{title}UpLeg"], rotations[f"{title}Leg"] = upper, lower
        if f"{side}_toe" in at:
            ankle = begin + _rotate(upper, rest[f"{title}Leg"]) + _rotate(lower, rest[f"{title}Foot"])
            rotations[f"{title}Foot"] = _aim_at(lower, rest[f"{title}Toe"], at[f"{side}_toe"] - ankle)
    for joint in joints:
        if joint.name not in rotations:
            rotations[joint.name] = rotations[joints[joint.parent].name]
    return rotations


def _limb(
    begin: Vectors, middle: Vectors, end: Vectors, parent: Rotations, bone: Vector,
    *, hinge: Vector, fps: float,
) -> tuple[Rotations, Rotations]:  # fmt: skip
    """Return the rotations of the two bones of an arm or a leg.

    Parameters
    ----------
    begin, middle, end : where it begins on the rig, and the targets of its other joints.
    parent : the rotation of the parent joint.
    bone : (3,) the upper bone at rest; the lower one continues in its direction.
    hinge : (3,) the axis about which the lower bone bends at rest, perpendicular to `bone`.
    fps : frames per second.
    """
    upper = _unit(middle - begin)
    lower = _unit(end - begin - upper * np.linalg.norm(bone))
    hanging = _rotate(parent, bone / np.linalg.norm(bone))
    at_rest = _rotate(_shortest_rotation(hanging, upper) @ parent, hinge)
    # A limb that points opposite to its rest direction leaves its twist undetermined.
    at_rest = at_rest * REST_HINGE_WEIGHT * (1 + (hanging * upper).sum(axis=1, keepdims=True)) / 2
    bends = np.cross(upper, lower)
    first = _transported_perpendicular(upper)
    second = np.cross(upper, first)
    flat = np.stack([((bends + at_rest) * axis).sum(axis=1) for axis in (first, second)], axis=1)
    around = gaussian_filter1d(flat, SMOOTHING_S * fps, axis=0, mode="nearest")
    around = _unit(around[:, :1] * first + around[:, 1:] * second)
    axis = _unit(_perpendicular(bends + STRAIGHT_SINE * around, upper))
    bone = bone / np.linalg.norm(bone)
    return _rotation_between(upper, axis, bone, hinge), _rotation_between(
        lower, _unit(_perpendicular(axis, lower)), bone, hinge
    )


def _transported_perpendicular(direction: Vectors) -> Vectors:
    """Return a direction perpendicular to another, carried along with it from frame to frame without twist."""
    across = np.empty_like(direction)
    now = np.eye(3)[np.argmin(np.abs(direction[0]))]
    for frame, along in enumerate(direction):
        now = now - (now @ along) * along
        length = np.linalg.norm(now)
        now = now / length if length > 1e-6 else _unit(_perpendicular(np.ones((1, 3)), along[None]))[0]
        across[frame] = now
    return across


def _facing(chest: Rotations, nose: Vectors) -> Rotations:
    """Return the head's rotation: towards the nose, and as level on the shoulders as that allows."""
    left, up, _ = np.moveaxis(chest, 2, 0)
    level = _unit(_perpendicular(np.cross(up, nose) + LEVEL_HEAD_WEIGHT * left, nose))
    return _rotation_between(nose, level, NOSE, np.array([1.0, 0, 0]))


def _aim_at(parent: Rotations, bone: Vector, target: Vectors) -> Rotations:
    """Return the smallest rotation beyond the parent's that points a bone (3,) at a target."""
    return _shortest_rotation(_unit(_rotate(parent, bone)), _unit(target)) @ parent


def _shortest_rotation(start: Vectors, end: Vectors) -> Rotations:
    """Return the smallest rotations from unit vectors to unit vectors."""
    axis = np.cross(start, end)
    sine, cosine = np.linalg.norm(axis, axis=1, keepdims=True), (start * end).sum(axis=1, keepdims=True)
    axis = np.where(sine > 1e-9, axis / np.maximum(sine, 1e-9), _unit(_perpendicular(np.roll(start, 1, axis=1), start)))
    return np.asarray(Rotation.from_rotvec(axis * np.arctan2(sine, cosine)).as_matrix())


def _rotation_between(first: Vectors, second: Vectors, rest_first: Vector, rest_second: Vector) -> Rotations:
    """Return the rotation from two perpendicular directions of the rest pose to two others."""
    at_rest = np.stack([rest_first, rest_second, np.cross(rest_first, rest_second)])
    return np.asarray(np.stack([first, second, np.cross(first, second)], axis=2) @ at_rest)


def _axes_from_left(x: Vectors, y: Vectors) -> Rotations:
    """Return axes with x as given and y as close as that allows."""
    x = _unit(x)
    y = _unit(_perpendicular(y, x))
    return np.stack([x, y, np.cross(x, y)], axis=2)


def _axes_from_up(up: Vectors, left: Vectors) -> Rotations:
    """Return axes with y as given and x as close to the left as that allows."""
    x = _unit(_perpendicular(left, up))
    return np.stack([x, up, np.cross(x, up)], axis=2)


def _perpendicular(vectors: Vectors, axis: Vectors) -> Vectors:
    """Return the part perpendicular to a unit axis; where there is none, any perpendicular direction."""
    part = vectors - (vectors * axis).sum(axis=1, keepdims=True) * axis
    some = np.eye(3)[np.argmin(np.abs(axis), axis=1)]
    some = some - (some * axis).sum(axis=1, keepdims=True) * axis
    return np.where(np.linalg.norm(part, axis=1, keepdims=True) > 1e-6, part, some)


def _rotate(rotations: Rotations, offset: Vector) -> Vectors:
    """Return an offset (3,) of the rest pose, rotated."""
    return np.asarray(rotations @ offset)


def _unit(vectors: Vectors) -> Vectors:
    """Return the vectors with length 1."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))
