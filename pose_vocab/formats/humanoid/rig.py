"""The humanoid rig of a dancer at rest: a T-pose standing on the ground, for animation programs.

Joints have the names that Mixamo and MotionBuilder use, so retargeting tools recognize them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

SIDES = ("Left", "Right")
BONES = {
    "hips": ("left_hip", "right_hip"),
    "torso": ("hips", "neck"),
    "shoulders": ("left_shoulder", "right_shoulder"),
    "face": ("neck", "nose"),
    "upper_arm": ("*_shoulder", "*_elbow"),
    "forearm": ("*_elbow", "*_wrist"),
    "thigh": ("*_hip", "*_knee"),
    "shin": ("*_knee", "*_ankle"),
    "foot": ("*_ankle", "*_toe"),
}
"""Measured bones of a dancer, from joint to joint; ``*`` on both sides, ``hips`` is the middle of the hips."""
DEFAULT_TORSOS = {"face": 0.44, "foot": 0.365}
"""Lengths, in torso lengths, of bones that a source may lack: those of dancers in motion capture."""

SPINE, CHEST = 0.1, 0.5
"""Height of the torso's two joints, as shares of its length."""
COLLAR = 0.15
"""Where the collar bone begins, as a share of the way to the shoulder."""
HAND_OF_FOREARM = 0.35
"""Length of the hand relative to the forearm."""
BALL_OF_FOOT = 0.7
"""Where the foot bends, as a share of the way from ankle to toes."""
FOOT_DROP_RAD = np.radians(25)
"""A flat foot points down by this angle from the ankle to the tip of the toes."""
NOSE = np.array([0.0, np.sqrt(0.5), np.sqrt(0.5)])
"""Direction of the nose from between the shoulders when looking straight ahead."""
FACE_UP, FACE_FORWARD = 0.1, 0.55
"""Where the BVH reader puts the nose of a rig with these names: relative to its ``Head``, in lengths of the head."""

END = "_end"
"""Suffix of the tips of head, hands and toes, which end a bone and do not rotate."""
NOSE_TIP = "nose"
"""Name of the tip that `add_nose` adds."""


@dataclass(frozen=True, eq=False)
class RigJoint:
    """One joint of the rig.

    Parameters
    ----------
    name : as Mixamo and MotionBuilder call it; the tip of a last bone is ``<its joint>_end``.
    parent : index of the parent joint, -1 for the root. Parents come before their children.
    offset : (3,) from the parent at rest in metres; of the root, from the ground below it.
    """

    name: str
    parent: int
    offset: NDArray[np.float64]

    @property
    def is_tip(self) -> bool:
        """Whether it only ends a bone."""
        return self.name.endswith(END) or self.name == NOSE_TIP


def measure(dances: Sequence[PoseSequence]) -> dict[str, float]:
    """Return the median length in metres of each of `BONES`, left and right alike; unseen ones get the
    default.

    Parameters
    ----------
    dances : one dancer in 3D, in one or several dances.
    """
    paths = [joint_paths(dance) for dance in dances]
    joints = {name: np.concatenate([path[name] for path in paths]) for name in paths[0]}
    lengths = {}
    for bone, (start, end) in BONES.items():
        sides = ("left", "right") if "*" in start else ("",)
        seen = np.concatenate([joints[_on_side(start, side)] - joints[_on_side(end, side)] for side in sides])
        lengths[bone] = float(np.nanmedian(np.linalg.norm(seen, axis=1))) if np.isfinite(seen).any() else np.nan
    return {
        bone: DEFAULT_TORSOS.get(bone, np.nan) * lengths["torso"] if np.isnan(length) else length
        for bone, length in lengths.items()
    }


def joint_paths(poses: PoseSequence) -> dict[str, NDArray[np.float64]]:
    """Return the dancer's joints by name, (frames, 3) each, and the middle of the hips."""
    joints = {name: poses.keypoints[:, i].astype(np.float64) for i, name in enumerate(DANCER.joint_names)}
    joints["hips"] = (joints["left_hip"] + joints["right_hip"]) / 2
    return joints


def _on_side(name: str, side: str) -> str:
    return name.replace("*", side)


def build_rest_rig(length: dict[str, float]) -> list[RigJoint]:
    """Return the rig at rest, parents first: offsets in metres, x to its left, y up, z forward; the root is
    above the ground.

    Parameters
    ----------
    length : the result of `measure`.
    """
    torso, face, foot = length["torso"], length["face"], length["foot"]
    head = face * float(NOSE[2]) / FACE_FORWARD
    skull = face * float(NOSE[1]) - FACE_UP * head
    down, ahead = float(-np.sin(FOOT_DROP_RAD)) * foot, float(np.cos(FOOT_DROP_RAD)) * foot
    standing = length["thigh"] + length["shin"] - down
    joints: list[RigJoint] = []

    def add(name: str, parent: str, offset: tuple[float, float, float]) -> None:
        at = next((i for i, joint in enumerate(joints) if joint.name == parent), -1)
        joints.append(RigJoint(name, at, np.array(offset, np.float64)))

    add("Hips", "", (0, standing, 0))
    add("Spine", "Hips", (0, SPINE * torso, 0))
    add("Chest", "Spine", (0, (CHEST - SPINE) * torso, 0))
    add("Neck", "Chest", (0, (1 - CHEST) * torso, 0))
    add("Head", "Neck", (0, skull, 0))
    add("Head_end", "Head", (0, head, 0))
    for side, out in zip(SIDES, (1, -1), strict=True):
        half = out * length["shoulders"] / 2
        add(f"{side}Shoulder", "Chest", (COLLAR * half, (1 - CHEST) * torso, 0))
        add(f"{side}Arm", f"{side}Shoulder", ((1 - COLLAR) * half, 0, 0))
        add(f"{side}ForeArm", f"{side}Arm", (out * length["upper_arm"], 0, 0))
        add(f"{side}Hand", f"{side}ForeArm", (out * length["forearm"], 0, 0))
        add(f"{side}Hand_end", f"{side}Hand", (out * HAND_OF_FOREARM * length["forearm"], 0, 0))
    for side, out in zip(SIDES, (1, -1), strict=True):
        add(f"{side}UpLeg", "Hips", (out * length["hips"] / 2, 0, 0))
        add(f"{side}Leg", f"{side}UpLeg", (0, -length["thigh"], 0))
        add(f"{side}Foot", f"{side}Leg", (0, -length["shin"], 0))
        add(f"{side}Toe", f"{side}Foot", (0, BALL_OF_FOOT * down, BALL_OF_FOOT * ahead))
        add(f"{side}Toe_end", f"{side}Toe", (0, (1 - BALL_OF_FOOT) * down, (1 - BALL_OF_FOOT) * ahead))
    return joints


def nose_offset(rig: Sequence[RigJoint]) -> NDArray[np.float64]:
    """Return the nose of a rig at rest, (3,) in metres from its ``Head``."""
    head = next(float(joint.offset[1]) for joint in rig if joint.name == f"Head{END}")
    return np.array([0.0, FACE_UP * head, FACE_FORWARD * head])


def add_nose(rig: Sequence[RigJoint]) -> list[RigJoint]:
    """Return the rig with the nose as a tip on its ``Head``, for formats in which a joint may have two tips."""
    head = next(i for i, joint in enumerate(rig) if joint.name == "Head")
    return [*rig, RigJoint(NOSE_TIP, head, nose_offset(rig))]
