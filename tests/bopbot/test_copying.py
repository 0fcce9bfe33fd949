import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bopbot.copying import longest_common_run


def rows(ids: list[int]) -> NDArray[np.int64]:
    """Rows of two words; a moment is the same where both are."""
    return np.array([[0, i] for i in ids], np.int64).reshape(-1, 2)


IDS = st.lists(st.integers(0, 3), max_size=12)


@pytest.mark.parametrize(
    ("ids", "others", "longest"),
    [
        ([9, 1, 2, 3, 9], [0, 1, 2, 3, 4], 3),
        ([1, 2, 1, 2], [2, 1], 2),
        ([1, 1, 1], [1], 1),
        ([1], [2], 0),
        ([], [1], 0),
    ],
)
def test_runs_that_are_found_by_eye(ids: list[int], others: list[int], longest: int) -> None:
    assert longest_common_run(rows(ids), rows(others)) == longest


@given(IDS, IDS)
def test_a_run_of_that_length_stands_in_both_and_none_longer(ids: list[int], others: list[int]) -> None:
    def runs(row: list[int], length: int) -> set[tuple[int, ...]]:
        return {tuple(row[i : i + length]) for i in range(len(row) - length + 1)}

    longest = longest_common_run(rows(ids), rows(others))
    assert not longest or runs(ids, longest) & runs(others, longest)
    assert not runs(ids, longest + 1) & runs(others, longest + 1)
