import numpy as np
import pytest
from dances import ONE, SEVERAL, dance, ids
from hypothesis import given
from hypothesis import strategies as st

from models.row_layout import RowLayout
from pose_vocab.errors import ModelError

layouts = st.lists(st.integers(1, 5), min_size=1, max_size=5).map(lambda sizes: RowLayout(tuple(sizes), "x"))


def test_ids_run_on_from_place_to_place() -> None:
    assert (SEVERAL.n_words, SEVERAL.places, SEVERAL.starts) == (8, 3, (0, 4, 5))
    assert [SEVERAL.ids(place) for place in range(3)] == [slice(0, 4), slice(4, 5), slice(5, 8)]
    assert SEVERAL.place_of(np.arange(8)).tolist() == [0, 0, 0, 0, 1, 2, 2, 2]
    assert SEVERAL.beginning.tolist() == [8, 8, 8]


def test_a_dance_is_whole_rows() -> None:
    assert SEVERAL.rows(ids(3, 4, 5, 0, 4, 7)).tolist() == [[3, 4, 5], [0, 4, 7]]
    assert SEVERAL.rows(ids()).shape == (0, 3)
    assert ONE.rows(ids(7, 3)).tolist() == [[7], [3]]


@given(layout=layouts, n_rows=st.integers(1, 5), chance=st.randoms(use_true_random=False))
def test_a_word_at_another_place_or_a_missing_one_is_refused(layout: RowLayout, n_rows: int, chance) -> None:
    good = dance(layout, n_rows)
    layout.check([good])
    at = chance.randrange(len(good))
    for word in set(range(layout.n_words)) - set(range(layout.n_words)[layout.ids(at % layout.places)]):
        broken = good.copy()
        broken[at] = word
        with pytest.raises(ModelError, match=f"word {word} belongs at place .* stands at place {at % layout.places}"):
            layout.check([good, broken])
    if layout.places > 1:
        with pytest.raises(ModelError, match=f"a dance is a stream of ids, {layout.places} a row"):
            layout.check([np.delete(good, at)])


def test_unknown_words_no_words_and_no_stream_are_refused() -> None:
    for broken in (ids(3, 4, 8), ids(-1, 4, 5)):
        with pytest.raises(ModelError, match="the model knows 0 to 7"):
            SEVERAL.rows(broken)
    for streams in ([], [ids(), ids()]):
        with pytest.raises(ModelError, match=f"no words in {len(streams)} dances"):
            SEVERAL.check(streams)
    with pytest.raises(ModelError, match=r"got shape \(1, 3\)"):
        SEVERAL.rows(ids(3, 4, 5)[None])


@given(layout=layouts, n_rows=st.integers(0, 4), start=st.integers(0, 20), again=st.booleans())
def test_the_id_before_a_dance_is_read_as_a_whole_row(layout: RowLayout, n_rows: int, start: int, again: bool) -> None:
    """From whatever place on; a dance may begin behind another one."""
    begins = [layout.n_words]
    stream = np.concatenate([begins, dance(layout, n_rows), begins if again else []]).astype(np.int64)
    read = layout.read_on(stream, 0)
    pieces = [layout.beginning, dance(layout, n_rows), *[layout.beginning] * again]
    assert read.tolist() == np.concatenate(pieces).tolist()
    start = 1 + start % len(stream)
    if start < len(stream):
        assert layout.read_on(stream[start:], (start - 1) % layout.places).tolist() == (
            read[layout.places + start - 1 :].tolist()
        )


def test_what_cannot_stand_next_is_not_read() -> None:
    for unreadable in (ids(), ids(9), ids(0, -1)):
        with pytest.raises(ModelError, match="a model of 8 words reads ids 0 to 8"):
            SEVERAL.read_on(unreadable, 0)
    with pytest.raises(ModelError, match="word 4 belongs at place 1 of a row of 3, but stands at place 0"):
        SEVERAL.read_on(ids(4), 0)
    with pytest.raises(ModelError, match="word 8 belongs at place 0 of a row of 3, but stands at place 2"):
        SEVERAL.read_on(ids(4, 8), 1)
    with pytest.raises(ModelError, match="word 4 belongs at place 1 of a row of 3, but stands at place 0"):
        SEVERAL.read_on(ids(8, 4), 0)


@pytest.mark.parametrize("vocabularies", [(), (0,), (3, 0), (-1, 4)])
def test_a_grammar_without_words_is_refused(vocabularies: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match="at least one word at each place"):
        RowLayout(vocabularies, "x")
