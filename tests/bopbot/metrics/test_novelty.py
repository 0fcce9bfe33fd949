from collections.abc import Callable

import numpy as np
import pytest
from builders import random_walk_px

from bopbot.metrics.novelty import NearestReference, coverage, nearest_per_second, novelty
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip, normalize

KNOWN = [normalize(random_walk_px(120, seed)) for seed in range(3)]


def joined(*clips: Clip) -> Clip:
    """One dance of several, one behind the other."""
    keypoints = np.concatenate([clip.poses.keypoints for clip in clips])
    still = normalize(random_walk_px(len(keypoints), 0))
    return Clip(still.poses.with_keypoints(keypoints), still.placement)


def test_each_second_names_where_it_was_danced_before() -> None:
    dance = joined(KNOWN[1][30:50], KNOWN[2][7:27], KNOWN[0][:15])
    seconds = nearest_per_second(dance, KNOWN)
    assert [(second.clip, second.seconds) for second in seconds] == [(1, 1.5), (2, 0.35)]
    assert [second.distance for second in seconds] == pytest.approx([0, 0], abs=1e-6)
    assert all(type(value) in (int, float) for second in seconds for value in vars(second).values())


def test_of_a_shifted_dance_the_distance_is_told(danced: Callable[..., Clip]) -> None:
    still = np.zeros((20, 1, 2))
    (second,) = nearest_per_second(danced(np.add(still, [0.0, 0.2])), [danced(still)])
    assert second == NearestReference(0, 0.0, pytest.approx(0.2, abs=1e-5))


def test_a_copy_is_not_new_and_another_dance_is() -> None:
    assert novelty([KNOWN[0], KNOWN[2][30:]], KNOWN) == pytest.approx(0, abs=1e-6)
    assert novelty([KNOWN[0]], KNOWN[1:]) > 0.05


def test_novelty_is_the_mean_over_windows_of_all_dances(danced: Callable[..., Clip]) -> None:
    """Two windows 0.3 away, one that is the same, and 14 frames left over."""
    still = np.zeros((44, 1, 2))
    dances = [danced(np.add(still[:30], [0.3, 0.0])), danced(still[:29])]
    assert novelty(dances, [danced(still)]) == pytest.approx(0.2, abs=1e-5)


def test_half_of_the_reference_is_covered() -> None:
    """Of two clips of four windows each one is danced, shifted by nothing."""
    assert coverage(KNOWN[:2], [KNOWN[1]], threshold=1e-3) == 0.5
    assert coverage([*KNOWN[:2], KNOWN[0][:20]], [KNOWN[1]], threshold=1e-3) == 0.5
    assert coverage(KNOWN, [KNOWN[1]], threshold=1e9) == 1


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(PoseError, match="no window of 15"):
        novelty([KNOWN[0][:14]], KNOWN)
    with pytest.raises(PoseError, match="no window of 20"):
        nearest_per_second(KNOWN[0][:19], KNOWN)
    with pytest.raises(PoseError, match="nothing to cover"):
        coverage([KNOWN[0][:29]], KNOWN, 0.1)
    with pytest.raises(PoseError, match="no clip"):
        novelty([], KNOWN)
