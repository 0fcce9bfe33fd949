"""Skeletons: the joints of a pose, the bones between them, and their mirror pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError


@dataclass(frozen=True)
class Skeleton:
    """The joints of a body, in the order of the arrays (0-based).

    Parameters
    ----------
    name : what people call it, e.g. ``"mediapipe"``.
    joint_names : one name per joint.
    bones : pairs of joint indices, parent first.
    mirror_pairs : pairs of joint indices that are swapped in a mirror, left first.

    Raises
    ------
    PoseError : a joint name occurs twice, or an index is out of range.
    """

    name: str
    joint_names: tuple[str, ...]
    bones: tuple[tuple[int, int], ...]
    mirror_pairs: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if len(set(self.joint_names)) != len(self.joint_names):
            raise PoseError(f"skeleton {self.name!r} has two joints of the same name: {self.joint_names}")
        for first, second in (*self.bones, *self.mirror_pairs):
            if not (0 <= first < self.n_joints and 0 <= second < self.n_joints):
                raise PoseError(
                    f"skeleton {self.name!r} joins {first} and {second}; it has joints 0 to {self.n_joints - 1}"
                )

    @property
    def n_joints(self) -> int:
        return len(self.joint_names)

    def index(self, joint_name: str) -> int:
        """Return the index of a joint; raise PoseError for an unknown name."""
        try:
            return self.joint_names.index(joint_name)
        except ValueError:
            raise PoseError(
                f"skeleton {self.name!r} has no joint {joint_name!r}; it has {', '.join(self.joint_names)}"
            ) from None

    @cached_property
    def mirror_order(self) -> NDArray[np.intp]:
        """The permutation (joints,) that puts every joint at the index of its mirror image."""
        order = np.arange(self.n_joints)
        for left, right in self.mirror_pairs:
            order[left], order[right] = right, left
        return order


def _skeleton(name: str, joint_names: Sequence[str], bones: Sequence[tuple[str, str]]) -> Skeleton:
    """Return a skeleton from names of bones; ``left_x`` and ``right_x`` are mirror images."""
    names = tuple(joint_names)
    at = {joint: i for i, joint in enumerate(names)}
    pairs = [(at[joint], at["right" + joint.removeprefix("left")]) for joint in names if joint.startswith("left")]
    return Skeleton(name, names, tuple((at[a], at[b]) for a, b in bones), tuple(pairs))


def _both(*bones: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the bones of both sides: ``*`` stands for ``left`` and then for ``right``."""
    return [(a.replace("*", side), b.replace("*", side)) for side in ("left", "right") for a, b in bones]


_ARM_AND_LEG = (
    ("*_shoulder", "*_elbow"),
    ("*_elbow", "*_wrist"),
    ("*_hip", "*_knee"),
    ("*_knee", "*_ankle"),
)

DANCER = _skeleton(
    "dancer",
    [
        "nose", "neck",
        "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
        "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
        "left_toe", "right_toe",
    ],
    [
        ("neck", "nose"),
        *_both(("neck", "*_shoulder"), ("neck", "*_hip"), *_ARM_AND_LEG, ("*_ankle", "*_toe")),
        ("left_hip", "right_hip"),
    ],
)  # fmt: skip
"""The canonical skeleton: the vocabulary is defined on it, and every source is mapped onto it."""

MEDIAPIPE = _skeleton(
    "mediapipe",
    [
        "nose",
        "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer",
        "left_ear", "right_ear", "left_mouth", "right_mouth",
        "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
        "left_pinky", "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb",
        "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
        "left_heel", "right_heel", "left_foot_index", "right_foot_index",
    ],
    [
        *_both(
            ("nose", "*_eye_inner"), ("*_eye_inner", "*_eye"), ("*_eye", "*_eye_outer"), ("*_eye_outer", "*_ear"),
            *_ARM_AND_LEG,
            ("*_wrist", "*_pinky"), ("*_wrist", "*_index"), ("*_wrist", "*_thumb"), ("*_pinky", "*_index"),
            ("*_shoulder", "*_hip"),
            ("*_ankle", "*_heel"), ("*_ankle", "*_foot_index"), ("*_heel", "*_foot_index"),
        ),
        ("left_mouth", "right_mouth"), ("left_shoulder", "right_shoulder"), ("left_hip", "right_hip"),
    ],
)  # fmt: skip
"""The 33 landmarks of MediaPipe's pose model (BlazePose)."""

COCO_17 = _skeleton(
    "coco-17",
    [
        "nose", "left_eye", "right_eye", "left_ear", "right_ear",
        "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
        "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
    ],
    [
        *_both(("nose", "*_eye"), ("*_eye", "*_ear"), *_ARM_AND_LEG, ("*_shoulder", "*_hip")),
        ("left_shoulder", "right_shoulder"), ("left_hip", "right_hip"),
    ],
)  # fmt: skip
"""The 17 keypoints of COCO; it has no toes."""

BODY_25 = _skeleton(
    "openpose-25",
    [
        "nose", "neck",
        "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
        "mid_hip", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
        "right_eye", "left_eye", "right_ear", "left_ear",
        "left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel",
    ],
    [
        ("neck", "nose"), ("neck", "mid_hip"),
        *_both(
            ("neck", "*_shoulder"), ("mid_hip", "*_hip"), *_ARM_AND_LEG,
            ("nose", "*_eye"), ("*_eye", "*_ear"),
            ("*_ankle", "*_big_toe"), ("*_big_toe", "*_small_toe"), ("*_ankle", "*_heel"),
        ),
    ],
)  # fmt: skip
"""OpenPose's BODY_25."""

BODY_25B = _skeleton(
    "openpose-25b",
    [
        *COCO_17.joint_names, "upper_neck", "head_top",
        "left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel",
    ],
    [
        ("upper_neck", "head_top"),
        *_both(
            ("nose", "*_eye"), ("*_eye", "*_ear"), ("upper_neck", "*_shoulder"), *_ARM_AND_LEG, ("*_shoulder", "*_hip"),
            ("*_ankle", "*_big_toe"), ("*_big_toe", "*_small_toe"), ("*_ankle", "*_heel"),
        ),
    ],
)  # fmt: skip
"""OpenPose's BODY_25B: as many points as BODY_25 in another order."""

COCO_23 = _skeleton(
    "coco-23",
    [
        *COCO_17.joint_names,
        "left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel",
    ],
    [
        *_both(
            ("nose", "*_eye"), ("*_eye", "*_ear"), *_ARM_AND_LEG, ("*_shoulder", "*_hip"),
            ("*_ankle", "*_big_toe"), ("*_big_toe", "*_small_toe"), ("*_ankle", "*_heel"),
        ),
        ("left_shoulder", "right_shoulder"), ("left_hip", "right_hip"),
    ],
)  # fmt: skip
"""The body of COCO-WholeBody: COCO's 17 keypoints and six of the feet; face and hands follow in its files."""

HALPE_26 = _skeleton(
    "halpe-26",
    [
        *COCO_17.joint_names, "head_top", "neck", "mid_hip",
        "left_big_toe", "right_big_toe", "left_small_toe", "right_small_toe", "left_heel", "right_heel",
    ],
    [
        ("neck", "head_top"), ("neck", "mid_hip"),
        *_both(
            ("nose", "*_eye"), ("*_eye", "*_ear"), ("neck", "*_shoulder"), ("mid_hip", "*_hip"), *_ARM_AND_LEG,
            ("*_ankle", "*_big_toe"), ("*_big_toe", "*_small_toe"), ("*_ankle", "*_heel"),
        ),
    ],
)  # fmt: skip
"""The body of Halpe, AlphaPose's dataset; face and hands follow in its files of 136 points."""

H36M_17 = _skeleton(
    "h36m-17",
    [
        "mid_hip", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
        "spine", "neck", "nose", "head_top",
        "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow", "right_wrist",
    ],
    [
        ("mid_hip", "spine"), ("spine", "neck"), ("neck", "nose"), ("nose", "head_top"),
        *_both(("neck", "*_shoulder"), ("mid_hip", "*_hip"), *_ARM_AND_LEG),
    ],
)  # fmt: skip
"""The 17 joints of Human3.6M, in which programs that lift poses to 3D write."""

OPENPOSE_18 = _skeleton(
    "openpose-18",
    [
        "nose", "neck",
        "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
        "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
        "right_eye", "left_eye", "right_ear", "left_ear",
    ],
    [
        ("neck", "nose"),
        *_both(("neck", "*_shoulder"), ("neck", "*_hip"), *_ARM_AND_LEG, ("nose", "*_eye"), ("*_eye", "*_ear")),
    ],
)  # fmt: skip
"""OpenPose's COCO layout: COCO's 17 keypoints in another order, and a neck."""

OPENPOSE_15 = _skeleton(
    "openpose-15",
    [
        "head", "neck",
        "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
        "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
        "chest",
    ],
    [("neck", "head"), ("neck", "chest"), *_both(("neck", "*_shoulder"), ("chest", "*_hip"), *_ARM_AND_LEG)],
)  # fmt: skip
"""OpenPose's MPI layout; its head is the top of the head, and it has no nose."""

SKELETONS = {
    skeleton.name: skeleton
    for skeleton in (
        DANCER, MEDIAPIPE, COCO_17, BODY_25, OPENPOSE_18, OPENPOSE_15, BODY_25B, COCO_23, HALPE_26, H36M_17,
    )
}  # fmt: skip
"""The skeletons that a file or an option may name."""


def skeleton_named(name: str) -> Skeleton:
    """Return a skeleton of `SKELETONS` by name; raise PoseError for an unknown name."""
    try:
        return SKELETONS[name]
    except KeyError:
        raise PoseError(f"there is no skeleton {name!r}; there are {', '.join(SKELETONS)}") from None
