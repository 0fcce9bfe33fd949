"""Mapping of every known skeleton onto the dancer's joints: one table, one row per source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.joint_mixes import Mix, between, beyond, only
from pose_vocab.rig_mapping import rig_mapping
from pose_vocab.rig_names import strip_common
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER, SKELETONS, Skeleton

MAX_NAMES, MAX_NAME_CHARS = 60, 40
"""Messages show at most this many joints, and this much of a name."""


@dataclass(frozen=True)
class JointMapping:
    """How the dancer's joints follow from one kind of skeleton.

    Parameters
    ----------
    name : what people call the source.
    joints : for each of the dancer's joints the mix of source joints that makes it. A joint that the source
        lacks has no entry.
    """

    name: str
    joints: Mapping[str, Mix]

    def applies_to(self, skeleton: Skeleton) -> bool:
        """Return whether the skeleton has every joint that the mapping uses."""
        return {source for mix in self.joints.values() for source, _ in mix} <= set(skeleton.joint_names)


def _mapping(name: str, sides: tuple[str, str], joints: Mapping[str, Mix]) -> JointMapping:
    """Return a row that is written once for both sides.

    ``*`` stands for a side and ``~`` for the other one: ``left`` and ``right`` among the dancer's joints,
    `sides` among the source's.
    """
    expanded: dict[str, Mix] = {}
    for joint, mix in joints.items():
        for side, own, other in (("left", *sides), ("right", *reversed(sides))):
            expanded[joint.replace("*", side)] = tuple(
                (source.replace("*", own).replace("~", other), weight) for source, weight in mix
            )
    return JointMapping(name, expanded)


_LIMBS = {f"*_{part}": only(f"*_{part}") for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")}
_FACE_AND_NECK = {"nose": only("nose"), "neck": between("left_shoulder", "right_shoulder")}
_SIDES = ("left", "right")

# A rig's joints lie elsewhere than MediaPipe's landmarks of the same name. The factors bring the widths of
# shoulders and hips and the length of the foot to those of its landmarks, measured on videos of people who
# dance: 0.66, 0.38 and 0.37 torso lengths. Arms and shins of the Daz rig are longer than MediaPipe detects
# on a mannequin of that rig, so its elbows and ankles are placed a little before the rig's.
MAPPINGS = (
    JointMapping("dancer", {joint: ((joint, 1.0),) for joint in DANCER.joint_names}),
    _mapping("mediapipe", _SIDES, _FACE_AND_NECK | _LIMBS | {"*_toe": only("*_foot_index")}),
    _mapping(
        "openpose-25", _SIDES, {"nose": only("nose"), "neck": only("neck")} | _LIMBS | {"*_toe": only("*_big_toe")}
    ),
    _mapping("openpose-18", _SIDES, {"nose": only("nose"), "neck": only("neck")} | _LIMBS),
    _mapping("coco-17 with feet", _SIDES, _FACE_AND_NECK | _LIMBS | {"*_toe": only("*_big_toe")}),
    _mapping("coco-17", _SIDES, _FACE_AND_NECK | _LIMBS),
    _mapping("openpose-15", _SIDES, {"neck": only("neck")} | _LIMBS),
    _mapping(
        "CMU motion capture on the Daz rig (BVH)",
        ("l", "r"),
        {
            "nose": only("nose"),
            "neck": between("lShldr", "rShldr"),
            "*_shoulder": beyond("~Shldr", "*Shldr", 1.17),
            "*_elbow": beyond("*Shldr", "*ForeArm", 0.92),
            "*_wrist": only("*Hand"),
            "*_hip": only("*Thigh"),
            "*_knee": only("*Shin"),
            "*_ankle": beyond("*Shin", "*Foot", 0.93),
            "*_toe": beyond("*Foot", "*Foot_end", 1.33),
        },
    ),
    _mapping(
        "MotionBuilder rig (BVH)",
        ("Left", "Right"),
        {
            "nose": only("nose"),
            "neck": between("LeftArm", "RightArm"),
            "*_shoulder": beyond("~Arm", "*Arm", 0.9),
            "*_elbow": only("*ForeArm"),
            "*_wrist": only("*Hand"),
            "*_hip": beyond("~UpLeg", "*UpLeg", 1.09),
            "*_knee": only("*Leg"),
            "*_ankle": only("*Foot"),
            "*_toe": between("*ToeBase", "*ToeBase_end"),
        },
    ),
    _mapping(
        "BopBot's rig (GLB, USD)",
        ("left", "right"),
        {
            "nose": only("nose"),
            "neck": only("neck"),
            "*_shoulder": only("*UpperArm"),
            "*_elbow": only("*LowerArm"),
            "*_wrist": only("*Hand"),
            "*_hip": only("*UpperLeg"),
            "*_knee": only("*LowerLeg"),
            "*_ankle": only("*Foot"),
            "*_toe": only("*Toes_end"),
        },
    ),
    _mapping(
        "BopBot's rig (BVH)",
        ("Left", "Right"),
        {
            "nose": only("nose"),
            "neck": only("Neck"),
            "*_shoulder": only("*Arm"),
            "*_elbow": only("*ForeArm"),
            "*_wrist": only("*Hand"),
            "*_hip": only("*UpLeg"),
            "*_knee": only("*Leg"),
            "*_ankle": only("*Foot"),
            "*_toe": only("*Toe_end"),
        },
    ),
    _mapping(
        "CMU motion capture (ASF/AMC)",
        ("l", "r"),
        {
            "nose": only("nose"),
            "neck": between("lhumerus", "rhumerus"),
            "*_shoulder": beyond("~humerus", "*humerus", 0.95),
            "*_elbow": only("*radius"),
            "*_wrist": only("*hand"),  # its "wrist" is where the forearm twists
            "*_hip": beyond("~femur", "*femur", 1.04),
            "*_knee": only("*tibia"),
            "*_ankle": only("*foot"),
            "*_toe": beyond("*foot", "*toes", 1.65),
        },
    ),
)
"""The known sources. The first that applies is used, so richer skeletons come before their subsets."""


def mapping_for(skeleton: Skeleton, keypoints: NDArray[np.floating[Any]] | None = None) -> JointMapping | None:
    """Return how the dancer's joints follow from a skeleton, or None if its joints are unknown.

    The first of `MAPPINGS` that applies is used, with or without a prefix of the joints' names. The joints of
    other rigs are found by their names, else by following the tree of bones.

    Parameters
    ----------
    skeleton : the source's joints.
    keypoints : (frames, joints, 2|3), the source's motion in any unit and axes, or None.
    """
    known = next((row for row in MAPPINGS if row.applies_to(skeleton)), None) or _without_prefix(skeleton)
    if skeleton in SKELETONS.values() or (known is not None and len(known.joints) == DANCER.n_joints):
        return known
    rig = rig_mapping(skeleton, keypoints)
    if rig is not None and (known is None or len(rig) > len(known.joints)):
        return JointMapping("rig", rig)
    return known


def _without_prefix(skeleton: Skeleton) -> JointMapping | None:
    """Return the row that applies to the names without their common prefix, for the names as they are."""
    original = dict(zip(strip_common(skeleton.joint_names), skeleton.joint_names, strict=True))
    for row in MAPPINGS:
        if {source for mix in row.joints.values() for source, _ in mix} <= original.keys():
            joints = {joint: tuple((original[name], part) for name, part in mix) for joint, mix in row.joints.items()}
            return JointMapping(row.name, joints)
    return None


def to_dancer(poses: PoseSequence) -> PoseSequence:
    """Return the same motion on the dancer's joints, (frames, 16, 2|3); poses of a dancer are returned as they
    are.

    The confidence of a mixed joint is the lowest among its sources, and it is missing where one of them is.
    A joint that the source's skeleton lacks is missing in every frame.

    Raises
    ------
    PoseError : the skeleton's joints are unknown.
    """
    if poses.skeleton == DANCER:
        return poses
    mapping = mapping_for(poses.skeleton, poses.keypoints)
    if mapping is None:
        raise PoseError(unknown_joints_message(poses.skeleton))
    return mix_joints(poses, mapping.joints, DANCER)


def unknown_joints_message(skeleton: Skeleton) -> str:
    """Return what a user can do about a skeleton whose joints are unknown."""
    shown = ", ".join(name[:MAX_NAME_CHARS] for name in skeleton.joint_names[:MAX_NAMES])
    more = f", ... ({skeleton.n_joints} in all)" if skeleton.n_joints > MAX_NAMES else ""
    return (
        f"which joints of skeleton {skeleton.name!r} are the dancer's is unknown: {shown}{more}; write a JSON object "
        'that names them, e.g. {"left_knee": "Shin_L", "neck": ["Arm_L", "Arm_R"]} (the middle of both), for '
        f"{', '.join(DANCER.joint_names)}, and give it with --joints"
    )


def mix_joints(poses: PoseSequence, joints: Mapping[str, Mix], skeleton: Skeleton) -> PoseSequence:
    """Return the same motion on another skeleton whose joints are mixes of those of `poses`; others are
    missing.

    The confidence of a mixed joint is the lowest among its sources, and it is missing where one of them is.
    """
    keypoints = np.full((len(poses), skeleton.n_joints, poses.dims), np.nan, np.float32)
    confidence = np.zeros((len(poses), skeleton.n_joints), np.float32)
    for joint, mix in joints.items():
        at = skeleton.index(joint)
        sources = [poses.skeleton.index(source) for source, _ in mix]
        weights = np.array([weight for _, weight in mix], np.float32)
        keypoints[:, at] = np.einsum("fjd,j->fd", poses.keypoints[:, sources], weights)
        confidence[:, at] = poses.confidence[:, sources].min(axis=1)
    return PoseSequence(keypoints, confidence, poses.fps, skeleton, poses.begin_s)
