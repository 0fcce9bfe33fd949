import numpy as np
import pytest

from pose_vocab.errors import PoseError
from pose_vocab.skeletons import DANCER, SKELETONS, Skeleton


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=SKELETONS)
def test_a_mirror_twice_is_where_it_was(skeleton: Skeleton) -> None:
    order = skeleton.mirror_order
    assert np.array_equal(order[order], np.arange(skeleton.n_joints))
    for joint, mirrored in enumerate(order):
        name = skeleton.joint_names[joint]
        twin = skeleton.joint_names[mirrored]
        assert twin == name.replace("left", "LEFT").replace("right", "left").replace("LEFT", "right")


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=SKELETONS)
def test_bones_hold_the_body_together(skeleton: Skeleton) -> None:
    body = {skeleton.index("left_shoulder")}
    for _ in skeleton.joint_names:
        body |= {b for a, b in skeleton.bones if a in body} | {a for a, b in skeleton.bones if b in body}
    limbs = {i for i, name in enumerate(skeleton.joint_names) if name.endswith(("wrist", "ankle", "knee", "hip"))}
    assert limbs <= body


@pytest.mark.parametrize(
    ("name", "joints"),
    [("dancer", 16), ("mediapipe", 33), ("coco-17", 17), ("openpose-25", 25), ("openpose-18", 18), ("openpose-15", 15)],
)
def test_known_sizes(name: str, joints: int) -> None:
    assert SKELETONS[name].n_joints == joints


def test_an_unknown_joint_is_named() -> None:
    with pytest.raises(PoseError, match="no joint 'tail'"):
        DANCER.index("tail")


def test_a_bone_to_nowhere_is_refused() -> None:
    with pytest.raises(PoseError, match="joins 0 and 2"):
        Skeleton("broken", ("a", "b"), ((0, 2),), ())
    with pytest.raises(PoseError, match="two joints of the same name"):
        Skeleton("twins", ("a", "a"), (), ())
