import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from word_dances import ONE, SEVERAL, column, random_dance, row, rows

from models.row_layout import RowLayout
from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP

layouts = st.lists(st.integers(1, 5), min_size=1, max_size=5).map(lambda sizes: RowLayout(tuple(sizes), "x"))


def test_ids_run_on_from_place_to_place() -> None:
    assert (SEVERAL.n_words, SEVERAL.places, SEVERAL.starts) == (8, 3, (0, 4, 5))
    assert [SEVERAL.ids(place) for place in range(3)] == [slice(0, 4), slice(4, 5), slice(5, 8)]
    assert SEVERAL.place_of(np.arange(8)).tolist() == [0, 0, 0, 0, 1, 2, 2, 2]
    assert SEVERAL.bos == 8
    assert SEVERAL.bos_row.tolist() == [8, 8, 8]
    assert SEVERAL.gap_row.tolist() == [GAP, GAP, GAP]


def test_check_returns_the_rows_of_a_dance() -> None:
    assert SEVERAL.check(rows([3, 4, 5], [0, 4, 7])).tolist() == [[3, 4, 5], [0, 4, 7]]
    assert SEVERAL.check(np.empty((0, 3), np.int64)).shape == (0, 3)
    assert ONE.check(column(7, 3)).tolist() == [[7], [3]]


@given(layout=layouts, n_rows=st.integers(0, 5), seed=st.integers(0, 20))
def test_a_gap_may_stand_at_every_place(layout: RowLayout, n_rows: int, seed: int) -> None:
    ids = np.concatenate([random_dance(layout, n_rows, seed, gaps=0.5), layout.gap_row[None]])
    assert layout.check(ids) is ids
    layout.check_all([ids, random_dance(layout, 1)])


@given(layout=layouts, n_rows=st.integers(1, 5), chance=st.randoms(use_true_random=False), gaps=st.sampled_from([0, 1]))
def test_a_word_at_another_place_or_a_missing_one_is_rejected(
    layout: RowLayout, n_rows: int, chance, gaps: float
) -> None:
    """With words or with gaps around it."""
    good = random_dance(layout, n_rows)
    layout.check_all([good])
    at, place = chance.randrange(n_rows), chance.randrange(layout.places)
    for word in set(range(layout.n_words)) - set(range(layout.n_words)[layout.ids(place)]):
        broken = random_dance(layout, n_rows, gaps=gaps)
        broken[at, place] = word
        with pytest.raises(ModelError, match=f"word {word} belongs at place .* stands at place {place} of row {at}"):
            layout.check_all([good, broken])
    with pytest.raises(ModelError, match=rf"a dance is ids of shape \(rows, {layout.places}\)"):
        layout.check_all([np.delete(good, place, axis=1)])


def test_unknown_words_no_words_and_other_shapes_are_rejected() -> None:
    for broken in (rows([3, 4, 8]), rows([-2, 4, 5]), rows([GAP, GAP, 8]), rows([-2, GAP, GAP]), SEVERAL.bos_row[None]):
        with pytest.raises(ModelError, match="the model knows 0 to 7"):
            SEVERAL.check(broken)
    no_rows = np.empty((0, 3), np.int64)
    for dances in ([], [no_rows, no_rows]):
        with pytest.raises(ModelError, match=f"no words in {len(dances)} dances"):
            SEVERAL.check_all(dances)
    for shaped, shape in ((row(3, 4, 5), r"\(3,\)"), (rows([3, 4, 5])[None], r"\(1, 1, 3\)"), (row(), r"\(0,\)")):
        with pytest.raises(ModelError, match=f"got {shape}"):
            SEVERAL.check(shaped)


def test_dances_of_gaps_only_hold_no_words() -> None:
    nothing_seen = np.tile(SEVERAL.gap_row, (4, 1))
    SEVERAL.check(nothing_seen)
    with pytest.raises(ModelError, match="no words in 2 dances"):
        SEVERAL.check_all([nothing_seen, nothing_seen])
    SEVERAL.check_all([nothing_seen, rows([GAP, 4, GAP])])


@pytest.mark.parametrize("sizes", [(), (0,), (3, 0), (-1, 4)])
def test_a_layout_without_words_is_rejected(sizes: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match="at least one word at each place"):
        RowLayout(sizes, "x")
