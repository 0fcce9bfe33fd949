"""What a language model must beat: words foreseen by counting them, with no network.

All three foresee a word by the one at the same place of the row before alone, p(word | last) = seen[last, word] +
rest[last] * unigram[word]: what was seen to follow, and the share that this leaves is given to words by how frequent
they are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, diags_array

from models.row_layout import RowLayout
from models.row_reader import RowReader

ADDED_COUNT = 0.5
"""Each outcome counts as if it had come that much more often: Krichevsky & Trofimov, *The Performance of
Universal Encoding* (1981)."""

USUAL_DISCOUNT = 0.75
"""Taken off the count of each pair of words where the pairs seen once and twice do not tell how much: Church &
Gale, *A comparison of the enhanced Good-Turing and deleted estimation methods* (1991)."""


@dataclass(frozen=True)
class Table:
    """What was counted of the words at one place, numbered from 0.

    Parameters
    ----------
    seen : sparse (n_words + 1, n_words), the share that each word has after each for having been
        seen there; the last row stands for the beginning of a dance. No row sums to more than 1.
    unigram : float64 (n_words,), how frequent each word is; above 0, sums to 1.
    """

    seen: csr_array
    unigram: NDArray[np.float64]

    @cached_property
    def rest(self) -> NDArray[np.float64]:
        """What `seen` leaves after each word, (n_words + 1,)."""
        return np.asarray(1 - self.seen.sum(axis=1))

    def probabilities(self, last: int) -> NDArray[np.float64]:
        """Of each word (n_words,) after `last`, 0 to `n_words`."""
        return np.asarray(self.seen[[last]].toarray()[0] + self.rest[last] * self.unigram)

    def losses(self, words: NDArray[np.int64]) -> NDArray[np.float64]:
        """Negative log-likelihood in nats of each word of a dance, (n,)."""
        if not len(words):  # of which a sparse matrix makes no array
            return np.empty(0)
        last = _before(words, len(self.unigram))
        seen = np.asarray(self.seen[last, words])
        return np.asarray(-np.log(seen + self.rest[last] * self.unigram[words]))


class Baseline(ABC):
    """A language model that is counted, each place of a row by itself.

    Parameters
    ----------
    layout : which words there are.
    tables : one a place.
    """

    def __init__(self, layout: RowLayout, tables: Sequence[Table]) -> None:
        self.layout = layout
        self.tables = tables

    @classmethod
    def fit(cls, streams: Sequence[NDArray[np.int64]], layout: RowLayout) -> Self:
        """Count dances, one stream of ids (n,) each.

        Raises
        ------
        ModelError : no words to count, or no whole rows of words of the layout.
        """
        layout.check(streams)
        dances = [layout.rows(stream) - layout.starts for stream in streams]
        return cls(
            layout,
            [
                cls.count([dance[:, place] for dance in dances], n_words)
                for place, n_words in enumerate(layout.vocabularies)
            ],
        )

    @staticmethod
    @abstractmethod
    def count(dances: Sequence[NDArray[np.int64]], n_words: int) -> Table:
        """Count what stands at one place: words (n,), 0 to `n_words` - 1, of each dance."""

    def reader(self) -> BaselineReader:
        """A reader that has read nothing yet."""
        return BaselineReader(self)

    def losses(self, stream: NDArray[np.int64]) -> NDArray[np.float64]:
        """Negative log-likelihood in nats of each word of a dance, (n,).

        Raises
        ------
        ModelError : no whole rows of words that the model knows.
        """
        dance = self.layout.rows(stream) - self.layout.starts
        columns = [table.losses(dance[:, place]) for place, table in enumerate(self.tables)]
        return np.stack(columns, axis=1).ravel()


class BaselineReader(RowReader):
    """Remembers nothing but the last row."""

    def __init__(self, model: Baseline) -> None:
        super().__init__(model.layout)
        self._model = model

    def follow(self, rows: NDArray[np.int64]) -> None:
        begins = rows[-1] == self._model.layout.n_words
        self._last = np.where(begins, self._model.layout.vocabularies, rows[-1] - self._model.layout.starts)

    def logits(self, said: NDArray[np.int64]) -> torch.Tensor:
        place = len(said)
        return torch.from_numpy(np.log(self._model.tables[place].probabilities(self._last[place])))


class Unigram(Baseline):
    """Words come as often as they came, whatever came before."""

    @staticmethod
    def count(dances: Sequence[NDArray[np.int64]], n_words: int) -> Table:
        return Table(csr_array((n_words + 1, n_words)), _frequencies(dances, n_words))


class Bigram(Baseline):
    """Words come after a word as they came after it, with absolute discounting.

    Ney, Essen & Kneser, *On structuring probabilistic dependences in stochastic language modelling* (1994).
    """

    @staticmethod
    def count(dances: Sequence[NDArray[np.int64]], n_words: int) -> Table:
        last = np.concatenate([_before(dance, n_words) for dance in dances])
        words = np.concatenate(dances)
        counts = coo_array((np.ones(len(words)), (last, words)), shape=(n_words + 1, n_words)).tocsr()
        totals = np.asarray(counts.sum(axis=1))
        counts.data -= _discount(counts.data)
        return Table(csr_array(diags_array(1 / np.maximum(totals, 1)) @ counts), _frequencies(dances, n_words))


class RepeatLast(Baseline):
    """A word comes again with one probability for all of them, else any word by its frequency."""

    @staticmethod
    def count(dances: Sequence[NDArray[np.int64]], n_words: int) -> Table:
        repeated = np.concatenate([dance[1:] == dance[:-1] for dance in dances])
        share = (repeated.sum() + ADDED_COUNT) / (len(repeated) + 2 * ADDED_COUNT)
        words = np.arange(n_words)
        seen = coo_array((np.full(n_words, share), (words, words)), shape=(n_words + 1, n_words))
        return Table(seen.tocsr(), _frequencies(dances, n_words))


BASELINES: dict[str, type[Baseline]] = {"unigram": Unigram, "bigram": Bigram, "repeat": RepeatLast}
"""Each baseline by its name."""


def _frequencies(dances: Sequence[NDArray[np.int64]], n_words: int) -> NDArray[np.float64]:
    counts = np.bincount(np.concatenate(dances), minlength=n_words) + ADDED_COUNT
    return np.asarray(counts / counts.sum())


def _before(words: NDArray[np.int64], n_words: int) -> NDArray[np.int64]:
    """The word before each word of a dance, (n,); `n_words` before the first."""
    return np.concatenate([[n_words], words])[:-1]


def _discount(counts: NDArray[Any]) -> float:
    """What is taken off counts of 1 or more, in 0..1: about what makes each left-out pair likeliest by the others."""
    once, twice = np.count_nonzero(counts == 1), np.count_nonzero(counts == 2)
    return once / (once + 2 * twice) if once and twice else USUAL_DISCOUNT
