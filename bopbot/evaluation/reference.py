"""Dances as they are measured, and the real ones that they are measured against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from bopbot.metrics.novelty import novelty
from bopbot.metrics.variety import WINDOW_S
from bopbot.metrics.windows import windows
from pose_vocab.codec.codec import Codec
from pose_vocab.errors import ModelError, NobodyDancingError, PoseError
from pose_vocab.ids import GAP, Ids
from pose_vocab.normalization import Clip

Item = TypeVar("Item")

KINETIC_WINDOW_S = 5.0
"""Length of the windows of which `fid_k` and `dist_k` are."""


@dataclass(frozen=True, eq=False)
class Dance:
    """A dance that is measured, real or new.

    Parameters
    ----------
    clip : how it moves.
    rows : int64 (moments, row), the words that say it, GAP where none can; None where there are no words.
    distance : how far its moments are from those that were learned, on average; None where that cannot be told.
    """

    clip: Clip
    rows: Ids | None
    distance: float | None

    @classmethod
    def read(cls, clip: Clip, codec: Codec[Clip] | None, known: Sequence[Clip], rows: Ids | None = None) -> Dance:
        """A clip as it is measured; without the words that it was made of, `rows`, the codec reads it."""
        if rows is None and codec is not None:
            rows = codec.encode(clip)
        try:
            distance = novelty([clip], known) if known else None
        except PoseError:
            distance = None
        return cls(clip, rows, distance)


Dances = Sequence[Dance]


@dataclass(frozen=True, eq=False)
class Reference:
    """Real dances.

    Parameters
    ----------
    real : those that were held out.
    known : those that were learned, in the mirror too; none where it is not said what was learned from.
    codec : makes words of them; None without a model.
    n_windows : so many kinetic windows of each set of dances are compared.
    dance_s : how long a new dance lasts.
    n_dances : so many of the known dances are looked at where more of them would reach more.
    seed : of the intervals.
    """

    real: Dances
    known: Dances
    codec: Codec[Clip] | None
    n_windows: int
    dance_s: float
    n_dances: int
    seed: int

    @cached_property
    def clips(self) -> list[Clip]:
        """Of the held-out dances."""
        return [dance.clip for dance in self.real]

    @cached_property
    def all_clips(self) -> list[Clip]:
        """Of the held-out dances and those that were learned."""
        return [dance.clip for dance in (*self.real, *self.known)]

    @cached_property
    def known_clips(self) -> list[Clip]:
        """Of what was learned; raises NobodyDancingError where that is not known."""
        if not self.known:
            raise NobodyDancingError("what was learned from is not known; name it with --learned-from")
        return [dance.clip for dance in self.known]

    @cached_property
    def known_rows(self) -> Ids:
        """What was learned, row after row (n, row), with a row of GAPs between two dances; raises as above."""
        between = np.full((1, len(self.words.places)), GAP)
        of_dances = [rows_of(dance) for dance, _ in zip(self.known, self.known_clips, strict=True)]
        return np.concatenate([part for rows in of_dances for part in (rows, between)])

    @property
    def words(self) -> Codec[Clip]:
        """Raises ModelError where there are none."""
        if self.codec is None:
            raise ModelError("without a model there are no words; name one with --model")
        return self.codec

    @cached_property
    def words_s(self) -> float:
        """In how many seconds different words are counted: as long as new dances and half of the real ones last.

        `WINDOW_S` at most.
        """
        lengths = [len(rows_of(dance)) / self.words.rows_per_second for dance in self.real]
        return min(WINDOW_S, self.dance_s, float(np.median(lengths)))

    def kinetic_windows(self, clips: Sequence[Clip]) -> list[Clip]:
        """`n_windows` windows of clips, or all; raises PoseError where there is none."""
        return spread(windows(clips, KINETIC_WINDOW_S), self.n_windows)


def rows_of(dance: Dance) -> Ids:
    """The words of a dance; raises ModelError where there are none."""
    if dance.rows is None:
        raise ModelError("without a model there are no words; name one with --model")
    return dance.rows


def spread(items: Sequence[Item], n: int) -> list[Item]:
    """So many of the items, or all, as far apart as they can be."""
    return [items[i] for i in np.linspace(0, len(items) - 1, min(n, len(items))).round().astype(int)]


def count_windows(clips: Sequence[Clip]) -> int:
    """How many kinetic windows clips have."""
    return sum(len(clip) // round(KINETIC_WINDOW_S * clip.poses.fps) for clip in clips)
