import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bopbot.metrics.beat_alignment import SIGMA_S, beat_alignment

BEATS_S = np.array([0.5, 1.0, 1.5])

some_beats = st.lists(st.floats(0, 20), max_size=20).map(lambda times_s: np.array(sorted(times_s)))


def test_a_dance_on_the_beat_scores_one() -> None:
    assert beat_alignment(BEATS_S, BEATS_S) == 1


def test_one_sigma_early_or_late_scores_what_a_gaussian_does_there() -> None:
    off = BEATS_S + SIGMA_S * np.array([1, -1, 1])
    assert beat_alignment(BEATS_S, off) == pytest.approx(np.exp(-0.5))


def test_every_beat_looks_for_its_nearest() -> None:
    """Beats at 0.5 and 1.5 are met, the one at 1.0 is not: two of three. Both motion beats are on the beat: all."""
    moves_s = np.array([0.5, 1.5])
    assert beat_alignment(BEATS_S, moves_s) == pytest.approx(2 / 3)
    assert beat_alignment(moves_s, BEATS_S) == 1


def test_no_beat_scores_nothing() -> None:
    none = np.empty(0)
    assert beat_alignment(none, BEATS_S) == beat_alignment(BEATS_S, none) == beat_alignment(none, none) == 0


@given(some_beats, some_beats)
def test_more_motion_never_lowers_it(music_s: np.ndarray, moves_s: np.ndarray) -> None:
    score = beat_alignment(music_s, moves_s)
    assert 0 <= score <= 1
    assert beat_alignment(music_s, np.append(moves_s, 3.0)) >= score
