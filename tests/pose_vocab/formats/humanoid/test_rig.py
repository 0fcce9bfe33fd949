"""The rig at rest, and in motion."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rigid_dancer import SHIN_M, THIGH_M, dancing_m

from pose_vocab.formats.humanoid.rig import build_rest_rig, measure
from pose_vocab.formats.humanoid.rig_fitting import fit_rig
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER


def test_the_rig_stands_on_the_ground() -> None:
    rig = build_rest_rig(measure([dancing_m()]))
    at: list[np.ndarray] = []
    for joint in rig:
        at.append(joint.offset + (at[joint.parent] if joint.parent >= 0 else 0))
    assert min(place[1] for place in at) == pytest.approx(0, abs=1e-9)
    assert at[0][1] > THIGH_M + SHIN_M


def test_lengths_are_medians_over_all_dances() -> None:
    dance = dancing_m(10)
    longer = dance.with_keypoints(dance.keypoints * 1.5)
    assert measure([dance, dance, longer]) == pytest.approx(measure([dance]))


def test_the_rig_follows_the_dancer() -> None:
    dancer = dancing_m()
    motion = fit_rig(build_rest_rig(measure([dancer])), dancer)
    at = motion.positions()
    for rig_joint, joint in (("LeftHand", "left_wrist"), ("RightFoot", "right_ankle"), ("LeftToe_end", "left_toe")):
        assert np.linalg.norm(at[rig_joint] - dancer.joint(joint), axis=1).max() < 0.005
    by_locals = dict.fromkeys(motion.rotations, np.eye(3))
    for joint in motion.rig:
        parent = np.eye(3) if joint.parent < 0 else by_locals[motion.rig[joint.parent].name]
        by_locals[joint.name] = parent @ motion.local_rotations(joint)
        assert by_locals[joint.name] == pytest.approx(motion.rotations[joint.name], abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_any_joints_give_a_rig_whose_bones_point_at_them(seed: int) -> None:
    keypoints = np.random.default_rng(seed).uniform(-1, 1, (4, 16, 3))
    poses = PoseSequence.fully_seen(keypoints, 30, DANCER)
    at = fit_rig(build_rest_rig(measure([poses])), poses).positions()
    for start, end, joint in (("Arm", "ForeArm", "elbow"), ("ForeArm", "Hand", "wrist"), ("Leg", "Foot", "ankle")):
        for side in ("Left", "Right"):
            bone = at[f"{side}{end}"] - at[f"{side}{start}"]
            wanted = poses.joint(f"{side.lower()}_{joint}") - at[f"{side}{start}"]
            assert np.linalg.norm(np.cross(bone, wanted), axis=1) == pytest.approx(np.zeros(4), abs=1e-4)
            assert ((bone * wanted).sum(axis=1) > 0).all()
