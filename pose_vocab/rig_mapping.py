"""The dancer's joints as mixes of the joints of any rig of a body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.joint_mixes import Mix, between, beyond, only
from pose_vocab.rig_body import find_body
from pose_vocab.skeletons import Skeleton

TORSOS = {"shoulder": 0.66, "hip": 0.38, "foot": 0.37}
"""Widths of shoulders and hips and the length of the foot of MediaPipe's landmarks, in torso lengths, measured on
videos of people who dance."""
MIN_FACTOR, MAX_FACTOR = 0.8, 1.3
"""Joints of shoulders and hips lie on the body; they are moved at most this far."""
MIN_FOOT_FACTOR, MAX_FOOT_FACTOR = 0.6, 1.8
"""Toes of rigs lie between the ball of the foot and its tip."""
SIDES = ("left", "right")


def rig_mapping(skeleton: Skeleton, keypoints: NDArray[np.floating[Any]] | None) -> dict[str, Mix] | None:
    """Return for each of the dancer's joints the mix of a rig's joints, or None if the rig is not understood.

    Shoulders, hips and toes are moved along the lines through the rig's joints, so that widths and feet have the
    proportions of MediaPipe's landmarks.

    Parameters
    ----------
    skeleton : the rig; its bones form trees.
    keypoints : (frames, joints, 2|3), its motion in any unit and axes; None to leave its proportions.
    """
    parents = _parents(skeleton)
    body = None if parents is None else find_body(skeleton.joint_names, parents, keypoints)
    if body is None:
        return None
    joints, factors = dict(body), dict.fromkeys(TORSOS, 1.0)
    if keypoints is not None and parents is not None:
        joints |= _tips_of_toes(joints, parents, keypoints)
        factors = _factors(joints, keypoints)
    name = {joint: skeleton.joint_names[at] for joint, at in joints.items()}
    mapping: dict[str, Mix] = {"neck": between(name["left_shoulder"], name["right_shoulder"])}
    if "nose" in skeleton.joint_names:
        mapping["nose"] = only("nose")
    for side, other in (SIDES, reversed(SIDES)):
        for part in ("elbow", "wrist", "knee", "ankle"):
            mapping[f"{side}_{part}"] = only(name[f"{side}_{part}"])
        for part in ("shoulder", "hip"):
            # Half of what both sides move, as each moves away from the other.
            factor = (1 + factors[part]) / 2
            mapping[f"{side}_{part}"] = beyond(name[f"{other}_{part}"], name[f"{side}_{part}"], factor)
        if f"{side}_toe" in name:
            mapping[f"{side}_toe"] = beyond(name[f"{side}_ankle"], name[f"{side}_toe"], factors["foot"])
    return mapping


def _parents(skeleton: Skeleton) -> list[int] | None:
    """Return the index of each joint's parent, -1 for roots; None if the bones are no trees."""
    parents = [-1] * skeleton.n_joints
    for parent, child in skeleton.bones:
        if parents[child] >= 0:
            return None
        parents[child] = parent
    for at in range(len(parents)):
        seen, above = 0, at
        while above >= 0:
            above, seen = parents[above], seen + 1
            if seen > len(parents):
                return None
    return parents


def _tips_of_toes(
    joints: Mapping[str, int], parents: Sequence[int], keypoints: NDArray[np.floating[Any]]
) -> dict[str, int]:
    """Return for each side which of the toe and the joints below it makes the most usual foot."""
    usual = TORSOS["foot"] * _torso_length(joints, keypoints)
    tips: dict[str, int] = {}
    for side in SIDES:
        below = [joints[f"{side}_toe"]] if f"{side}_toe" in joints else []
        for at in below:
            below.extend(child for child, parent in enumerate(parents) if parent == at)
        lengths = [_length(keypoints[:, at] - keypoints[:, joints[f"{side}_ankle"]]) for at in below]
        if usual > 0 and any(lengths):
            fits = [abs(np.log(length / usual)) if length else np.inf for length in lengths]
            tips[f"{side}_toe"] = below[int(np.argmin(fits))]
    return tips


def _factors(joints: Mapping[str, int], keypoints: NDArray[np.floating[Any]]) -> dict[str, float]:
    """Return by how much the widths of shoulders and hips and the feet have to grow to be a person's."""
    at = {joint: keypoints[:, index] for joint, index in joints.items()}
    torso = _torso_length(joints, keypoints)
    measured = {part: _length(at[f"left_{part}"] - at[f"right_{part}"]) for part in ("shoulder", "hip")}
    feet = [_length(at[f"{side}_toe"] - at[f"{side}_ankle"]) for side in SIDES if f"{side}_toe" in at]
    measured["foot"] = sum(feet) / len(feet) if feet else 0.0
    limits = {"foot": (MIN_FOOT_FACTOR, MAX_FOOT_FACTOR)}
    return {
        part: float(np.clip(TORSOS[part] * torso / size, *limits.get(part, (MIN_FACTOR, MAX_FACTOR)))) if size else 1.0
        for part, size in measured.items()
    }


def _torso_length(joints: Mapping[str, int], keypoints: NDArray[np.floating[Any]]) -> float:
    """Return the median distance from the middle of the hips to that of the shoulders."""
    at = {joint: keypoints[:, index] for joint, index in joints.items()}
    return _length((at["left_shoulder"] - at["left_hip"] + at["right_shoulder"] - at["right_hip"]) / 2)


def _length(vectors: NDArray[np.floating[Any]]) -> float:
    """Return the median length of vectors (frames, 2|3), 0 without any that is finite."""
    norms = np.linalg.norm(vectors, axis=1)
    norms = norms[np.isfinite(norms)]
    return float(np.median(norms)) if len(norms) else 0.0
