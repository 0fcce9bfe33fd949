import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bopbot.metrics.variety import distinct_words
from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP


def test_the_mean_is_over_all_windows() -> None:
    """201 windows of 10 s; only the first and the last hold one word."""
    ids = np.repeat([1, 2], 200)[:, None]
    assert distinct_words(ids, rows_per_second=20.0) == pytest.approx((2 * 1 + 199 * 2) / 201)


def test_a_longer_dance_of_the_same_words_is_not_more_various() -> None:
    once = np.arange(20)[:, None]
    short, long = (distinct_words(np.tile(once, (times, 1)), rows_per_second=20.0) for times in (10, 50))
    assert short == long == 20


def test_windows_with_a_gap_do_not_count() -> None:
    ids = np.array([1, 2, GAP, 3, 3])[:, None]
    assert distinct_words(ids, rows_per_second=2.0, seconds=1.0) == pytest.approx((2 + 1) / 2)


def test_a_gap_at_one_place_is_no_word() -> None:
    """Two windows of two rows: words 1, 7, 2 and then 2, 3, 7."""
    ids = np.array([[1, 7], [2, GAP], [3, 7]])
    assert distinct_words(ids, rows_per_second=1.0, seconds=2.0) == 3


@given(ids=st.lists(st.tuples(st.integers(0, 4), st.integers(3, 6)), min_size=3, max_size=20), frames=st.integers(1, 3))
def test_it_is_what_sets_count(ids: list[tuple[int, int]], frames: int) -> None:
    counts = [len({word for row in ids[i : i + frames] for word in row}) for i in range(len(ids) - frames + 1)]
    assert distinct_words(np.array(ids), rows_per_second=1.0, seconds=frames) == pytest.approx(np.mean(counts))


@pytest.mark.parametrize(("ids", "seconds"), [([], 1.0), ([1], 2.0), ([1, 2], 0.0), ([1, GAP, 1], 2.0)])
def test_a_dance_without_such_a_window_is_refused(ids: list[int], seconds: float) -> None:
    with pytest.raises(ModelError, match="shorter windows"):
        distinct_words(np.array(ids, np.int64)[:, None], rows_per_second=1.0, seconds=seconds)
