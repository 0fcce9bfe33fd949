"""The rig at rest, and in motion."""

import numpy as np
import pytest
from rigid_dancer import SHIN_M, THIGH_M, dancing_m

from pose_vocab.formats.humanoid.rig import build_rest_rig, measure
from pose_vocab.formats.humanoid.rig_motion import move_rig


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
    motion = move_rig(build_rest_rig(measure([dancer])), dancer)
    at = motion.positions()
    for rig_joint, joint in (("LeftHand", "left_wrist"), ("RightFoot", "right_ankle"), ("LeftToe_end", "left_toe")):
        assert np.linalg.norm(at[rig_joint] - dancer.joint(joint), axis=1).max() < 0.005
    by_locals = dict.fromkeys(motion.rotations, np.eye(3))
    for joint in motion.rig:
        parent = np.eye(3) if joint.parent < 0 else by_locals[motion.rig[joint.parent].name]
        by_locals[joint.name] = parent @ motion.local_rotations(joint)
        assert by_locals[joint.name] == pytest.approx(motion.rotations[joint.name], abs=1e-9)
