import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bopbot.metrics.intervals import Interval, interval
from pose_vocab.errors import ModelError

FIGURES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20)


def test_of_many_values_it_is_that_of_a_gaussian() -> None:
    values = np.random.default_rng(0).normal(5.0, 2.0, 400)
    found = interval(values.tolist(), seed=0)
    half = 1.96 * values.std() / 20
    assert found.low is not None
    assert found.high is not None
    assert (found.mean, found.n) == (pytest.approx(values.mean()), 400)
    assert (found.low, found.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.02)


def test_two_values_may_each_be_drawn_twice() -> None:
    assert interval([0.0, 1.0], seed=0) == Interval(0.5, 0.0, 1.0, 2)


def test_one_value_says_nothing_about_its_spread() -> None:
    assert interval([3.0], seed=0) == Interval(3.0, None, None, 1)


@settings(max_examples=25, deadline=None)
@given(values=FIGURES, seed=st.integers(0, 9))
def test_the_mean_is_within_and_the_seed_gives_it_again(values: list[float], seed: int) -> None:
    found = interval(values, seed)
    assert found == interval(values, seed)
    assert found.low is not None
    assert found.high is not None
    rounding = 1e-9 * max(map(abs, values))
    assert min(values) - rounding <= found.low <= found.mean + rounding
    assert found.mean - rounding <= found.high <= max(values) + rounding


@pytest.mark.parametrize("values", [[], [np.nan], [1.0, np.inf]])
def test_no_number_has_no_mean(values: list[float]) -> None:
    with pytest.raises(ModelError, match="finite number"):
        interval(values, seed=0)
