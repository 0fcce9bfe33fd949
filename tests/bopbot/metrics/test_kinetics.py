from collections.abc import Callable

import numpy as np
import pytest
from builders import random_walk_px
from hypothesis import given, settings
from hypothesis import strategies as st

from bopbot.metrics.kinetics import dist_k, fid_k, frechet_distance, kinetic_features
from pose_vocab.errors import ModelError, PoseError
from pose_vocab.normalization import Clip, normalize
from pose_vocab.skeletons import DANCER

DANCES = [normalize(random_walk_px(60, seed)) for seed in range(8)]
FEATURES = 3 * DANCER.n_joints


def test_uniform_travel_has_known_features(danced: Callable[..., Clip]) -> None:
    """2 torso lengths a second across the picture and 1 up: squared 4 and 1, and no acceleration."""
    travel = danced(np.zeros((40, 1, 2)), way=np.arange(40)[:, None] / 20 * [2.0, 1.0], hidden=("nose",))
    features = kinetic_features(travel)
    assert np.isnan(features[DANCER.index("nose")]).all()
    np.testing.assert_allclose(np.delete(features, DANCER.index("nose"), axis=0), [[4, 1, 0]] * 15, atol=1e-2)


def test_a_fall_has_its_acceleration(danced: Callable[..., Clip]) -> None:
    fall = np.stack([np.zeros(21), -9.0 * (np.arange(21) / 20) ** 2 / 2], axis=1)
    features = kinetic_features(danced(fall[:, None]))
    np.testing.assert_allclose(features[:, 0], 0, atol=1e-9)
    np.testing.assert_allclose(features[:, 1], 81 / 3, rtol=0.01)
    np.testing.assert_allclose(features[:, 2], 9.0, rtol=1e-3)


def test_a_gaussian_twice_as_wide_elsewhere_is_at_a_known_distance() -> None:
    """Shifted by 3 in each of 4 features, and its deviations doubled: 4 x 3^2 + (2 - 1)^2 times the variances' sum."""
    sample = np.random.default_rng(0).normal(size=(50, 4)) * [1, 2, 3, 4]
    sample -= sample.mean(axis=0)
    expected = 4 * 9 + sample.var(axis=0).sum()
    assert frechet_distance(sample, 2 * sample + 3) == pytest.approx(expected)


def test_two_gaussians_of_known_distance() -> None:
    """Covariances that turn against each other: 2 (4 + 1) - 2 trace(root of the product), 2 x 2 for each of two."""
    generator = np.random.default_rng(1)
    upright, lying = (generator.normal(size=(200_000, 2)) * scale for scale in ([1, 2], [2, 1]))
    assert frechet_distance(upright, lying) == pytest.approx(10 - 8, abs=0.05)


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(range(6)), n=st.integers(2, 6))
def test_the_same_set_in_any_order_is_at_no_distance(order: list[int], n: int) -> None:
    sample = np.random.default_rng(n).normal(size=(6, 10))
    assert frechet_distance(sample, sample[order]) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(sample[:n], sample) == pytest.approx(frechet_distance(sample, sample[:n]), abs=1e-6)


def test_real_dances_are_at_no_distance_from_themselves_and_livelier_ones_are() -> None:
    lively = [Clip(clip.poses.with_keypoints(2 * clip.poses.keypoints), clip.placement) for clip in DANCES]
    assert fid_k(DANCES, DANCES) == pytest.approx(0, abs=1e-6)
    assert fid_k(lively, DANCES) > 10 * fid_k(DANCES[:4], DANCES)


def test_two_dances_differ_by_two_deviations_in_every_feature() -> None:
    assert dist_k(DANCES[:2], DANCES[:2]) == pytest.approx(2 * np.sqrt(FEATURES))
    assert dist_k([DANCES[3]] * 3, DANCES) == pytest.approx(0, abs=1e-9)


def test_a_mirror_changes_nothing() -> None:
    ours, theirs = DANCES[:4], DANCES[4:]
    ours_mirrored, theirs_mirrored = ([clip.mirrored() for clip in clips] for clips in (ours, theirs))
    assert fid_k(ours_mirrored, theirs_mirrored) == pytest.approx(fid_k(ours, theirs))
    assert dist_k(ours_mirrored, theirs_mirrored) == pytest.approx(dist_k(ours, theirs))


def without(clip: Clip, joint: str) -> Clip:
    keypoints = clip.poses.keypoints.copy()
    keypoints[:, DANCER.index(joint)] = np.nan
    return Clip(clip.poses.with_keypoints(keypoints), clip.placement)


def test_a_joint_that_a_set_hides_is_left_out() -> None:
    hidden = [without(clip, "nose") for clip in DANCES[:2]]
    assert dist_k(DANCES[:2], hidden) == dist_k(hidden, DANCES[:2])
    assert dist_k(hidden, hidden) == pytest.approx(2 * np.sqrt(FEATURES - 3))


def test_a_joint_that_one_dance_hides_moves_as_in_the_others() -> None:
    dances = [without(DANCES[0], "nose"), DANCES[1]]
    assert dist_k(dances, dances) == pytest.approx(2 * np.sqrt(FEATURES - 3))


def test_what_cannot_be_measured_is_refused(danced: Callable[..., Clip]) -> None:
    with pytest.raises(PoseError, match="59 to 60 frames"):
        fid_k(DANCES, [clip[:59] for clip in DANCES])
    for ours, theirs in ((DANCES[:1], DANCES), (DANCES, DANCES[:1]), (DANCES, [])):
        with pytest.raises(PoseError, match="at least two"):
            dist_k(ours, theirs)
    with pytest.raises(PoseError, match="no joint"):
        fid_k([clip[:1] for clip in DANCES], [clip[:1] for clip in DANCES])
    row = np.zeros((1, 3))
    for wrong in (row, np.zeros(3), np.full((2, 3), np.nan)):
        with pytest.raises(ModelError, match="two rows"):
            frechet_distance(wrong, np.zeros((2, 3)))
    with pytest.raises(ModelError, match="3 features"):
        frechet_distance(np.zeros((2, 3)), np.zeros((2, 4)))
