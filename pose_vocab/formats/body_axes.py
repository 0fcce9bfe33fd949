"""The axis that points up, the handedness and the unit of poses in space, as the bodies tell them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.units import median_body_size
from pose_vocab.joint_mapping import JointMapping
from pose_vocab.skeletons import Skeleton

TO_Y_UP = {
    "y": np.eye(3),
    "-y": np.diag([1.0, -1.0, -1.0]),
    "z": np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]),
    "-z": np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]),
    "x": np.array([[0, -1.0, 0], [1, 0, 0], [0, 0, 1]]),
    "-x": np.array([[0, 1.0, 0], [-1, 0, 0], [0, 0, 1]]),
}
"""The values of ``--up``: axes that may point up, and the rotation (3, 3) that turns each to y."""
MIN_UPRIGHT = 0.6
"""A body is upright along an axis if the direction from feet to head has at least this share in it."""
MIN_UPRIGHT_SHARE = 0.25
"""Share of the frames in which bodies must be upright along an axis."""
MIN_BODIES = 10
"""Fewer bodies do not overrule what is usual: they may lie or stand on their heads."""
MIN_LEAD = 1.5
"""How many times more frames must speak for an axis than for any other."""

UNITS_PER_METRE = {"metres": 1.0, "centimetres": 100.0, "millimetres": 1000.0}
"""Units that most files use."""
RARE_UNITS_PER_METRE = {"inches": 39.37, "feet": 3.281, "decimetres": 10.0, "units of CMU's motion capture": 17.72}
"""Units that are tried if bodies are too small or large in all others; CMU's is an inch divided by 0.45."""
USUAL_CHAIN_M = 1.5
"""From nose to ankles along neck, hips and knees: an adult."""
MIN_CHAIN_M, MAX_CHAIN_M = 0.7, 2.2
"""No dancer is smaller or larger; such a body is in another unit."""
ADULT_CHAIN_M = (1.2, 1.9)
"""Of adults, who decide about rare units."""
TORSOS = {"face": 0.44, "torso": 1.0, "thigh": 0.8, "shin": 0.8}
"""Usual lengths of the parts of the chain in torso lengths, for bodies that lack some."""

MIN_AHEAD = 0.2
"""A nose or toe tells where a body faces if it is this far ahead, as a share of the distance to its joint."""
MIN_MIRRORED_SHARE = 0.8
"""Share of these noses and toes behind the body that shows mirrored axes."""

Joints = Mapping[str, NDArray[np.float64]]
"""The dancer's joints by name, (rows, 2|3) each, NaN where they are missing."""


def body_joints(points: NDArray[np.floating[Any]], skeleton: Skeleton, mapping: JointMapping | None) -> Joints:
    """Return the dancer's joints and the middle of the hips, as far as the skeleton has them; none if it is unknown."""
    if mapping is None:
        return {}
    joints = {}
    for joint, mix in mapping.joints.items():
        sources = points[:, [skeleton.index(source) for source, _ in mix]]
        joints[joint] = np.einsum("rjd,j->rd", sources, [weight for _, weight in mix]).astype(np.float64)
    if {"left_hip", "right_hip"} <= joints.keys():
        joints["hips"] = (joints["left_hip"] + joints["right_hip"]) / 2
    return joints


def head_from_feet(joints: Joints) -> NDArray[np.float64] | None:
    """Return (rows, 2|3): from the ankles, else the knees or the hips, to the nose, else the neck; None without any."""
    head = joints.get("nose", joints.get("neck"))
    if head is not None and "neck" in joints:
        head = np.where(np.isnan(head), joints["neck"], head)
    if head is None:
        return None
    feet = np.full_like(head, np.nan)
    for part in ("ankle", "knee", "hip"):
        sides = [joints[f"{side}_{part}"] for side in ("left", "right") if f"{side}_{part}" in joints]
        for side in ([sum(sides) / len(sides)] if sides else []) + sides:
            feet = np.where(np.isnan(feet), side, feet)
    body = head - feet
    return body if np.isfinite(body).all(axis=1).any() else None


def upright_shares(body: NDArray[np.float64]) -> dict[str, float]:
    """Return for each signed axis of the vectors (rows, 2|3) the share of the rows that are upright along it."""
    seen = body[np.isfinite(body).all(axis=1)]
    directions = seen / np.maximum(np.linalg.norm(seen, axis=1, keepdims=True), 1e-12)
    shares = {}
    for axis, name in enumerate("xyz"[: body.shape[1]]):
        shares[name] = float((directions[:, axis] >= MIN_UPRIGHT).mean())
        shares[f"-{name}"] = float((-directions[:, axis] >= MIN_UPRIGHT).mean())
    return shares


def up_axis(body: NDArray[np.float64] | None, expected: str, path: Path) -> str:
    """Return the axis that points up, a key of `TO_Y_UP`.

    Parameters
    ----------
    body : `head_from_feet`, (rows, 3), or None if it is unknown.
    expected : the axis for bodies that cannot tell.
    path : the file, for messages.

    Raises
    ------
    PoseError : bodies lie or change so much that no axis leads.
    """
    if body is None or np.isfinite(body).all(axis=1).sum() < MIN_BODIES:
        return expected
    shares = upright_shares(body)
    best, second = sorted(shares, key=lambda axis: -shares[axis])[:2]
    if shares[best] >= MIN_UPRIGHT_SHARE and shares[best] >= MIN_LEAD * shares[second]:
        return best
    raise PoseError(
        f"{path}: which axis points up cannot be told, as the dancer is upright in {shares[best]:.0%} of the frames "
        f"along {best} and in {shares[second]:.0%} along {second}; name it, e.g. --up {expected} ({', '.join(TO_Y_UP)})"
    )


def is_mirrored(joints: Joints) -> bool:
    """Return whether noses and toes, with y up, lie behind the bodies: then the axes are left-handed."""
    if not {"left_hip", "right_hip", "left_shoulder", "right_shoulder"} <= joints.keys():
        return False
    left = sum(joints[f"left_{part}"] - joints[f"right_{part}"] for part in ("hip", "shoulder"))
    forward = np.cross(left, (0.0, 1.0, 0.0))
    forward /= np.maximum(np.linalg.norm(forward, axis=1, keepdims=True), 1e-12)
    pairs = [("nose", "neck"), ("left_toe", "left_ankle"), ("right_toe", "right_ankle")]
    ahead = []
    for end, start in pairs:
        if {end, start} <= joints.keys():
            towards = joints[end] - joints[start]
            ahead.append((towards * forward).sum(axis=1) / np.maximum(np.linalg.norm(towards, axis=1), 1e-12))
    votes = np.concatenate(ahead) if ahead else np.zeros(0)
    votes = votes[np.abs(votes) >= MIN_AHEAD]  # NaN is not
    return bool(len(votes) >= MIN_BODIES and (votes < 0).mean() >= MIN_MIRRORED_SHARE)


def chain_length(joints: Joints) -> float | None:
    """Return the length from nose to ankles along the body, in the unit of the joints; None if nothing is seen.

    It does not depend on the pose. Parts that are never seen count with their usual share.
    """
    limbs = {
        "face": [("neck", "nose")],
        "torso": [("hips", "neck")],
        "thigh": [(f"{side}_hip", f"{side}_knee") for side in ("left", "right")],
        "shin": [(f"{side}_knee", f"{side}_ankle") for side in ("left", "right")],
    }
    lengths: dict[str, float] = {}
    for part, bones in limbs.items():
        seen = [joints[end] - joints[start] for start, end in bones if {start, end} <= joints.keys()]
        norms = np.linalg.norm(np.concatenate(seen), axis=1) if seen else np.zeros(0)
        norms = norms[np.isfinite(norms)]
        if len(norms):
            lengths[part] = float(np.median(norms))
    known = sum(TORSOS[part] for part in lengths)
    return sum(lengths.values()) / known * sum(TORSOS.values()) if known and any(lengths.values()) else None


def metres_per_unit(
    points: NDArray[np.floating[Any]], joints: Joints, usual: Sequence[str], path: Path
) -> tuple[float, tuple[str, ...]]:
    """Return the length of a unit of `points` in metres, by the size of the bodies, and notices.

    Parameters
    ----------
    points : (rows, joints, 3).
    joints : their `body_joints`.
    usual : units that need no notice.
    path : the file, for messages.
    """
    chain = chain_length(joints) or median_body_size(points)
    if not chain > 0:
        return 1.0, ()
    unit, per_metre = min(UNITS_PER_METRE.items(), key=lambda row: abs(np.log(chain / row[1] / USUAL_CHAIN_M)))
    if len(points) >= MIN_BODIES and not MIN_CHAIN_M <= chain / per_metre <= MAX_CHAIN_M:
        shortest, longest = ADULT_CHAIN_M
        fitting = [row for row in RARE_UNITS_PER_METRE.items() if shortest <= chain / row[1] <= longest]
        if not fitting:
            return USUAL_CHAIN_M / chain, (
                f"{path}: a dancer of {chain:.3g} units from head to foot is in no known unit; "
                f"scaled to {USUAL_CHAIN_M:g} m",
            )
        unit, per_metre = fitting[0]
    notices = () if unit in usual else (f"{path} is read as {unit}, judged by the size of the people in it",)
    return 1 / per_metre, notices
