from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pose_vocab.codec.lexicon import Lexicon, Part
from pose_vocab.codec.retargeting import complete, moved_to, retarget
from pose_vocab.codec.vocabulary import Vocabulary
from pose_vocab.codec.word_names import make_words
from pose_vocab.errors import VocabularyError


def vocabulary(n_words: int = 60, n_features: int = 6, seed: int = 0) -> Vocabulary:
    poses = np.random.default_rng(seed).normal(size=(n_words, n_features)).astype(np.float32)
    return Vocabulary(tuple(make_words(n_words, seed)), poses, np.arange(n_words), np.ones(n_words))


def test_words_move_to_a_dancer_with_other_arms() -> None:
    """The dancer strikes every pose, stretched by 1.2 in one number and shifted by 0.3 in another."""
    words = vocabulary()
    stretch, shift = np.array([1, 1.2, 1, 1, 1, 1]), np.array([0, 0, 0.3, 0, 0, 0])
    frames = np.tile(words.centroids * stretch + shift, (5, 1))
    moved = moved_to(words, frames)
    off, off_before = (np.abs(w.look_up(w.quantize(frames)) - frames).mean() for w in (moved, words))
    assert off < off_before / 3
    assert moved.words == words.words
    assert moved.quantize(frames).tolist() == list(range(60)) * 5


def test_a_dancer_who_is_like_the_words_leaves_them_where_they_are() -> None:
    words = vocabulary()
    moved = moved_to(words, np.tile(words.centroids, (3, 1)))
    assert np.allclose(moved.centroids, words.centroids, atol=1e-5)


@given(still=st.floats(-1, 1, width=32))
def test_what_the_dancer_never_moves_is_shifted_and_not_blown_up(still: float) -> None:
    words = vocabulary(20, 4)
    frames = words.centroids.copy()
    frames[:, 2] = still
    moved = moved_to(words, frames)
    assert np.isfinite(moved.centroids).all()
    assert np.abs(moved.centroids[:, 2] - still).mean() <= np.abs(words.centroids[:, 2]).mean() + 1e-3


def test_what_is_never_seen_stays_as_the_words_have_it() -> None:
    words = vocabulary()
    frames = np.where(np.arange(6) == 5, np.nan, words.centroids + 0.2)
    moved = moved_to(words, frames)
    assert np.allclose(moved.centroids[:, 5].std(), words.centroids[:, 5].std(), atol=1e-5)
    assert np.isfinite(moved.centroids).all()


def test_frames_are_completed_by_their_word() -> None:
    words = Vocabulary(("zatre", "fialb"), np.array([[0, 0, 0], [1, 1, 9]]), np.ones(2), np.ones(2))
    frames = np.array([[0.9, 1.1, np.nan], [0.2, 0.0, 0.1], [np.nan, np.nan, 9]], np.float32)
    completed = complete(Lexicon({"pose": Part(np.arange(3), words)}), frames)
    assert completed.shape == (2, 3)
    assert completed[0] == pytest.approx([0.9, 1.1, 9])
    assert completed[1] == pytest.approx([0.2, 0.0, 0.1])


def test_nothing_seen_moves_nothing() -> None:
    with pytest.raises(VocabularyError, match="too little of the dancer"):
        retarget(Lexicon({"pose": Part(np.arange(6), vocabulary())}), np.full((10, 6), np.nan, np.float32))


def test_each_part_moves_by_itself_and_one_that_is_never_seen_stays() -> None:
    arms, legs = vocabulary(30, 2, seed=1), vocabulary(30, 2, seed=2)
    legs = replace(legs, words=tuple(make_words(60, seed=9)[30:]))
    both = Lexicon({"arms": Part(np.array([0, 1]), arms), "legs": Part(np.array([2, 3]), legs)})
    shifted = np.tile(np.hstack([arms.centroids + 0.3, np.full((30, 2), np.nan)]), (3, 1)).astype(np.float32)
    moved = retarget(both, shifted)
    assert np.allclose(
        moved.parts["arms"].vocabulary.centroids.mean(axis=0), arms.centroids.mean(axis=0) + 0.3, atol=0.05
    )
    assert moved.parts["legs"].vocabulary is legs
