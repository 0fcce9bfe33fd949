from dataclasses import replace

import numpy as np
import pytest
from builders import random_walk_px
from hypothesis import given
from hypothesis import strategies as st

from bopbot.choreography.scoring import Scores, rank, score
from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP
from pose_vocab.normalization import Clip, normalize

GOOD = Scores(jitter=1.0, freeze_s=0.3, real_freeze_s=0.2, distinct=0.9, copied_share=0.1)


@pytest.mark.parametrize(
    ("worse", "penalty"),
    [
        ({}, 0.0),
        ({"jitter": 0.85}, 0.0),
        ({"jitter": 0.75}, 0.1),
        ({"jitter": 1.35}, 0.2),
        ({"freeze_s": 0.8}, 0.5),
        ({"distinct": 0.5}, 0.3),
        ({"copied_share": 0.6}, 0.4),
        ({"jitter": 1.35, "freeze_s": 0.8, "distinct": 0.5, "copied_share": 0.6}, 1.4),
    ],
)
def test_a_penalty_is_how_far_a_take_is_outside(worse: dict[str, float], penalty: float) -> None:
    assert replace(GOOD, **worse).penalty == pytest.approx(penalty)


def test_the_best_comes_first_and_of_equals_the_first() -> None:
    shaky = replace(GOOD, jitter=2.0)
    dull, livelier = replace(GOOD, distinct=0.7), replace(GOOD, jitter=1.1)
    assert rank([[scores] for scores in (shaky, dull, GOOD, shaky, livelier)]) == [2, 4, 1, 0, 3]
    assert rank([]) == []
    assert rank([[GOOD, shaky], [GOOD, GOOD]]) == [1, 0]


@given(st.lists(st.floats(0, 3), max_size=8))
def test_ranking_sorts(jitters: list[float]) -> None:
    scores = [replace(GOOD, jitter=jitter) for jitter in jitters]
    order = rank([[each] for each in scores])
    assert sorted(order) == list(range(len(scores)))
    penalties = [scores[number].penalty for number in order]
    assert penalties == sorted(penalties)


REAL = normalize(random_walk_px(100, 0))
REAL_IDS = np.concatenate([np.arange(60) % 10, [GAP] * 10, np.arange(20)])[:, None]
"""The longest stretch without a gap holds 10 words in any second of it."""


def moved_as(keypoints: np.ndarray) -> Clip:
    return Clip(REAL.poses.with_keypoints(keypoints), REAL.placement)


def test_a_take_is_measured_beside_the_real_dance() -> None:
    """It moves half as far around its first pose, and says 5 words where the real one says 10."""
    first = REAL.poses.keypoints[0]
    scores = score(
        moved_as(first + (REAL.poses.keypoints - first) / 2),
        (np.arange(50) % 5)[:, None],
        [REAL],
        [REAL_IDS],
        10.0,
        0.25,
    )
    assert scores.jitter == pytest.approx(0.5, abs=1e-4)
    assert (scores.freeze_s, scores.real_freeze_s, scores.distinct, scores.copied_share) == (0.0, 0.0, 0.5, 0.25)


def test_standing_still_is_noticed() -> None:
    still = REAL.poses.keypoints.copy()
    still[40:61] = still[40]
    assert score(moved_as(still), REAL_IDS[:60], [REAL], [REAL_IDS], 10.0, 0.0).freeze_s == 1.0


def test_the_real_dance_itself_is_good() -> None:
    assert score(REAL, REAL_IDS[:60], [REAL], [REAL_IDS], 10.0, 0.0).penalty == 0


def test_without_words_there_is_nothing_to_compare() -> None:
    with pytest.raises(ModelError, match="choose shorter windows"):
        score(REAL, np.arange(20)[:, None], [REAL], [np.full((20, 1), GAP)], 10.0, 0.0)


def test_words_of_a_part_that_is_never_shown_do_not_count() -> None:
    """The dancer's legs are out of the picture; the new dance has words for them."""
    real = np.concatenate([REAL_IDS, np.full_like(REAL_IDS, GAP)], axis=1)
    new = np.stack([np.arange(50) % 5, 100 + np.arange(50)], axis=1)
    assert score(REAL, new, [REAL], [real], 10.0, 0.0).distinct == 0.5
