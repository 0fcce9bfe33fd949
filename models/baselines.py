"""What a language model must beat: words predicted by counting, without a network.

All three predict a word from the one at the same place of the row before, p(word | last) = seen[last, word] +
rest[last] * unigram[word]: what was seen to follow, and the share that this leaves is given to words by frequency.
After a gap all is left to frequency.
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
from pose_vocab.ids import GAP, Ids

ADDED_COUNT = 0.5
"""Each outcome counts as if it had been seen that much more often: Krichevsky & Trofimov, *The Performance of
Universal Encoding* (1981)."""

USUAL_DISCOUNT = 0.75
"""Taken off the count of each pair of words where the pairs seen once and twice do not tell the discount: Church &
Gale, *A comparison of the enhanced Good-Turing and deleted estimation methods* (1991)."""


@dataclass(frozen=True)
class Table:
    """Counts of the words at one place, numbered from 0.

    Parameters
    ----------
    seen : sparse (n_words + 2, n_words), the share that each word has after each word for having been seen there;
        the last rows stand for the beginning of a dance and for a gap. No row sums to more than 1.
    unigram : float64 (n_words,), the frequency of each word; above 0, sums to 1.
    """

    seen: csr_array
    unigram: NDArray[np.float64]

    @cached_property
    def rest(self) -> NDArray[np.float64]:
        """What `seen` leaves after each word, (n_words + 2,)."""
        return np.asarray(1 - self.seen.sum(axis=1))

    def probabilities(self, last: int) -> NDArray[np.float64]:
        """Return the probability of each word (n_words,) after `last`, 0 to `n_words` + 1."""
        return np.asarray(self.seen[[last]].toarray()[0] + self.rest[last] * self.unigram)

    def losses(self, words: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the negative log-likelihood in nats of each word of a dance, (n,); NaN for a gap, `n_words` + 1."""
        losses = np.full(len(words), np.nan)
        at = np.flatnonzero(words < len(self.unigram))
        if len(at):  # a sparse matrix makes no array of nothing
            last = _before(words, len(self.unigram))[at]
            seen = np.asarray(self.seen[last, words[at]])
            losses[at] = -np.log(seen + self.rest[last] * self.unigram[words[at]])
        return losses


class Baseline(ABC):
    """A language model that counts, each place of a row by itself.

    Parameters
    ----------
    layout : the words.
    tables : one per place.
    """

    def __init__(self, layout: RowLayout, tables: Sequence[Table]) -> None:
        self.layout = layout
        self.tables = tables

    @classmethod
    def fit(cls, dances: Sequence[Ids], layout: RowLayout) -> Self:
        """Count dances, ids (rows, places) each.

        Raises
        ------
        ModelError : no words to count, or unknown ones.
        """
        layout.check_all(dances)
        numbered = [_numbered(ids, layout) for ids in dances]
        return cls(
            layout,
            [cls.count([words[:, place] for words in numbered], n_words) for place, n_words in enumerate(layout.sizes)],
        )

    @staticmethod
    @abstractmethod
    def count(dances: Sequence[NDArray[np.int64]], n_words: int) -> Table:
        """Count what stands at one place: words (n,), 0 to `n_words` - 1, or `n_words` + 1 for a gap, of each dance."""

    def reader(self) -> BaselineReader:
        """Return a reader that has read nothing yet."""
        return BaselineReader(self)

    def losses(self, ids: Ids) -> NDArray[np.float64]:
        """Return the negative log-likelihood in nats of each word of a dance, (rows, places); NaN for a GAP.

        Raises
        ------
        ModelError : no rows of words that the model knows.
        """
        numbered = _numbered(self.layout.check(ids), self.layout)
        return np.stack([table.losses(numbered[:, place]) for place, table in enumerate(self.tables)], axis=1)


class BaselineReader(RowReader):
    """Remembers the last row only."""

    def __init__(self, model: Baseline) -> None:
        super().__init__(model.layout)
        self._model = model

    def follow(self, rows: Ids) -> None:
        layout = self._model.layout
        begins = rows[-1:] == layout.bos
        self._last = np.where(begins, layout.sizes, _numbered(rows[-1:], layout))[0]

    def logits_of_place(self, prefix: Ids) -> torch.Tensor:
        place = len(prefix)
        return torch.from_numpy(np.log(self._model.tables[place].probabilities(self._last[place])))


def _numbered(ids: Ids, layout: RowLayout) -> NDArray[np.int64]:
    """Return the words of ids (rows, places) numbered from 0 at each place; a GAP is `size of the place` + 1."""
    return np.where(ids == GAP, np.array(layout.sizes) + 1, ids - layout.starts)


class Unigram(Baseline):
    """Words by frequency, whatever stands before."""

    @staticmethod
    def count(dances: Sequence[NDArray[np.int64]], n_words: int) -> Table:
        return Table(csr_array((n_words + 2, n_words)), _frequencies(dances, n_words))


class Bigram(Baseline):
    """Words by the word before, with absolute discounting.

    Ney, Essen & Kneser, *On structuring probabilistic dependences in stochastic language modelling* (1994).
    """

    @staticmethod
    def count(dances: Sequence[NDArray[np.int64]], n_words: int) -> Table:
        last = np.concatenate([_before(dance, n_words) for dance in dances])
        words = np.concatenate(dances)
        pairs = (words < n_words) & (last <= n_words)
        counts = coo_array((np.ones(pairs.sum()), (last[pairs], words[pairs])), shape=(n_words + 2, n_words)).tocsr()
        totals = np.asarray(counts.sum(axis=1))
        counts.data -= _discount(counts.data)
        return Table(csr_array(diags_array(1 / np.maximum(totals, 1)) @ counts), _frequencies(dances, n_words))


class RepeatLast(Baseline):
    """The word before with one probability for all words, else any word by frequency."""

    @staticmethod
    def count(dances: Sequence[NDArray[np.int64]], n_words: int) -> Table:
        repeated = np.concatenate([(d[1:] == d[:-1])[(d[1:] < n_words) & (d[:-1] < n_words)] for d in dances])
        share = (repeated.sum() + ADDED_COUNT) / (len(repeated) + 2 * ADDED_COUNT)
        words = np.arange(n_words)
        seen = coo_array((np.full(n_words, share), (words, words)), shape=(n_words + 2, n_words))
        return Table(seen.tocsr(), _frequencies(dances, n_words))


BASELINES: dict[str, type[Baseline]] = {"unigram": Unigram, "bigram": Bigram, "repeat": RepeatLast}
"""The baselines by name."""


def _frequencies(dances: Sequence[NDArray[np.int64]], n_words: int) -> NDArray[np.float64]:
    words = np.concatenate(dances)
    counts = np.bincount(words[words < n_words], minlength=n_words) + ADDED_COUNT
    return np.asarray(counts / counts.sum())


def _before(words: NDArray[np.int64], n_words: int) -> NDArray[np.int64]:
    """Return the word before each word of a dance, (n,); `n_words` before the first."""
    return np.concatenate([[n_words], words])[:-1]


def _discount(counts: NDArray[Any]) -> float:
    """Return the discount of counts of 1 or more, in 0..1: about what makes each left-out pair likeliest."""
    once, twice = np.count_nonzero(counts == 1), np.count_nonzero(counts == 2)
    return once / (once + 2 * twice) if once and twice else USUAL_DISCOUNT
