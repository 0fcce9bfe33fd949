"""A vocabulary for each part of a segment: what is encoded is decoded."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pose_vocab.codec.lexicon import Lexicon, Part
from pose_vocab.codec.vocabulary import Vocabulary
from pose_vocab.errors import OutputError, VocabularyError
from pose_vocab.ids import GAP

COLUMNS = {"arms": np.array([0, 2]), "legs": np.array([1, 3, 4])}
ARMS = np.array([[0, 0], [10, 10]], np.float32)
LEGS = np.array([[0, 0, 0], [5, 5, 5], [9, 0, 9]], np.float32)


def part(columns: NDArray[np.int64], poses: NDArray[np.float32], words: str) -> Part:
    n_words = len(poses)
    return Part(columns, Vocabulary(tuple(words.split()), poses, np.arange(n_words), np.zeros(n_words)))


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon(
        {"arms": part(COLUMNS["arms"], ARMS, "wabba dopel"), "legs": part(COLUMNS["legs"], LEGS, "zatre fialb homst")}
    )


def random_segments(n: int = 400, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(n, 5)).astype(np.float32)


def test_a_segment_becomes_one_word_of_each_part(lexicon: Lexicon) -> None:
    segments = np.array([[9, 0, 11, 1, 0], [1, 8, -1, 1, 8]], np.float32)
    ids = lexicon.quantize(segments)
    assert ids.tolist() == [[1, 2], [0, 4]]  # legs begin at id 2
    assert lexicon.look_up(ids).tolist() == [[10, 0, 10, 0, 0], [0, 9, 0, 0, 9]]
    assert lexicon.words_of(ids.ravel()) == ["dopel", "zatre", "wabba", "homst"]
    assert (lexicon.sizes, lexicon.starts, lexicon.n_words, lexicon.size) == ((2, 3), (0, 2), 5, 5)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(2, 4)), max_size=20))
def test_what_is_looked_up_is_found_again(rows: list[tuple[int, int]]) -> None:
    lexicon = Lexicon(
        {"arms": part(COLUMNS["arms"], ARMS, "wabba dopel"), "legs": part(COLUMNS["legs"], LEGS, "zatre fialb homst")}
    )
    ids = np.array(rows, np.int64).reshape(-1, 2)
    assert np.array_equal(lexicon.quantize(lexicon.look_up(ids)), ids)
    names = lexicon.words_of(ids.ravel())
    assert lexicon.ids_of(names).tolist() == ids.ravel().tolist()


def test_a_part_of_which_too_little_is_seen_is_a_gap_of_its_own(lexicon: Lexicon) -> None:
    unseen_arms = np.array([[np.nan, 5, np.nan, 5, 5]], np.float32)
    ids = lexicon.quantize(unseen_arms)
    assert ids.tolist() == [[GAP, 3]]
    assert np.array_equal(lexicon.look_up(ids), unseen_arms, equal_nan=True)


def test_the_average_stands_in_for_a_gap(lexicon: Lexicon) -> None:
    """Words count once more than they were seen: of the arms 1 and 2 times, of the legs 1, 2 and 3 times."""
    assert lexicon.average[COLUMNS["arms"]] == pytest.approx([20 / 3, 20 / 3])
    assert lexicon.average[COLUMNS["legs"]] == pytest.approx([37 / 6, 10 / 6, 37 / 6])
    filled = lexicon.with_average(lexicon.look_up(np.array([[GAP, 3]])))[0]
    assert filled[COLUMNS["arms"]] == pytest.approx([20 / 3, 20 / 3])
    assert filled[COLUMNS["legs"]].tolist() == [5, 5, 5]


def test_a_segment_of_which_too_little_is_seen_is_a_row_of_gaps(lexicon: Lexicon) -> None:
    assert lexicon.quantize(np.array([[1, np.nan, 1, np.nan, np.nan]], np.float32)).tolist() == [[GAP, GAP]]


def test_words_of_parts_that_were_fitted_are_all_different() -> None:
    fitted = Lexicon.fit(random_segments(), COLUMNS, n_words=20, seed=3)
    assert fitted.sizes == (20, 20)
    assert len(set(fitted.words)) == 40
    assert Lexicon.fit(random_segments(), COLUMNS, 20, seed=3).fingerprint == fitted.fingerprint
    assert Lexicon.fit(random_segments(), COLUMNS, 20, seed=4).fingerprint != fitted.fingerprint


def test_new_words_stand_behind_the_known_ones_of_their_part() -> None:
    known, more = (Lexicon.fit(random_segments(seed=seed), COLUMNS, 10, seed=0) for seed in (1, 2))
    joined = known.joined({name: one.vocabulary for name, one in more.parts.items()})
    assert joined.sizes == (20, 20)
    assert len(set(joined.words)) == 40
    for name, one in joined.parts.items():
        assert one.vocabulary.words[:10] == known.parts[name].vocabulary.words
        assert np.array_equal(one.vocabulary.centroids[10:], more.parts[name].vocabulary.centroids)
    assert known.joined({name: one.vocabulary for name, one in known.parts.items()}).fingerprint == known.fingerprint
    with_arms = known.joined({"arms": more.parts["arms"].vocabulary})
    assert with_arms.sizes == (20, 10)
    assert with_arms.parts["legs"].vocabulary.fingerprint == known.parts["legs"].vocabulary.fingerprint


def test_a_word_alone_is_missing_in_other_parts(lexicon: Lexicon) -> None:
    alone = lexicon.alone()
    assert np.isnan(alone[:2, COLUMNS["legs"]]).all()
    assert np.isnan(alone[2:, COLUMNS["arms"]]).all()
    assert alone[1, COLUMNS["arms"]].tolist() == [10, 10]
    assert alone[4, COLUMNS["legs"]].tolist() == [9, 0, 9]


def test_a_table_for_people(lexicon: Lexicon) -> None:
    table = lexicon.table()
    assert table["part"].tolist() == ["arms"] * 2 + ["legs"] * 3
    assert table["id"].tolist() == [0, 1, 2, 3, 4]


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    fitted = Lexicon.fit(random_segments(), COLUMNS, 10, seed=0)
    fitted.save(tmp_path / "words")
    assert Lexicon.load(tmp_path / "words", COLUMNS).fingerprint == fitted.fingerprint
    with pytest.raises(VocabularyError, match="holds no vocabulary"):
        Lexicon.load(tmp_path / "words", {**COLUMNS, "tail": np.array([5])})
    (tmp_path / "words" / "letter.txt").write_text("dear")
    with pytest.raises(OutputError):
        fitted.save(tmp_path / "words")


@pytest.mark.parametrize("ids", [[[2, 2]], [[0, 1]], [[0, 5]], [[GAP - 1, 2]]])
def test_an_id_at_the_wrong_place_is_refused(lexicon: Lexicon, ids: list[list[int]]) -> None:
    with pytest.raises(VocabularyError, match="is no word of"):
        lexicon.look_up(np.array(ids))


def test_ids_without_a_place_for_each_part_are_refused(lexicon: Lexicon) -> None:
    for ids in ([0, 2], [[0]], [[0, 2, 2]]):
        with pytest.raises(VocabularyError, match=r"ids must be \(rows, 2\)"):
            lexicon.look_up(np.array(ids))


def test_what_is_no_word_is_refused(lexicon: Lexicon) -> None:
    with pytest.raises(VocabularyError, match="ids run from 0 to 4"):
        lexicon.words_of(np.array([5]))
    with pytest.raises(VocabularyError, match="'hello' is none of these 5 words"):
        lexicon.ids_of(["hello"])
    with pytest.raises(VocabularyError, match="do not fit words of 5 numbers"):
        lexicon.quantize(np.zeros((3, 4), np.float32))


def test_parts_that_do_not_make_a_body_are_refused(lexicon: Lexicon) -> None:
    arms, legs = lexicon.parts.values()
    with pytest.raises(VocabularyError, match="at least one part"):
        Lexicon({})
    with pytest.raises(VocabularyError, match="belong to exactly one part"):
        Lexicon({"arms": arms})
    with pytest.raises(VocabularyError, match="share a word"):
        same = replace(legs, vocabulary=replace(legs.vocabulary, words=("wabba", "fialb", "homst")))
        Lexicon({"arms": arms, "legs": same})
    with pytest.raises(VocabularyError, match="words of 'legs' have 2 numbers, the part has 3"):
        Lexicon({"arms": arms, "legs": replace(legs, vocabulary=arms.vocabulary)})
    with pytest.raises(VocabularyError, match="cannot join"):
        lexicon.joined({"tail": legs.vocabulary})
