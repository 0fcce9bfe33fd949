"""A vocabulary for each part of a segment: a row of words holds one word of each, in their order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pose_vocab.codec.vocabulary import MIN_SEEN, Vocabulary
from pose_vocab.codec.word_names import make_words
from pose_vocab.errors import VocabularyError
from pose_vocab.files import write_beside
from pose_vocab.ids import GAP, Ids

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Part:
    """One part of a segment, e.g. a limb.

    Parameters
    ----------
    columns : int64 (n,), the numbers of a segment that belong to it.
    vocabulary : its words, over n numbers.
    """

    columns: NDArray[np.int64]
    vocabulary: Vocabulary


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The vocabularies of the parts. Ids run on from part to part.

    Parameters
    ----------
    parts : by name, in the order of their places in a row; every number of a segment belongs to one.

    Raises
    ------
    VocabularyError : there is no part, a number that belongs to none or to two, a vocabulary over other
        numbers, or a word that two parts share.
    """

    parts: Mapping[str, Part]

    def __post_init__(self) -> None:
        if not self.parts:
            raise VocabularyError("a lexicon needs at least one part, got none")
        columns = np.concatenate([part.columns for part in self.parts.values()])
        if not np.array_equal(np.sort(columns), np.arange(len(columns))):
            raise VocabularyError("every number of a segment must belong to exactly one part")
        for name, part in self.parts.items():
            if part.vocabulary.n_features != len(part.columns):
                raise VocabularyError(
                    f"the words of {name!r} have {part.vocabulary.n_features} numbers, the part has {len(part.columns)}"
                )
        if len(set(self.words)) != self.n_words:
            raise VocabularyError("two parts share a word; every word must belong to one part")

    @classmethod
    def fit(
        cls, segments: NDArray[np.float32], columns: Mapping[str, NDArray[np.int64]], n_words: int, seed: int
    ) -> Lexicon:
        """Cluster segments (segments, size), NaN where something is unseen, into `n_words` words for each part.

        Raises
        ------
        VocabularyError : see `Vocabulary.fit`.
        """
        readable = segments[(~np.isnan(segments)).mean(axis=1) >= MIN_SEEN]
        fitted = {
            name: Vocabulary.fit(readable[:, own], n_words, seed, mask=~np.isnan(readable[:, own]))
            for name, own in columns.items()
        }
        names = iter(make_words(n_words * len(columns), seed))
        return cls(
            {
                name: Part(columns[name], replace(vocabulary, words=tuple(islice(names, vocabulary.n_words))))
                for name, vocabulary in fitted.items()
            }
        )

    def joined(self, others: Mapping[str, Vocabulary]) -> Lexicon:
        """Return these words and, behind those of each part, the words of `others` for that part, under new names.

        Raises
        ------
        VocabularyError : vocabularies of unknown parts or over other numbers, or too few names.
        """
        if not others.keys() <= self.parts.keys():
            raise VocabularyError(f"words of {', '.join(others)} cannot join words of {', '.join(self.parts)}")
        n_others = sum(other.n_words for other in others.values())
        taken = set(self.words)
        names = iter([word for word in make_words(self.n_words + n_others, seed=0) if word not in taken])
        larger = {}
        for name, part in self.parts.items():
            known = part.vocabulary
            both = known.joined(others[name]) if name in others else known
            words = (*known.words, *islice(names, both.n_words - known.n_words))
            larger[name] = replace(part, vocabulary=replace(both, words=words))
        return Lexicon(larger)

    @property
    def size(self) -> int:
        """Count of the numbers of a segment."""
        return sum(len(part.columns) for part in self.parts.values())

    @property
    def n_words(self) -> int:
        """Count of the words of all parts together."""
        return len(self.words)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Count of the words of each part."""
        return tuple(part.vocabulary.n_words for part in self.parts.values())

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Names of all ids."""
        return tuple(word for part in self.parts.values() for word in part.vocabulary.words)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """First id of each part."""
        return (0, *np.cumsum(self.sizes)[:-1].tolist())

    @cached_property
    def fingerprint(self) -> str:
        """Hex SHA-256 over the parts: a model refuses a lexicon with another one."""
        described = [
            f"{name} {part.vocabulary.fingerprint} {part.columns.tolist()}" for name, part in self.parts.items()
        ]
        return hashlib.sha256("\n".join(described).encode()).hexdigest()

    @cached_property
    def average(self) -> NDArray[np.float32]:
        """Mean segment (size,), each word weighted by how often it was seen."""
        mean = np.empty(self.size, np.float32)
        for part in self.parts.values():
            weights = part.vocabulary.counts + 1  # a vocabulary may hold words that were never counted
            mean[part.columns] = np.average(part.vocabulary.centroids, axis=0, weights=weights)
        return mean

    def quantize(self, segments: NDArray[np.float32]) -> Ids:
        """Return the ids of the nearest words, int64 (segments, parts).

        `segments` is (segments, size), NaN where something is unseen. A place holds a GAP where less than `MIN_SEEN`
        of its part is seen, and the whole row where less than that of the segment is.

        Raises
        ------
        VocabularyError : a wrong shape, or numbers that are not finite.
        """
        if segments.ndim != 2 or segments.shape[1] != self.size:
            raise VocabularyError(f"segments of {segments.shape} do not fit words of {self.size} numbers")
        seen = ~np.isnan(segments)
        ids = np.empty((len(segments), len(self.parts)), np.int64)
        for place, (part, start) in enumerate(zip(self.parts.values(), self.starts, strict=True)):
            found = part.vocabulary.quantize(segments[:, part.columns], seen[:, part.columns])
            ids[:, place] = np.where(found == GAP, GAP, start + found)
        ids[seen.mean(axis=1) < MIN_SEEN] = GAP
        return ids

    def look_up(self, ids: Ids) -> NDArray[np.float32]:
        """Return the mean segments (segments, size) that ids (segments, parts) stand for; NaN for a GAP.

        Raises
        ------
        VocabularyError : a wrong shape, or an id that is no word of the part at its place.
        """
        if ids.ndim != 2 or ids.shape[1] != len(self.parts):
            raise VocabularyError(f"ids must be (rows, {len(self.parts)}), one for each part, got shape {ids.shape}")
        segments = np.full((len(ids), self.size), np.nan, np.float32)
        for place, ((name, part), start) in enumerate(zip(self.parts.items(), self.starts, strict=True)):
            own = ids[:, place] - start
            wrong = ids[(ids[:, place] != GAP) & ((own < 0) | (own >= part.vocabulary.n_words)), place]
            if len(wrong):
                last = start + part.vocabulary.n_words - 1
                raise VocabularyError(f"id {wrong[0]} is no word of {name!r}; its ids run from {start} to {last}")
            rows = np.flatnonzero(ids[:, place] != GAP)
            segments[np.ix_(rows, part.columns)] = part.vocabulary.look_up(own[rows])
        return segments

    def with_average(self, segments: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return looked-up segments (segments, size) with the average in place of what is NaN."""
        return np.where(np.isnan(segments), self.average, segments)

    def words_of(self, ids: Ids) -> list[str]:
        """Return the names of ids (n,); raise VocabularyError for an id that is no word's."""
        wrong = ids[(ids < 0) | (ids >= self.n_words)]
        if len(wrong):
            raise VocabularyError(f"there is no word {wrong[0]}; ids run from 0 to {self.n_words - 1}")
        return [self.words[i] for i in ids.tolist()]

    def ids_of(self, words: Iterable[str]) -> Ids:
        """Return the ids of names, int64 (n,); raise VocabularyError for a name that no part has."""
        try:
            return np.array([self._id_of[word] for word in words], dtype=np.int64)
        except KeyError as error:
            raise VocabularyError(
                f"{error.args[0]!r} is none of these {self.n_words} words; use the vocabulary that wrote this text"
            ) from None

    def alone(self) -> NDArray[np.float32]:
        """Return the mean segment of every word (n_words, size), NaN in the numbers of other parts."""
        segments = np.full((self.n_words, self.size), np.nan, np.float32)
        for part, start in zip(self.parts.values(), self.starts, strict=True):
            segments[start : start + part.vocabulary.n_words, part.columns] = part.vocabulary.centroids
        return segments

    def table(self) -> pd.DataFrame:
        """Return a row per word for people: id, part, word, count of its segments, their mean error."""
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
        """Read a folder that `save` wrote; `columns` are the numbers of a segment that belong to each part.

        Raises
        ------
        VocabularyError : a part is missing, damaged, of another version, or over other numbers.
        """
        return cls({name: Part(own, Vocabulary.load(Path(folder) / name)) for name, own in columns.items()})

    @cached_property
    def _id_of(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self.words)}
