from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from builders import random_walk_px

from bopbot.metrics.bones import bone_length_deviation
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip, normalize
from pose_vocab.skeletons import DANCER

STILL = np.zeros((40, 1, 2))
N_BONES = len(DANCER.bones)


def scaled(clip: Clip, factor: float) -> Clip:
    return replace(clip, poses=clip.poses.with_keypoints(factor * clip.poses.keypoints))


@pytest.mark.parametrize("factor", [0.95, 1.05])
def test_a_dancer_who_grows_or_shrinks(factor: float, danced: Callable[..., Clip]) -> None:
    found = bone_length_deviation([scaled(danced(STILL), factor)], [danced(STILL)])
    assert (found.mean, found.worst) == pytest.approx((0.05, 0.05), abs=1e-5)


def test_one_bone_that_grows_is_named(danced: Callable[..., Clip]) -> None:
    forearm = np.zeros((40, DANCER.n_joints, 2))
    forearm[:, DANCER.index("left_wrist")] = 0.1 * np.array([0.05, -0.55])
    found = bone_length_deviation([danced(forearm)], [danced(STILL)])
    assert found.worst_bone == ("left_elbow", "left_wrist")
    assert (found.mean, found.worst) == pytest.approx((0.1 / N_BONES, 0.1), abs=1e-5)


def test_a_bone_that_leans_towards_the_camera_has_kept_its_length(danced: Callable[..., Clip]) -> None:
    """In half of the frames the forearm is seen at half its length."""
    leaning = np.zeros((40, DANCER.n_joints, 2))
    leaning[:20, DANCER.index("left_wrist")] = -0.5 * np.array([0.05, -0.55])
    assert bone_length_deviation([danced(leaning)], [danced(STILL)]).worst == pytest.approx(0, abs=1e-5)


def test_bones_that_a_set_hides_are_left_out(danced: Callable[..., Clip]) -> None:
    forearm = np.zeros((40, DANCER.n_joints, 2))
    forearm[:, DANCER.index("left_wrist")] = [9.0, 0.0]
    found = bone_length_deviation([danced(forearm)], [danced(STILL, hidden=("left_wrist",))])
    assert found.worst == pytest.approx(0, abs=1e-5)


def test_a_mirror_changes_nothing() -> None:
    dance, real = (normalize(random_walk_px(60, seed)) for seed in (1, 2))
    plain, mirrored = (
        bone_length_deviation([ours], [theirs]) for ours, theirs in ((dance, real), (dance.mirrored(), real.mirrored()))
    )
    assert (mirrored.mean, mirrored.worst) == pytest.approx((plain.mean, plain.worst), rel=1e-4)


def test_sets_without_a_common_bone_are_refused(danced: Callable[..., Clip]) -> None:
    for dances, real in (([danced(STILL)], []), ([danced(STILL)], [danced(STILL, hidden=DANCER.joint_names)])):
        with pytest.raises(PoseError, match="share no bone"):
            bone_length_deviation(dances, real)
