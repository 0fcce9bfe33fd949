import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bopbot.metrics.variety import distinct_words
from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP


def test_the_mean_is_over_all_windows() -> None:
    """201 windows of 10 s; only the first and the last hold one word."""
    ids = np.repeat([1, 2], 200)
    assert distinct_words(ids, fps=20.0) == pytest.approx((2 * 1 + 199 * 2) / 201)


def test_a_longer_dance_of_the_same_words_is_not_more_various() -> None:
    once = np.arange(20)
    assert distinct_words(np.tile(once, 10), fps=20.0) == distinct_words(np.tile(once, 50), fps=20.0) == 20


def test_windows_with_a_gap_do_not_count() -> None:
    assert distinct_words(np.array([1, 2, GAP, 3, 3]), fps=2.0, seconds=1.0) == pytest.approx((2 + 1) / 2)


@given(ids=st.lists(st.integers(0, 4), min_size=3, max_size=20), frames=st.integers(1, 3))
def test_it_is_what_sets_count(ids: list[int], frames: int) -> None:
    counts = [len(set(ids[i : i + frames])) for i in range(len(ids) - frames + 1)]
    assert distinct_words(np.array(ids), fps=1.0, seconds=frames) == pytest.approx(np.mean(counts))


@pytest.mark.parametrize(("ids", "seconds"), [([], 1.0), ([1], 2.0), ([1, 2], 0.0), ([1, GAP, 1], 2.0)])
def test_a_dance_without_such_a_window_is_refused(ids: list[int], seconds: float) -> None:
    with pytest.raises(ModelError, match="shorter windows"):
        distinct_words(np.array(ids, np.int64), fps=1.0, seconds=seconds)
