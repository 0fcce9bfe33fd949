"""Words that others danced, moved to another dancer's body: the same moves with its arms, its shoulders, its camera."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.codec.lexicon import Lexicon
from pose_vocab.codec.vocabulary import GAP, MIN_SEEN, Vocabulary
from pose_vocab.errors import VocabularyError

PASSES = 5
"""Frames find their words and words move to their frames in turns, so often; it has settled by then."""
STILL = 0.1
"""Variance, in the features' unit squared, of imagined frames that lie where the words lie: they hold every number
back that the dancer hardly moves. On the second halves of four clips 0.1 came out better than 0.02."""


def retarget(lexicon: Lexicon, moments: NDArray[np.float32]) -> Lexicon:
    """The same words, those of each part of the body moved to a dancer; a part that is never seen stays.

    `moments` is (moments, size), a dancer's; NaN where something is not seen.

    Raises
    ------
    VocabularyError : no moment of which enough is seen.
    """
    readable = moments[(~np.isnan(moments)).mean(axis=1) >= MIN_SEEN]
    if not len(readable):
        raise VocabularyError("too little of the dancer is seen in every frame to learn from; film from head to foot")
    moved = {}
    for name, part in lexicon.parts.items():
        rows = readable[:, part.columns]
        shown = ((~np.isnan(rows)).mean(axis=1) >= MIN_SEEN).any()
        moved[name] = replace(part, vocabulary=moved_to(part.vocabulary, rows)) if shown else part
    return Lexicon(moved)


def moved_to(vocabulary: Vocabulary, features: NDArray[Any]) -> Vocabulary:
    """The same words with mean poses moved to a dancer: every number stretched and shifted by itself.

    The stretch is a ridge regression of the dancer's frames on the mean poses of their words, with the
    poses as they are as its prior; words and stretch are found in turns.

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


def complete(lexicon: Lexicon, moments: NDArray[np.float32]) -> NDArray[np.float32]:
    """Segments (moments, size) with NaN where something is not seen, completed by the words that are nearest.

    Segments of which too little is seen for words are left out.
    """
    ids = lexicon.quantize(moments)
    readable = (ids != GAP).all(axis=1)
    rows = moments[readable]
    return np.where(np.isnan(rows), lexicon.look_up(ids[readable]), rows)


def _mean(rows: NDArray[np.float64], counted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean of every column over the rows that count; 0 where none does."""
    return np.asarray(np.where(counted, rows, 0).sum(axis=0) / np.maximum(counted.sum(axis=0), 1))
