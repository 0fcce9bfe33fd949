"""Words and mean poses: every pair of operations gives back what went in."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from pose_vocab.codec.vocabulary import ARRAYS, TABLE, Vocabulary
from pose_vocab.codec.word_names import make_words
from pose_vocab.errors import OutputError, VocabularyError
from pose_vocab.ids import GAP

CORNERS = np.array([[0, 0, 0, 0], [100, 0, 0, 0], [0, 100, 0, 100], [0, 0, 100, 0]], np.float32)
"""Four poses far apart."""


def vocabulary_of(centroids: NDArray[np.float32], seed: int = 0) -> Vocabulary:
    n_words = len(centroids)
    return Vocabulary(tuple(make_words(n_words, seed)), centroids, np.ones(n_words), np.zeros(n_words))


@pytest.fixture
def corners() -> Vocabulary:
    return vocabulary_of(CORNERS)


def blobs() -> NDArray[np.float32]:
    """Round corner i, 2 (i + 1) frames: half of them 3 to one side along the first axis, half 3 to the other."""
    sides = [corner + np.array([side, 0, 0, 0]) for i, corner in enumerate(CORNERS) for side in [3, -3] * (i + 1)]
    return np.array(sides, np.float32)


def test_four_blobs_make_four_words() -> None:
    fitted = Vocabulary.fit(blobs(), n_words=4, seed=7)
    assert fitted.centroids.tolist() == CORNERS[::-1].tolist()  # the most frequent first
    assert fitted.counts.tolist() == [8, 6, 4, 2]
    assert fitted.errors.tolist() == [3, 3, 3, 3]
    assert fitted.words == tuple(make_words(4, seed=7))
    assert fitted.quantize(blobs()).tolist() == [3] * 2 + [2] * 4 + [1] * 6 + [0] * 8


def test_the_same_seed_gives_the_same_vocabulary_and_another_seed_another() -> None:
    frames = np.random.default_rng(0).normal(size=(5_000, 6)).astype(np.float32)
    first = Vocabulary.fit(frames, 50, seed=1)
    assert Vocabulary.fit(frames, 50, seed=1).fingerprint == first.fingerprint
    assert Vocabulary.fit(frames, 50, seed=2).fingerprint != first.fingerprint


def test_fewer_different_poses_than_words_are_all_words() -> None:
    fitted = Vocabulary.fit(np.repeat(CORNERS, 3, axis=0), n_words=1_000, seed=0)
    assert sorted(fitted.centroids.tolist()) == sorted(CORNERS.tolist())
    assert fitted.counts.tolist() == [3, 3, 3, 3]


def test_frames_of_which_little_is_seen_teach_nothing() -> None:
    frames = np.vstack([CORNERS, [[500, np.nan, np.nan, np.nan]]])
    fitted = Vocabulary.fit(frames, 10, seed=0, mask=~np.isnan(frames))
    assert sorted(fitted.centroids.tolist()) == sorted(CORNERS.tolist())


def test_a_half_seen_frame_goes_to_the_word_that_agrees_on_the_seen_half(corners: Vocabulary) -> None:
    frames = np.array([[0, 98, np.nan, np.nan], [np.nan, np.nan, 3, 99], [90, np.inf, 0, np.nan]])
    assert corners.quantize(frames, np.isfinite(frames)).tolist() == [2, 2, 1]


def test_a_frame_of_which_less_than_half_is_seen_is_a_gap(corners: Vocabulary) -> None:
    seen = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]], bool)
    assert corners.quantize(CORNERS, seen).tolist() == [0, 1, GAP, GAP]


@given(
    centroids=arrays(
        np.float32, array_shapes(min_dims=2, max_dims=2, max_side=30), elements=st.floats(-(2.0**49), 2.0**49, width=32)
    )
)
def test_every_mean_pose_is_the_pose_of_its_own_word(centroids: NDArray[np.float32]) -> None:
    vocabulary = vocabulary_of(np.unique(centroids + 0, axis=0))
    ids = np.arange(vocabulary.n_words)
    assert vocabulary.quantize(vocabulary.look_up(ids)).tolist() == ids.tolist()


@given(offset=st.floats(-1e12, 1e12), spread=st.floats(1e-6, 1e6), n_words=st.integers(1, 300), seed=st.integers(0, 99))
def test_so_it_is_far_from_the_origin(offset: float, spread: float, n_words: int, seed: int) -> None:
    poses = np.random.default_rng(seed).normal(offset, spread, (n_words, 32)).astype(np.float32)
    vocabulary = vocabulary_of(np.unique(poses, axis=0))
    ids = np.arange(vocabulary.n_words)
    assert vocabulary.quantize(vocabulary.look_up(ids)).tolist() == ids.tolist()


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([0, GAP], r"a gap \(-1\) stands for no word"),
        ([0, 4], "there is no word 4; ids run from 0 to 3"),
        ([-2], "there is no word -2"),
        ([0.0], "must be integers, got float64"),
    ],
)
def test_ids_of_no_word_are_refused(corners: Vocabulary, ids: list[float], message: str) -> None:
    with pytest.raises(VocabularyError, match=message):
        corners.look_up(np.array(ids))


def test_the_fingerprint_is_of_words_and_mean_poses(corners: Vocabulary) -> None:
    assert corners.fingerprint == vocabulary_of(CORNERS).fingerprint
    assert replace(corners, counts=np.full(4, 9)).fingerprint == corners.fingerprint
    assert replace(corners, words=corners.words[::-1]).fingerprint != corners.fingerprint
    nudged = CORNERS + np.float32([[0], [0], [0], [1e-3]])
    assert replace(corners, centroids=nudged).fingerprint != corners.fingerprint
    assert len(corners.fingerprint) == 64


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (np.zeros((0, 4)), "there is no frame to learn words from"),
        (np.zeros(4), r"must be \(frames, n_features\), got shape \(4,\)"),
        (np.zeros((3, 0)), r"got shape \(3, 0\)"),
        (np.array([[0, 0], [0, np.nan]]), "feature 1 of frame 1 is nan"),
        (np.array([[np.inf, 0]]), "feature 0 of frame 0 is inf"),
        (np.array([[0, 1e300]]), "feature 1 of frame 0 is inf"),
    ],
)
def test_frames_that_teach_no_words_are_refused(features: NDArray[np.float64], message: str) -> None:
    with pytest.raises(VocabularyError, match=message):
        Vocabulary.fit(features, 2, seed=0)


def test_masks_that_leave_nothing_are_refused() -> None:
    seen = np.zeros(CORNERS.shape, bool)
    with pytest.raises(VocabularyError, match="there is no frame to learn words from; at least 50%"):
        Vocabulary.fit(CORNERS, 2, seed=0, mask=seen)
    seen[:, :3] = True
    with pytest.raises(VocabularyError, match="feature 3 is seen in no frame"):
        Vocabulary.fit(CORNERS, 2, seed=0, mask=seen)
    with pytest.raises(VocabularyError, match=r"the mask must be \(4, 4\)"):
        Vocabulary.fit(CORNERS, 2, seed=0, mask=seen[:, :3])


@pytest.mark.parametrize("n_words", [0, -3, 10_000_000])
def test_a_number_of_words_that_cannot_be_is_refused(n_words: int) -> None:
    with pytest.raises(VocabularyError, match=str(n_words)):
        Vocabulary.fit(CORNERS, n_words, seed=0)


def test_frames_of_another_size_are_refused(corners: Vocabulary) -> None:
    with pytest.raises(VocabularyError, match="frames of 5 numbers do not fit words of 4"):
        corners.quantize(np.zeros((2, 5)))
    with pytest.raises(VocabularyError, match="feature 0 of frame 1 is nan"):
        corners.quantize(np.array([[0, 0, 0, 0], [np.nan, 0, 0, 0]]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"words": ("a", "b", "c")}, r"3 words need mean poses of shape \(3, features\)"),
        ({"words": (), "centroids": np.zeros((0, 4))}, "0 words need"),
        ({"words": ("a", "b", "c", "c")}, "a word occurs twice"),
        ({"words": ("a", "b", "c", "d e")}, "'d e' is not a valid word"),
        ({"words": ("a", "b", "c", "")}, "'' is not a valid word"),
        ({"centroids": np.zeros((4, 4))}, "two words share one mean pose"),
        ({"centroids": CORNERS * np.float32(np.nan)}, "finite"),
        ({"counts": [1, 2, 3]}, r"counts of 4 words must be that many numbers from 0 up, got shape \(3,\)"),
        ({"counts": [1, 2, 3, -1]}, "counts of 4 words"),
        ({"errors": [0, 0, 0, np.nan]}, "errors of 4 words"),
    ],
)
def test_parts_that_do_not_fit_are_refused(corners: Vocabulary, change: dict[str, object], message: str) -> None:
    with pytest.raises(VocabularyError, match=message):
        replace(corners, **change)


def test_what_is_in_it_cannot_be_changed(corners: Vocabulary) -> None:
    source = CORNERS.copy()
    vocabulary = vocabulary_of(source)
    source[0] = 9
    assert vocabulary.centroids[0].tolist() == [0, 0, 0, 0]
    with pytest.raises(ValueError, match="read-only"):
        corners.centroids[0] = 9


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    folder = tmp_path / "words"
    Vocabulary.fit(blobs(), n_words=4, seed=7).save(folder)
    return folder


def test_a_saved_vocabulary_is_read_again_exactly(saved: Path) -> None:
    loaded, fitted = Vocabulary.load(saved), Vocabulary.fit(blobs(), n_words=4, seed=7)
    assert loaded.words == fitted.words
    for name in ("centroids", "counts", "errors"):
        before, after = getattr(fitted, name), getattr(loaded, name)
        assert after.dtype == before.dtype
        assert after.tolist() == before.tolist()
    assert loaded.fingerprint == fitted.fingerprint


def test_people_can_read_the_table(saved: Path) -> None:
    table = pd.read_csv(saved / TABLE, dtype={"word": str}, keep_default_na=False)
    assert table.columns.tolist() == ["id", "word", "count", "error"]
    assert table["word"].tolist() == make_words(4, seed=7)
    assert table[["id", "count", "error"]].to_numpy().tolist() == [[0, 8, 3], [1, 6, 3], [2, 4, 3], [3, 2, 3]]


def test_saving_again_replaces_a_vocabulary_and_nothing_else(saved: Path, corners: Vocabulary) -> None:
    corners.save(saved)
    assert Vocabulary.load(saved).fingerprint == corners.fingerprint
    (saved / "holiday.mp4").write_text("precious")
    with pytest.raises(OutputError, match=r"contains holiday\.mp4"):
        corners.save(saved)
    assert (saved / "holiday.mp4").read_text() == "precious"


def test_where_no_vocabulary_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path, tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(VocabularyError, match="holds no vocabulary"):
            Vocabulary.load(folder)


def test_another_version_is_refused(saved: Path) -> None:
    np.savez(saved / ARRAYS, format=np.array("bopbot-vocabulary 2"))
    with pytest.raises(VocabularyError, match="expected 'bopbot-vocabulary 1', got bopbot-vocabulary 2"):
        Vocabulary.load(saved)


def test_arrays_that_are_missing_or_of_another_kind_are_damage(saved: Path) -> None:
    arrays_of = dict(np.load(saved / ARRAYS))
    for damage in ({"words": np.array("alone")}, {"centroids": np.array(["a"])}, {"counts": np.zeros(3)}):
        np.savez(saved / ARRAYS, **(arrays_of | damage))
        with pytest.raises(VocabularyError, match="damaged vocabulary"):
            Vocabulary.load(saved)
    del arrays_of["errors"]
    np.savez(saved / ARRAYS, **arrays_of)
    with pytest.raises(VocabularyError, match="damaged vocabulary"):
        Vocabulary.load(saved)


def test_damaged_files_are_refused(saved: Path) -> None:
    path = saved / ARRAYS
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    damaged = [whole[:length] for length in random.integers(0, len(whole), 100)]
    flipped = random.integers(0, len(whole), 300)
    damaged += [whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :] for at in flipped]
    fingerprint = Vocabulary.load(saved).fingerprint
    refused = 0
    for content in damaged:
        path.write_bytes(content)
        try:
            loaded = Vocabulary.load(saved)
        except VocabularyError:
            refused += 1
        else:  # a byte that says nothing, such as a time stamp
            assert loaded.fingerprint == fingerprint
    assert refused > 250


def test_a_pickle_is_not_opened(saved: Path) -> None:
    np.savez(saved / ARRAYS, format=np.array([print], dtype=object))
    with pytest.raises(VocabularyError, match="cannot be read as a vocabulary"):
        Vocabulary.load(saved)
    np.save(saved / "bare.npy", np.zeros(3))
    (saved / "bare.npy").replace(saved / ARRAYS)
    with pytest.raises(VocabularyError, match="cannot be read as a vocabulary"):
        Vocabulary.load(saved)


def test_joined_words_keep_their_names_and_new_ones_get_others(corners: Vocabulary) -> None:
    others = vocabulary_of(np.array([[50, 50, 0, 0], CORNERS[2], [0, 0, 7, 7]], np.float32))
    joined = corners.joined(others)
    assert joined.words[:4] == corners.words
    assert joined.centroids[4:].tolist() == [
        [50, 50, 0, 0],
        [0, 0, 7, 7],
    ]  # a pose that is there already stays one word
    assert len(set(joined.words)) == 6
    assert joined.fingerprint != corners.fingerprint


@pytest.mark.parametrize("seed", [0, 3])
def test_names_are_new_whatever_seed_the_words_were_named_by(seed: int) -> None:
    joined = vocabulary_of(CORNERS, seed).joined(vocabulary_of(CORNERS + 1, seed))
    assert len(set(joined.words)) == 8


def test_words_of_other_features_do_not_join(corners: Vocabulary) -> None:
    with pytest.raises(VocabularyError, match="words of 2 numbers cannot join words of 4"):
        corners.joined(vocabulary_of(np.ones((1, 2), np.float32)))
