"""Move a vocabulary to another dancer's body and camera: the same moves with other proportions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.codec.lexicon import Lexicon
from pose_vocab.codec.vocabulary import MIN_SEEN, Vocabulary
from pose_vocab.errors import VocabularyError
from pose_vocab.ids import GAP

PASSES = 5
"""Rounds of assigning frames to words and moving words to their frames; it has converged by then."""
STILL = 0.1
"""Variance, in the features' unit squared, of pseudo-observations at the words: they hold numbers back that the dancer
hardly moves. On the second halves of four clips 0.1 was better than 0.02."""


def retarget(lexicon: Lexicon, segments: NDArray[np.float32]) -> Lexicon:
    """Return the words of each part moved to a dancer; a part that is never seen stays as it is.

    `segments` is (segments, size), a dancer's; NaN where something is unseen.

    Raises
    ------
    VocabularyError : no segment of which enough is seen.
    """
    readable = segments[(~np.isnan(segments)).mean(axis=1) >= MIN_SEEN]
    if not len(readable):
        raise VocabularyError("too little of the dancer is seen in every frame to learn from; film from head to foot")
    moved = {}
    for name, part in lexicon.parts.items():
        rows = readable[:, part.columns]
        shown = ((~np.isnan(rows)).mean(axis=1) >= MIN_SEEN).any()
        moved[name] = replace(part, vocabulary=moved_to(part.vocabulary, rows)) if shown else part
    return Lexicon(moved)


def moved_to(vocabulary: Vocabulary, features: NDArray[Any]) -> Vocabulary:
    """Return the same words with mean poses moved to a dancer: every number scaled and shifted by itself.

    The scale is a ridge regression of the dancer's frames on the mean poses of their words, with the poses as they
    are as its prior; assignment and scale are found in turns.

    Parameters
    ----------
    vocabulary : whose names, counts and errors stay.
    features : (frames, n_features), a dancer's frames; NaN where something is not seen.

    Raises
    ------
    VocabularyError : a wrong shape, or no frame of which enough is seen.
    """
    rows = np.asarray(features, dtype=np.float32)
    seen = ~np.isnan(rows)
    original = vocabulary.centroids.astype(np.float64)
    moved = vocabulary
    for _ in range(PASSES):
        ids = moved.quantize(rows, seen)
        used = ids != GAP
        if not used.any():
            raise VocabularyError(
                "too little of the dancer is seen in every frame to learn from; film from head to foot"
            )
        poses, frames, counted = original[ids[used]], rows[used].astype(np.float64), seen[used]
        middle, goal = _mean(poses, counted), _mean(frames, counted)
        offsets, wanted = poses - middle, np.nan_to_num(frames - goal)
        held = STILL * len(poses)
        stretch = ((offsets * wanted * counted).sum(axis=0) + held) / ((offsets**2 * counted).sum(axis=0) + held)
        centroids = ((original - middle) * stretch + goal).astype(np.float32)
        moved = Vocabulary(vocabulary.words, centroids, vocabulary.counts, vocabulary.errors)
    return moved


def complete(lexicon: Lexicon, segments: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fill what is unseen of a part that is otherwise seen with the numbers of the nearest word.

    Takes segments (segments, size), NaN where something is unseen, and leaves out those of which too little is seen
    for any word. A part of which too little is seen stays NaN.
    """
    ids = lexicon.quantize(segments)
    readable = (ids != GAP).any(axis=1)
    rows, words = segments[readable], lexicon.look_up(ids[readable])
    filled = np.where(np.isnan(rows), words, rows)
    filled[np.isnan(words)] = np.nan
    return filled


def _mean(rows: NDArray[np.float64], counted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the mean of every column over the rows that count; 0 where none does."""
    return np.asarray(np.where(counted, rows, 0).sum(axis=0) / np.maximum(counted.sum(axis=0), 1))
