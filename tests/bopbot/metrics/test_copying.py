import numpy as np
import pytest
from builders import random_walk_px
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bopbot.metrics.copying import c_t, longest_common_run
from bopbot.metrics.nearest_windows import nearest_windows
from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP
from pose_vocab.normalization import normalize

DISTANCES = st.lists(st.integers(0, 5), min_size=1, max_size=10).map(np.array)


@pytest.mark.parametrize(
    ("generated", "held_out", "z"),
    [
        ([1, 2], [3, 4], -2 / np.sqrt(5 / 3)),
        ([3, 4], [1, 2], 2 / np.sqrt(5 / 3)),
        ([1, 4], [2, 3], 0),
        ([1, 1], [1, 1, 1], 0),
        # U is 0.5 of 2; the ties of three take (27 - 3) / (64 - 4) off the variance, which leaves 0.6 x 4 x 5 / 12
        ([1, 1], [1, 2], -1 / np.sqrt(0.6 * 5 / 3)),
    ],
)
def test_answers_that_follow_by_hand(generated: list[float], held_out: list[float], z: float) -> None:
    assert c_t(np.array(generated, float), np.array(held_out, float)) == pytest.approx(z)


def test_copies_of_the_training_set_are_told_from_new_dances() -> None:
    known, unknown = ([normalize(random_walk_px(60, seed)) for seed in seeds] for seeds in (range(12), range(12, 24)))
    copied, new = (
        np.array([nearest_windows(clip, known, 15).distances.mean() for clip in clips])
        for clips in ([clip[10:40] for clip in known], unknown)
    )
    assert c_t(copied, new) < -4
    assert abs(c_t(new[::2], new[1::2])) < 2


@given(generated=DISTANCES, held_out=DISTANCES)
def test_it_turns_round_with_the_sets_and_scale_does_not_matter(generated: np.ndarray, held_out: np.ndarray) -> None:
    z = c_t(generated, held_out)
    assert c_t(held_out, generated) == pytest.approx(-z, abs=1e-9)
    assert c_t(7 * generated, 7 * held_out) == pytest.approx(z)
    assert c_t(generated[::-1], held_out) == pytest.approx(z)


@pytest.mark.parametrize(("generated", "held_out"), [([], [1.0]), ([1.0], []), ([np.inf], [1.0]), ([1.0], [np.nan])])
def test_what_cannot_be_judged_is_refused(generated: list[float], held_out: list[float]) -> None:
    with pytest.raises(ModelError, match="finite"):
        c_t(np.array(generated), np.array(held_out))


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


def test_where_a_part_is_unseen_the_others_decide() -> None:
    """The last row of the others shows nothing, so it is like none."""
    new = np.array([[1, 5], [2, 6], [3, 7]])
    seen = np.array([[1, GAP], [2, 6], [GAP, GAP]])
    assert longest_common_run(new, seen) == 2
    assert longest_common_run(seen, new) == 2
    assert longest_common_run(new, np.array([[1, GAP], [2, 5]])) == 1
    assert longest_common_run(seen[2:], seen) == 0
