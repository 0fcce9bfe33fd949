from dataclasses import replace

import numpy as np
import pytest
from builders import random_walk_px, standing_px

from bopbot.choreography.smoothing import CUTOFFS_HZ, MOST_JITTER, smooth_to_match
from bopbot.metrics.jitter import jitter_ratio
from pose_vocab.errors import PoseError
from pose_vocab.filters import low_pass
from pose_vocab.normalization import Clip, normalize
from pose_vocab.skeletons import DANCER

FPS = 20.0
REAL = normalize(random_walk_px(200, seed=0))
WRIST = DANCER.index("left_wrist")


def shaken(torsos: float) -> Clip:
    """The real dance with chance added to every joint of every frame, and to the hips."""
    generator = np.random.default_rng(1)
    keypoints, hip_path = (
        array + generator.normal(0, torsos, array.shape).astype(np.float32)
        for array in (REAL.poses.keypoints, REAL.placement.hip_path)
    )
    return Clip(REAL.poses.with_keypoints(keypoints), replace(REAL.placement, hip_path=hip_path))


def test_a_calm_dance_is_left_as_it_is() -> None:
    slow = Clip(REAL.poses.with_keypoints(REAL.poses.keypoints * np.float32(0.9)), REAL.placement)
    for dance in (REAL, slow):
        assert smooth_to_match(dance, [REAL]) is dance


def test_a_shaky_dance_comes_out_as_calm_as_the_real_one_and_not_calmer_than_it_must() -> None:
    """The one cut-off before leaves it too shaky."""
    shaky = shaken(0.005)
    calm = smooth_to_match(shaky, [REAL])
    [place] = [
        place
        for place, cutoff_hz in enumerate(CUTOFFS_HZ)
        if np.array_equal(calm.poses.keypoints, filtered(shaky, cutoff_hz).poses.keypoints)
    ]
    assert 0 < place < len(CUTOFFS_HZ) - 1
    assert jitter_ratio([calm], [REAL]) <= MOST_JITTER < jitter_ratio([filtered(shaky, CUTOFFS_HZ[place - 1])], [REAL])


def filtered(dance: Clip, cutoff_hz: float) -> Clip:
    return dance.with_values(low_pass(dance.values, cutoff_hz, FPS))


def test_the_hips_are_calmed_along_and_nothing_else_is_changed() -> None:
    shaky = shaken(0.005)
    calm = smooth_to_match(shaky, [REAL])
    shakes = [np.abs(np.diff(dance.placement.hip_path, 2, axis=0)).mean() for dance in (calm, shaky)]
    assert shakes[0] < 0.6 * shakes[1]
    assert np.array_equal(calm.poses.confidence, shaky.poses.confidence)
    assert (calm.placement.scale, calm.placement.ground) == (shaky.placement.scale, shaky.placement.ground)


def test_what_no_cut_off_calms_comes_out_at_the_last() -> None:
    """A real dance that all but stands still."""
    still = Clip(REAL.poses.with_keypoints(REAL.poses.keypoints * np.float32(0.001)), REAL.placement)
    calm = smooth_to_match(REAL, [still])
    assert np.array_equal(calm.poses.keypoints, filtered(REAL, CUTOFFS_HZ[-1]).poses.keypoints)


def test_a_joint_that_is_never_seen_stays_unseen() -> None:
    shaky = shaken(0.005)
    keypoints = shaky.poses.keypoints.copy()
    keypoints[:, WRIST] = np.nan
    calm = smooth_to_match(Clip(shaky.poses.with_keypoints(keypoints), shaky.placement), [REAL])
    others = np.arange(DANCER.n_joints) != WRIST
    assert np.isnan(calm.poses.keypoints[:, WRIST]).all()
    assert np.isfinite(calm.poses.keypoints[:, others]).all()
    assert jitter_ratio([calm], [REAL]) <= MOST_JITTER


def test_beside_who_stands_still_nothing_can_be_calm() -> None:
    with pytest.raises(PoseError, match="do not move in the real dances"):
        smooth_to_match(REAL, [normalize(standing_px(100))])
