"""What a language model must beat: words foreseen by counting them, with no network.

All three foresee the next word by the last one alone, p(word | last) = seen[last, word] + rest[last] * unigram[word]:
what was seen to follow, and the share that this leaves is given to words by how frequent they are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, diags_array

from models.language_model import check_ids, check_words

ADDED_COUNT = 0.5
"""Each outcome counts as if it had come that much more often: Krichevsky & Trofimov, *The Performance of
Universal Encoding* (1981)."""

USUAL_DISCOUNT = 0.75
"""Taken off the count of each pair of words where the pairs seen once and twice do not tell how much: Church &
Gale, *A comparison of the enhanced Good-Turing and deleted estimation methods* (1991)."""


class Baseline(ABC):
    """A language model that is counted.

    Parameters
    ----------
    seen : sparse (vocab_size + 1, vocab_size), the share that each word has after each for having been
        seen there; the last row stands for the beginning of a dance. No row sums to more than 1.
    unigram : float64 (vocab_size,), how frequent each word is; above 0, sums to 1.
    """

    def __init__(self, seen: csr_array, unigram: NDArray[np.float64]) -> None:
        self._seen = seen
        self._unigram = unigram
        self._rest = 1 - np.asarray(seen.sum(axis=1))

    @classmethod
    @abstractmethod
    def fit(cls, streams: Sequence[NDArray[np.int64]], vocab_size: int) -> Self:
        """Count dances, one row of ids (n,) each.

        Raises
        ------
        ModelError : no words to count, or words outside 0 to `vocab_size` - 1.
        """

    @property
    def vocab_size(self) -> int:
        """How many words it knows."""
        return len(self._unigram)

    def probabilities(self, last: int) -> NDArray[np.float64]:
        """Of each word (vocab_size,) after the id `last`, 0 to `vocab_size`."""
        seen = self._seen[[last]].toarray()[0]
        return np.asarray(seen + self._rest[last] * self._unigram)

    def reader(self) -> BaselineReader:
        """A reader that has read nothing yet."""
        return BaselineReader(self)

    def losses(self, stream: NDArray[np.int64]) -> NDArray[np.float64]:
        """Negative log-likelihood in nats of each word of a dance, (n,).

        Raises
        ------
        ModelError : words that the model does not know.
        """
        if not len(stream):
            return np.empty(0)
        check_words([stream], self.vocab_size)
        last = _before(stream, self.vocab_size)
        seen = np.asarray(self._seen[last, stream])
        return np.asarray(-np.log(seen + self._rest[last] * self._unigram[stream]))


class BaselineReader:
    """Remembers nothing but the last word."""

    def __init__(self, model: Baseline) -> None:
        self._model = model

    def read(self, ids: NDArray[np.int64]) -> torch.Tensor:
        """Read on: ids (n,), at least one; gives the logits of the next word, float32 (vocab_size,) on the CPU.

        Raises
        ------
        ModelError : nothing to read, or an id that the model does not know.
        """
        check_ids(ids, self._model.vocab_size)
        return torch.from_numpy(np.log(self._model.probabilities(int(ids[-1])))).float()


class Unigram(Baseline):
    """Words come as often as they came, whatever came before."""

    @classmethod
    def fit(cls, streams: Sequence[NDArray[np.int64]], vocab_size: int) -> Self:
        return cls(csr_array((vocab_size + 1, vocab_size)), _frequencies(streams, vocab_size))


class Bigram(Baseline):
    """Words come after a word as they came after it, with absolute discounting.

    Ney, Essen & Kneser, *On structuring probabilistic dependences in stochastic language modelling* (1994).
    """

    @classmethod
    def fit(cls, streams: Sequence[NDArray[np.int64]], vocab_size: int) -> Self:
        unigram = _frequencies(streams, vocab_size)
        last = np.concatenate([_before(stream, vocab_size) for stream in streams])
        words = np.concatenate(streams)
        counts = coo_array((np.ones(len(words)), (last, words)), shape=(vocab_size + 1, vocab_size)).tocsr()
        totals = np.asarray(counts.sum(axis=1))
        counts.data -= _discount(counts.data)
        return cls(csr_array(diags_array(1 / np.maximum(totals, 1)) @ counts), unigram)


class RepeatLast(Baseline):
    """A word comes again with one probability for all of them, else any word by its frequency."""

    @classmethod
    def fit(cls, streams: Sequence[NDArray[np.int64]], vocab_size: int) -> Self:
        unigram = _frequencies(streams, vocab_size)
        repeated = np.concatenate([stream[1:] == stream[:-1] for stream in streams])
        share = (repeated.sum() + ADDED_COUNT) / (len(repeated) + 2 * ADDED_COUNT)
        words = np.arange(vocab_size)
        seen = coo_array((np.full(vocab_size, share), (words, words)), shape=(vocab_size + 1, vocab_size))
        return cls(seen.tocsr(), unigram)


BASELINES: dict[str, type[Baseline]] = {"unigram": Unigram, "bigram": Bigram, "repeat": RepeatLast}
"""Each baseline by its name."""


def _frequencies(streams: Sequence[NDArray[np.int64]], vocab_size: int) -> NDArray[np.float64]:
    check_words(streams, vocab_size)
    counts = np.bincount(np.concatenate(streams), minlength=vocab_size) + ADDED_COUNT
    return np.asarray(counts / counts.sum())


def _before(stream: NDArray[np.int64], vocab_size: int) -> NDArray[np.int64]:
    """The id before each word of a dance, (n,)."""
    return np.concatenate([[vocab_size], stream])[:-1]


def _discount(counts: NDArray[Any]) -> float:
    """What is taken off counts of 1 or more, in 0..1: about what makes each left-out pair likeliest by the others."""
    once, twice = np.count_nonzero(counts == 1), np.count_nonzero(counts == 2)
    return once / (once + 2 * twice) if once and twice else USUAL_DISCOUNT
