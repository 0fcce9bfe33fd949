import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pose_vocab.extraction.detected_people import LANDMARKS, People, match_pairs, pairwise_distances

ALONG = np.linspace(0, 1, LANDMARKS)


def standing_at(*places: float, visibility: float = 1.0) -> People:
    """People on a line: landmarks evenly along a diagonal of 60 x 80 pixels, so each is 100 pixels large."""
    keypoints = [np.stack([x + 60 * ALONG, 80 * ALONG], axis=1) for x in places]
    shape = (len(places), LANDMARKS)
    return People(
        np.array(keypoints, np.float32), np.full(shape, visibility, np.float32), np.zeros((*shape, 3), np.float32)
    )


def test_the_size_is_the_diagonal_of_the_bounding_box() -> None:
    assert standing_at(0, 500).sizes == pytest.approx([100, 100])


def test_distances_are_in_body_sizes() -> None:
    apart = pairwise_distances(standing_at(0, 50), standing_at(0, 10, 200))
    assert apart == pytest.approx(np.array([[0, 0.1, 2], [0.5, 0.4, 1.5]]))


def test_a_landmark_that_is_not_visible_hardly_counts() -> None:
    here, there = standing_at(0), standing_at(0)
    there.keypoints[0, 16] += (0, 30)  # inside the bounding box: sizes stay
    seen = pairwise_distances(here, there)[0, 0]
    there.visibility[0, 16] = 0
    assert pairwise_distances(here, there)[0, 0] < seen / 15


def test_somebody_real_is_large_and_visible_enough() -> None:
    assert standing_at(0).is_plausible(shorter_side_px=480)
    assert not standing_at(0).is_plausible(shorter_side_px=1080)
    assert not standing_at(0, visibility=0.5).is_plausible(shorter_side_px=480)
    assert not People.empty().is_plausible(shorter_side_px=480)


def test_halfway_between_two_places_is_the_middle() -> None:
    halfway = standing_at(0).blend(standing_at(10, visibility=0.5), 0.5)
    assert halfway.keypoints == pytest.approx(standing_at(5).keypoints)
    assert halfway.visibility == pytest.approx(0.75)


def test_pairs_are_the_cheapest_together_and_not_one_by_one() -> None:
    # The nearest pair is (0, 0), but then 1 would have to take the dear 1.
    assert match_pairs(np.array([[0.1, 0.2], [0.15, 0.9]]), 1.0) == [(0, 1), (1, 0)]


def test_pairs_beyond_the_gate_are_left_out() -> None:
    costs = np.array([[0.1, 0.2], [0.15, 0.9]])
    assert match_pairs(costs, 0.12) == [(0, 0)]
    assert match_pairs(costs, np.array([[0.0], [1.0]])) == [(1, 0)]
    assert match_pairs(costs, 0.05) == []
    assert match_pairs(np.empty((0, 3)), 1.0) == []


@given(arrays(np.float64, (4, 3), elements=st.floats(0, 10)), st.floats(0, 10))
def test_nobody_is_paired_twice_or_beyond_the_gate(costs: np.ndarray, gate: float) -> None:
    pairs = match_pairs(costs, gate)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    assert all(costs[i, j] <= gate for i, j in pairs)
    free = np.ix_(sorted({0, 1, 2, 3} - {i for i, _ in pairs}), sorted({0, 1, 2} - {j for _, j in pairs}))
    assert not (costs[free] <= gate).any()
