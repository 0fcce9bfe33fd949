"""What every reader checks, with the simplest of them."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from word_dances import SEVERAL, random_dance, row, rows

from models.row_layout import RowLayout
from models.row_reader import RowReader
from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP, Ids

layouts = st.lists(st.integers(1, 5), min_size=1, max_size=5).map(lambda sizes: RowLayout(tuple(sizes), "x"))


class Recorder(RowReader):
    """Keeps every row that it reads; the logits of a place are 0, 1, 2 and so on."""

    def __init__(self, layout: RowLayout) -> None:
        super().__init__(layout)
        self.followed: list[list[int]] = []

    def follow(self, rows: Ids) -> None:
        assert len(rows)
        self.followed += rows.tolist()

    def logits_of_place(self, prefix: Ids) -> torch.Tensor:
        return torch.arange(self._layout.sizes[len(prefix)], dtype=torch.float64)


@given(layout=layouts, n_rows=st.integers(0, 4), again=st.booleans(), gaps=st.sampled_from([0, 0.5, 1]))
def test_the_row_that_begins_a_dance_is_read_like_any_row(
    layout: RowLayout, n_rows: int, again: bool, gaps: float
) -> None:
    """Read at once or row by row; a dance may begin behind another one."""
    begins = layout.bos_row[None]
    ids = np.concatenate([begins, random_dance(layout, n_rows, gaps=gaps), *[begins] * again])
    at_once, row_by_row = Recorder(layout), Recorder(layout)
    at_once.read(ids)
    for each in ids:
        row_by_row.read(each[None])
    assert at_once.followed == row_by_row.followed == ids.tolist()


def test_the_logits_of_a_place_are_spread_over_all_words() -> None:
    reader = Recorder(SEVERAL)
    reader.read(rows([3, 4, 5]))
    nothing = -np.inf
    for prefix, expected in (
        (row(), [0, 1, 2, 3, nothing, nothing, nothing, nothing]),
        (row(2), [nothing] * 4 + [0] + [nothing] * 3),
        (row(2, 4), [nothing] * 5 + [0, 1, 2]),
    ):
        logits = reader.logits(prefix)
        assert logits.dtype == torch.float32
        assert logits.tolist() == expected


@pytest.mark.parametrize("read", [lambda _: None, lambda reader: reader.read(np.empty((0, 3), np.int64))])
def test_there_are_no_logits_before_a_row_was_read(read: Callable[[Recorder], None]) -> None:
    reader = Recorder(SEVERAL)
    read(reader)
    with pytest.raises(ModelError, match=r"nothing was read; a dance begins with the row `layout.bos_row`, or with a"):
        reader.logits(row())


@pytest.mark.parametrize(
    ("unreadable", "complaint"),
    [
        (row(3, 4, 5), r"of shape \(rows, 3\), got \(3,\)"),
        (rows([3, 4]), r"got \(1, 2\)"),
        (rows([8, 8]), r"of shape \(rows, 3\)"),
        (rows([3, 4, 5])[None], r"got \(1, 1, 3\)"),
        (rows([3, 4, 9]), "the model knows 0 to 7"),
        (rows([-2, 4, 5]), "the model knows 0 to 7"),
        (rows([8, 4, 5]), "the model knows 0 to 7"),
        (rows([8, 8, GAP]), "the model knows 0 to 7"),
        (rows([4, 4, 5]), "word 4 belongs at place 1 of a row of 3, but stands at place 0"),
        (rows([8, 8, 8], [3, 4, 3]), "word 3 belongs at place 0 of a row of 3, but stands at place 2"),
    ],
)
def test_rows_that_cannot_stand_in_a_dance_are_not_read(unreadable: Ids, complaint: str) -> None:
    reader = Recorder(SEVERAL)
    reader.read(rows([0, 4, 7]))
    with pytest.raises(ModelError, match=complaint):
        reader.read(unreadable)
    assert reader.followed == [[0, 4, 7]]
