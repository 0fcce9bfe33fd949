"""Biases that are added to the logits of words, so that a dance is livelier or more the dancer's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from pose_vocab.codec.lexicon import Lexicon
from pose_vocab.codec.segments import Segments
from pose_vocab.errors import ModelError

Bias = NDArray[np.float32]
"""(n_words,), added to the logits; a word at -inf is never chosen."""

LIVELIEST = 2.0
"""The largest energy; 0 is calm, 1 as learned."""
ENERGY_LOGITS = 0.7
"""What the fastest word of a part gains at `LIVELIEST`, and the slowest loses; in between they go by rank.

On salsa (five words a tenth of a second) energies of 0, 0.5, 1.5 and 2 make the joints 0.58, 0.71, 1.34 and 1.64 times
as fast as 1 does; the acceleration goes with the speed, within 9 % of it."""
AS_LEARNED = 0.5
"""The style at which nothing is added; 0 is others' words, 1 the dancer's own."""
MIN_WORDS = 2
"""Fewest words that a place of a row keeps: one alone could not be held for a while and then change."""


def energy_bias(lexicon: Lexicon, segments: Segments[Any], energy: float) -> Bias:
    """Return a bias for words that move fast, for an energy above 1, or slowly.

    The speed of a word is that of its mean segment from frame to frame. Words of a part are compared by rank, as few
    are very fast.

    Raises
    ------
    ModelError : an energy outside 0 to `LIVELIEST`, or one but 1 for words of a single frame, which do not move.
    """
    if not 0 <= energy <= LIVELIEST:
        raise ModelError(f"the energy must be from 0 (calm) to {LIVELIEST:g} (lively), got {energy:g}")
    bias = np.zeros(lexicon.n_words, np.float32)
    if energy == 1:
        return bias
    if segments.frames == 1:
        raise ModelError(
            f"the words of this model are single poses, which are neither calm nor lively, so the energy must be 1, "
            f"got {energy:g}; leave it out, or choose a model whose words last longer"
        )
    for part, start in zip(lexicon.parts.values(), lexicon.starts, strict=True):
        means = part.vocabulary.centroids
        ways = np.diff(means.reshape(len(means), segments.frames, -1), axis=1)
        ranks = rankdata(np.linalg.norm(ways, axis=2).sum(axis=1))
        bias[start : start + len(means)] = np.interp(ranks, [1, len(means)], [-1, 1])
    return np.asarray(ENERGY_LOGITS * (energy - 1) / (LIVELIEST - 1) * bias, np.float32)


def own_bias(own: NDArray[np.bool_], sizes: Sequence[int], style: float) -> Bias:
    """Return a bias for the dancer's own words, for a style above `AS_LEARNED`, or for those of others.

    At 0.8 the odds of the dancer's own words are four times what was learned, at 0.2 a quarter. At 0 and 1 only
    others' or only own words are left, except at places with less than `MIN_WORDS` of them, where nothing changes.

    Parameters
    ----------
    own : (n_words,), which of all words are the dancer's own.
    sizes : count of the words of each place of a row.

    Raises
    ------
    ModelError : a style outside 0 to 1, or words that are not those of the places.
    """
    if not 0 <= style <= 1:
        raise ModelError(f"the style must be from 0 (others') to 1 (the dancer's own), got {style:g}")
    if len(own) != sum(sizes):
        raise ModelError(f"{len(own)} words do not fit places of {', '.join(map(str, sizes))} words")
    with np.errstate(divide="ignore"):
        bias = np.where(own, np.log(style / AS_LEARNED), np.log((1 - style) / AS_LEARNED)).astype(np.float32)
    for place in np.split(bias, np.cumsum(sizes)[:-1]):
        if np.isfinite(place).sum() < MIN_WORDS:
            place[:] = 0
    return bias
