"""Figures and their intervals, whose answers follow by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from bopbot.evaluation.figures import Value, jackknife, maximum, mean


@given(st.lists(st.floats(1, 100), min_size=3, max_size=20))
def test_the_jackknife_of_a_mean_is_students_interval(samples: list[float]) -> None:
    found = jackknife(lambda some: float(np.mean(some)), samples)
    reach = t.ppf(0.975, len(samples) - 1) * np.std(samples, ddof=1) / np.sqrt(len(samples))
    assert found.value == pytest.approx(np.mean(samples))
    assert found.high == pytest.approx(np.mean(samples) + reach, rel=1e-6)
    assert found.low == pytest.approx(max(0, np.mean(samples) - reach), rel=1e-6, abs=1e-6)


def test_what_a_sample_cannot_tell_has_no_interval() -> None:
    assert maximum([1.0, 3.0, 2.0]) == Value(3.0, None, None, (1.0, 3.0, 2.0), 3)
    assert jackknife(sum, [1.0, 2.0]) == Value(3.0, None, None, (), 2)
    assert mean([2.0], seed=0) == Value(2.0, None, None, (2.0,), 1)


def test_another_scale_takes_the_interval_along() -> None:
    assert Value(2, 1, 3, (1, 3), 2).mapped(lambda x: 2.0**x) == Value(4, 2, 8, (2, 8), 2)
