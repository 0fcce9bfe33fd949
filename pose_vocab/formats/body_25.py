"""Mapping of any known skeleton onto OpenPose's BODY_25."""

from __future__ import annotations

from pose_vocab.joint_mapping import mix_joints, to_dancer
from pose_vocab.joint_mixes import Mix
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import BODY_25, SKELETONS

_SUBSTITUTES: dict[str, tuple[Mix, ...]] = {
    "neck": ((("left_shoulder", 0.5), ("right_shoulder", 0.5)),),
    "mid_hip": ((("left_hip", 0.5), ("right_hip", 0.5)),),
    "left_big_toe": ((("left_foot_index", 1.0),), (("left_toe", 1.0),)),
    "right_big_toe": ((("right_foot_index", 1.0),), (("right_toe", 1.0),)),
}
"""Substitutes for joints that a skeleton does not have under the same name."""


def to_body_25(poses: PoseSequence) -> PoseSequence:
    """Return the same motion on BODY_25; joints that the skeleton of `poses` lacks are missing.

    Raises
    ------
    PoseError : the skeleton's joints are unknown.
    """
    if poses.skeleton == BODY_25:
        return poses
    if poses.skeleton not in SKELETONS.values():
        poses = to_dancer(poses)
    known = set(poses.skeleton.joint_names)
    joints = {}
    for joint in BODY_25.joint_names:
        for mix in (((joint, 1.0),), *_SUBSTITUTES.get(joint, ())):
            if {source for source, _ in mix} <= known:
                joints[joint] = mix
                break
    return mix_joints(poses, joints, BODY_25)
