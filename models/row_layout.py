"""Which words may stand where: a dance is rows of words, and each place of a row has its own vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP, Ids


@dataclass(frozen=True)
class RowLayout:
    """How many words there are for each place of a row.

    A dance is a table of ids int64 (rows, places), with one word at each place: one for the whole body, or one for
    each part of it. Ids run on from place to place: 0 to `sizes[0]` - 1 stand at the first one, the next ones
    at the second. A place whose part is unseen holds a GAP; models read it and never generate it. One more id, `bos`,
    stands at every place of the row before a dance's first; it is read, and never predicted.

    Parameters
    ----------
    sizes : count of the words of each place.
    fingerprint : identifies the vocabularies that the ids belong to.

    Raises
    ------
    ModelError : there is no place, or a place without a word.
    """

    sizes: tuple[int, ...]
    fingerprint: str

    def __post_init__(self) -> None:
        if not self.sizes or min(self.sizes) < 1:
            raise ModelError(f"a language model needs at least one word at each place, got {self.sizes}")

    @property
    def n_words(self) -> int:
        """Count of the words of all places together."""
        return sum(self.sizes)

    @property
    def places(self) -> int:
        """Count of the words of a row."""
        return len(self.sizes)

    @property
    def starts(self) -> tuple[int, ...]:
        """First id of each place."""
        return tuple(accumulate(self.sizes[:-1], initial=0))

    @property
    def bos(self) -> int:
        """Id of the beginning of a dance."""
        return self.n_words

    @property
    def bos_row(self) -> Ids:
        """Row before a dance's first, (places,)."""
        return np.full(self.places, self.bos)

    @property
    def gap_row(self) -> Ids:
        """Row of which nothing is seen, (places,)."""
        return np.full(self.places, GAP)

    def ids(self, place: int) -> slice:
        """Return the ids of the words of a place."""
        return slice(self.starts[place], self.starts[place] + self.sizes[place])

    def place_of(self, ids: Ids) -> Ids:
        """Return the places at which words stand, of the shape of `ids`, each 0 to `n_words` - 1."""
        return np.searchsorted(self.starts, ids, side="right") - 1

    def check(self, ids: Ids) -> Ids:
        """Return the ids of a dance, (rows, places).

        Raises
        ------
        ModelError : another shape, an unknown word, or a word at another place than its own.
        """
        if ids.ndim != 2 or ids.shape[1] != self.places:
            raise ModelError(f"a dance is ids of shape (rows, {self.places}), got {ids.shape}")
        seen = ids != GAP
        if seen.any() and (ids[seen].min() < 0 or ids[seen].max() >= self.n_words):
            raise ModelError(
                f"the dance holds words {ids[seen].min()} to {ids[seen].max()}, the model knows 0 to {self.n_words - 1}"
            )
        wrong = np.argwhere(seen & (self.place_of(ids) != np.arange(self.places)))
        if len(wrong):
            row, place = wrong[0]
            word = ids[row, place]
            raise ModelError(
                f"word {word} belongs at place {self.place_of(word)} of a row of {self.places}, "
                f"but stands at place {place} of row {row}"
            )
        return ids

    def check_prefix(self, prefix: Ids) -> None:
        """Raise ModelError unless `prefix` (n,) holds the first words of a row, and not all of them."""
        if prefix.ndim != 1 or len(prefix) >= self.places:
            raise ModelError(f"a prefix holds up to {self.places - 1} words of a row, got shape {prefix.shape}")
        self.check(np.concatenate([prefix, self.gap_row[len(prefix) :]])[None])

    def check_all(self, dances: Sequence[Ids]) -> None:
        """Raise ModelError unless every dance passes `check` and there is a word in one of them."""
        if not sum((self.check(ids) != GAP).sum() for ids in dances):
            raise ModelError(f"there are no words in {len(dances)} dances; give at least one dance with words")
