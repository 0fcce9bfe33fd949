"""A vocabulary for each part of the body: a moment is said by one word of each, in their order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pose_vocab.codec.vocabulary import GAP, MIN_SEEN, Ids, Vocabulary
from pose_vocab.codec.word_names import make_words
from pose_vocab.errors import VocabularyError
from pose_vocab.files import write_beside

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Part:
    """A part of the body.

    Parameters
    ----------
    columns : int64 (n,), which numbers of a moment are its own.
    vocabulary : what it can do; of n numbers.
    """

    columns: NDArray[np.int64]
    vocabulary: Vocabulary


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The vocabularies of the parts of a body. Ids run on from part to part.

    Parameters
    ----------
    parts : by their names, in the order in which they are said; every number of a moment belongs to one.

    Raises
    ------
    VocabularyError : there is no part, numbers that belong to none or to two, a vocabulary of other
        numbers, or a word that two parts share.
    """

    parts: Mapping[str, Part]

    def __post_init__(self) -> None:
        if not self.parts:
            raise VocabularyError("a lexicon needs at least one part of the body")
        columns = np.concatenate([part.columns for part in self.parts.values()])
        if not np.array_equal(np.sort(columns), np.arange(len(columns))):
            raise VocabularyError("every number of a moment must belong to one part of the body, and to one only")
        for name, part in self.parts.items():
            if part.vocabulary.n_features != len(part.columns):
                raise VocabularyError(
                    f"the words of the {name} are of {part.vocabulary.n_features} numbers, not of {len(part.columns)}"
                )
        if len(set(self.words)) != self.n_words:
            raise VocabularyError("two parts of the body share a word; each word must be of one part")

    @classmethod
    def fit(
        cls, moments: NDArray[np.float32], columns: Mapping[str, NDArray[np.int64]], n_words: int, seed: int
    ) -> Lexicon:
        """Cluster moments (moments, size), NaN where something is not seen, into `n_words` words for each part.

        Raises
        ------
        VocabularyError : see `Vocabulary.fit`.
        """
        names = iter(make_words(n_words * len(columns), seed))
        readable = moments[(~np.isnan(moments)).mean(axis=1) >= MIN_SEEN]
        fitted = {}
        for name, own in columns.items():
            rows = readable[:, own]
            fitted[name] = Part(own, Vocabulary.fit(rows, n_words, seed, mask=~np.isnan(rows)))
        return cls({name: replace(part, vocabulary=_renamed(part.vocabulary, names)) for name, part in fitted.items()})

    def joined(self, other: Lexicon) -> Lexicon:
        """These words and, in each part behind them, those of `other`, under new names.

        Raises
        ------
        VocabularyError : they are of other parts, or there are not names enough.
        """
        if list(self.parts) != list(other.parts):
            raise VocabularyError(f"words of {', '.join(other.parts)} cannot join words of {', '.join(self.parts)}")
        taken = set(self.words)
        free = iter([word for word in make_words(self.n_words + other.n_words, seed=0) if word not in taken])
        larger = {}
        for name, part in self.parts.items():
            both = part.vocabulary.joined(other.parts[name].vocabulary)
            known = part.vocabulary.n_words
            new = tuple(next(free) for _ in range(both.n_words - known))
            larger[name] = replace(part, vocabulary=replace(both, words=(*part.vocabulary.words, *new)))
        return Lexicon(larger)

    @property
    def size(self) -> int:
        """How many numbers a moment has."""
        return sum(len(part.columns) for part in self.parts.values())

    @property
    def n_words(self) -> int:
        """How many words all parts have together."""
        return len(self.words)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many words each part has."""
        return tuple(part.vocabulary.n_words for part in self.parts.values())

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The names of all ids."""
        return tuple(word for part in self.parts.values() for word in part.vocabulary.words)

    @cached_property
    def fingerprint(self) -> str:
        """Hex SHA-256 over the parts: a model refuses a lexicon with another one."""
        described = [
            f"{name} {part.vocabulary.fingerprint} {part.columns.tolist()}" for name, part in self.parts.items()
        ]
        return hashlib.sha256("\n".join(described).encode()).hexdigest()

    def quantize(self, moments: NDArray[np.float32]) -> Ids:
        """The ids of the nearest words, int64 (moments, parts).

        `moments` is (moments, size), NaN where something is not seen. A moment of which less than
        `MIN_SEEN` is seen is a row of GAPs; in any other one a part of which too little is seen does what
        it does most.

        Raises
        ------
        VocabularyError : a wrong shape, or numbers that are not finite.
        """
        if moments.ndim != 2 or moments.shape[1] != self.size:
            raise VocabularyError(f"moments of {moments.shape} do not fit words of {self.size} numbers")
        seen = ~np.isnan(moments)
        ids = np.empty((len(moments), len(self.parts)), np.int64)
        for place, (part, start) in enumerate(zip(self.parts.values(), self.starts, strict=True)):
            found = part.vocabulary.quantize(moments[:, part.columns], seen[:, part.columns])
            ids[:, place] = start + np.where(found == GAP, int(part.vocabulary.counts.argmax()), found)
        ids[seen.mean(axis=1) < MIN_SEEN] = GAP
        return ids

    def look_up(self, ids: Ids) -> NDArray[np.float32]:
        """The mean moments (moments, size) that ids (moments, parts) stand for.

        Raises
        ------
        VocabularyError : an id that is no word's, GAP included, or that of a word of another part.
        """
        moments = np.empty((len(ids), self.size), np.float32)
        for place, (name, part) in enumerate(self.parts.items()):
            own = ids[:, place] - self.starts[place]
            strange = ids[(own < 0) | (own >= part.vocabulary.n_words), place]
            if len(strange):
                what = "a gap" if strange[0] == GAP else f"the id {strange[0]}"
                raise VocabularyError(
                    f"{what} stands for no word of the {name}; cut streams at gaps, and at whole rows"
                )
            moments[:, part.columns] = part.vocabulary.look_up(own)
        return moments

    def words_of(self, ids: Ids) -> list[str]:
        """The names of ids (n,); raises VocabularyError for an id that is no word's."""
        wrong = ids[(ids < 0) | (ids >= self.n_words)]
        if len(wrong):
            raise VocabularyError(f"there is no word {wrong[0]}; ids run from 0 to {self.n_words - 1}")
        return [self.words[i] for i in ids.tolist()]

    def ids_of(self, words: Iterable[str]) -> Ids:
        """The ids of names, int64 (n,); raises VocabularyError for a word that no part has."""
        try:
            return np.array([self._id_of[word] for word in words], dtype=np.int64)
        except KeyError as error:
            raise VocabularyError(
                f"{error.args[0]!r} is none of these {self.n_words} words; read a text with the words that wrote it"
            ) from None

    def alone(self) -> NDArray[np.float32]:
        """The mean moment of every word (n_words, size), NaN in the numbers of other parts."""
        moments = np.full((self.n_words, self.size), np.nan, np.float32)
        for part, start in zip(self.parts.values(), self.starts, strict=True):
            moments[start : start + part.vocabulary.n_words, part.columns] = part.vocabulary.centroids
        return moments

    def table(self) -> pd.DataFrame:
        """A row a word for people to read: id, part, word, count of its moments, their mean error."""
        import pandas as pd

        table = pd.concat([part.vocabulary.table().assign(part=name) for name, part in self.parts.items()])
        return table.assign(id=range(self.n_words))[["id", "part", "word", "count", "error"]].reset_index(drop=True)

    def save(self, folder: str | Path) -> None:
        """Write the lexicon as a folder with a vocabulary in it for each part; `load` gives back the same.

        Raises
        ------
        OutputError : the folder cannot be written, or holds something else, which would be lost.
        """
        with write_beside(folder, set(self.parts)) as beside:
            beside.mkdir()
            for name, part in self.parts.items():
                part.vocabulary.save(beside / name)

    @classmethod
    def load(cls, folder: str | Path, columns: Mapping[str, NDArray[np.int64]]) -> Lexicon:
        """Read a folder that `save` wrote; `columns` says which numbers of a moment belong to each part.

        Raises
        ------
        VocabularyError : a part is missing, damaged, of another version, or of other numbers.
        """
        return cls({name: Part(own, Vocabulary.load(Path(folder) / name)) for name, own in columns.items()})

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The first id of each part."""
        return (0, *np.cumsum(self.sizes)[:-1].tolist())

    @cached_property
    def _id_of(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self.words)}


def _renamed(vocabulary: Vocabulary, names: Iterator[str]) -> Vocabulary:
    return replace(vocabulary, words=tuple(next(names) for _ in range(vocabulary.n_words)))
