"""Which words may stand where: a dance is rows of words, and each place of a row has a vocabulary of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import ModelError


@dataclass(frozen=True)
class RowLayout:
    """How many words may stand at each place of a row.

    A moment of a dance is a row, which has one word at each place: one for the whole body, or one for
    each part of it. A dance is a stream of ids int64 (n,), row after row. Ids run on from place to
    place: 0 to `vocabularies[0]` - 1 stand at the first one, the next ones at the second. One more id,
    `n_words`, stands at every place of the row before a dance's first; it is read, and never foreseen.

    Parameters
    ----------
    vocabularies : how many words there are at each place.
    fingerprint : names the vocabularies that the ids belong to.

    Raises
    ------
    ModelError : there is no place, or no word at one.
    """

    vocabularies: tuple[int, ...]
    fingerprint: str

    def __post_init__(self) -> None:
        if not self.vocabularies or min(self.vocabularies) < 1:
            raise ModelError(f"a language model needs at least one word at each place, got {self.vocabularies}")

    @property
    def n_words(self) -> int:
        """How many words there are at all places together."""
        return sum(self.vocabularies)

    @property
    def places(self) -> int:
        """How many words a row has."""
        return len(self.vocabularies)

    @property
    def starts(self) -> tuple[int, ...]:
        """The first id of each place."""
        return tuple(accumulate(self.vocabularies[:-1], initial=0))

    @property
    def beginning(self) -> NDArray[np.int64]:
        """The row before a dance's first, (places,)."""
        return np.full(self.places, self.n_words)

    def ids(self, place: int) -> slice:
        """Those of the words that may stand at a place."""
        return slice(self.starts[place], self.starts[place] + self.vocabularies[place])

    def place_of(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The places at which words stand, of the shape of `ids`, each of which is 0 to `n_words` - 1."""
        return np.searchsorted(self.starts, ids, side="right") - 1

    def rows(self, stream: NDArray[np.int64]) -> NDArray[np.int64]:
        """A dance (n,) as rows (n / places, places).

        Raises
        ------
        ModelError : no whole rows, words that the model does not know, or that stand at another place.
        """
        if stream.ndim != 1 or len(stream) % self.places:
            raise ModelError(f"a dance is a stream of ids, {self.places} a row, got shape {stream.shape}")
        if len(stream) and (stream.min() < 0 or stream.max() >= self.n_words):
            raise ModelError(
                f"the dance holds words {stream.min()} to {stream.max()}, the model knows 0 to {self.n_words - 1}"
            )
        self._refuse_misplaced(stream, self.place_of(stream), np.arange(len(stream)) % self.places)
        return stream.reshape(-1, self.places)

    def check(self, streams: Sequence[NDArray[np.int64]]) -> None:
        """Raises ModelError unless there are words in the dances, and all of them are whole rows of known words."""
        if not sum(len(self.rows(stream)) for stream in streams):
            raise ModelError(f"there are no words in {len(streams)} dances; give at least one dance with words")

    def read_on(self, ids: NDArray[np.int64], place: int) -> NDArray[np.int64]:
        """What a reader reads next, from a place on: ids (n,), in which `n_words` stands for a whole `beginning`.

        Raises
        ------
        ModelError : nothing to read, an id that the model does not know, or one that stands at another place.
        """
        if not len(ids) or ids.min() < 0 or ids.max() > self.n_words:
            raise ModelError(f"a model of {self.n_words} words reads ids 0 to {self.n_words}, got {ids}")
        begins = ids == self.n_words
        lengths = np.where(begins, self.places, 1)
        stands = (place + np.cumsum(lengths) - lengths) % self.places
        self._refuse_misplaced(ids, np.where(begins, 0, self.place_of(ids)), stands)
        return np.repeat(ids, lengths)

    def _refuse_misplaced(self, ids: NDArray[np.int64], belongs: NDArray[np.int64], stands: NDArray[np.int64]) -> None:
        if (belongs != stands).any():
            first = np.argmax(belongs != stands)
            raise ModelError(
                f"word {ids[first]} belongs at place {belongs[first]} of a row of {self.places}, "
                f"but stands at place {stands[first]}"
            )
