"""The nearest point is the one that float64 differences name, whatever rounding and masks do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pose_vocab.codec import nearest as nearest_module
from pose_vocab.codec.nearest import nearest


def by_differences(
    rows: NDArray[np.float32], points: NDArray[np.float32], mask: NDArray[np.bool_]
) -> NDArray[np.int64]:
    apart = np.where(mask[:, None], rows[:, None].astype(np.float64) - points, 0)
    return np.asarray((apart**2).sum(axis=2).argmin(axis=1))


def test_three_points_on_a_line() -> None:
    points = np.array([[0], [10], [20]], np.float32)
    rows = np.array([[-100], [4], [6], [14], [16], [1000], [5]], np.float32)
    assert nearest(rows, points).tolist() == [0, 0, 1, 1, 2, 2, 0]  # 5 is as near to 0 as to 10: the first


def test_what_is_not_seen_does_not_count() -> None:
    points = np.array([[0, 0], [10, 10]], np.float32)
    rows = np.array([[1, 90], [1, 90], [np.nan, 9]], np.float32)
    mask = np.array([[True, True], [True, False], [False, True]])
    assert nearest(rows, points, mask).tolist() == [1, 0, 1]


def test_no_row_is_no_answer() -> None:
    assert nearest(np.zeros((0, 2), np.float32), np.zeros((1, 2), np.float32)).shape == (0,)


@given(
    n_points=st.integers(1, 60),
    n_features=st.integers(1, 7),
    offset=st.sampled_from([0, 1e3, -1e6, 1e12]),
    size=st.sampled_from([1, 1e-3, 1e-20, 1e-38, 1e3, 1e14]),
    outlier=st.sampled_from([0, 1e6, -1e14]),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_answer_is_that_of_the_differences(
    n_points: int, n_features: int, offset: float, size: float, outlier: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    points = (offset + size * random.integers(-9, 10, (n_points, n_features))).astype(np.float32)
    points[0] += np.float32(outlier)
    near = points[random.integers(0, n_points, 20)] + size * random.normal(0, random.choice([0, 0.1, 3]), (20, 1))
    rows = near.astype(np.float32)
    mask = random.random(rows.shape) < 0.8
    assert nearest(rows, points).tolist() == by_differences(rows, points, np.ones_like(mask)).tolist()
    rows[~mask] = np.nan
    assert nearest(rows, points, mask).tolist() == by_differences(rows, points, mask).tolist()


def test_points_that_float32_products_cannot_tell_apart_find_themselves() -> None:
    points = np.float32(1) + np.arange(4000, dtype=np.float32).reshape(-1, 2) * np.float32(2**-23)
    points = np.vstack([points, [[-3e6, 7e6]]]).astype(np.float32)
    assert nearest(points, points).tolist() == list(range(len(points)))


def test_points_whose_squares_are_too_small_for_float32() -> None:
    points = np.linspace(-1e-22, 1e-22, 41, dtype=np.float32)[:, None]
    assert nearest(points, points).tolist() == list(range(41))


def test_rows_do_not_depend_on_how_they_are_batched(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    points, rows = random.normal(size=(500, 8)).astype(np.float32), random.normal(size=(300, 8)).astype(np.float32)
    mask = random.random(rows.shape) < 0.7
    at_once = nearest(rows, points, mask)
    monkeypatch.setattr(nearest_module, "TABLE_SIZE", 1)
    assert nearest(rows, points, mask).tolist() == at_once.tolist()
