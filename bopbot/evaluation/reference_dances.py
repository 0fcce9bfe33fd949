"""Dances prepared for measuring, and the real dances that they are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from bopbot.metrics.clip_windows import cut_windows
from bopbot.metrics.novelty import novelty
from bopbot.metrics.variety import WINDOW_S
from pose_vocab.codec.codec import Codec
from pose_vocab.errors import ModelError, NobodyDancingError, PoseError
from pose_vocab.ids import GAP, Ids
from pose_vocab.normalization import Clip

Item = TypeVar("Item")

KINETIC_WINDOW_S = 5.0
"""Length of the windows that `fid_k` and `dist_k` compare."""


@dataclass(frozen=True, eq=False)
class MeasuredDance:
    """A dance that is measured, real or new.

    Parameters
    ----------
    clip : the motion.
    rows : int64 (segments, places), its words, GAP where none can be encoded; None without a codec.
    distance : its `novelty`: mean distance of its windows to the nearest training window; None where it has none.
    """

    clip: Clip
    rows: Ids | None
    distance: float | None

    @classmethod
    def read(
        cls, clip: Clip, codec: Codec[Clip] | None, training: Sequence[Clip], rows: Ids | None = None
    ) -> MeasuredDance:
        """Prepare a clip; where the words that it was decoded from, `rows`, are not known, encode it."""
        if rows is None and codec is not None:
            rows = codec.encode(clip)
        try:
            distance = novelty([clip], training) if training else None
        except PoseError:
            distance = None
        return cls(clip, rows, distance)


Dances = Sequence[MeasuredDance]


@dataclass(frozen=True, eq=False)
class Reference:
    """Real dances that others are compared with.

    Parameters
    ----------
    real : held-out dances.
    training : dances that the model was trained on, and their mirror images; empty where they are not known.
    codec : encodes them; None without a model.
    n_windows : number of kinetic windows of each set that are compared.
    dance_s : duration of a generated dance.
    n_dances : number of training dances that `coverage` uses, as it grows with their number.
    seed : of the bootstrap.
    """

    real: Dances
    training: Dances
    codec: Codec[Clip] | None
    n_windows: int
    dance_s: float
    n_dances: int
    seed: int

    @cached_property
    def clips(self) -> list[Clip]:
        """Clips of the held-out dances."""
        return [dance.clip for dance in self.real]

    @cached_property
    def all_clips(self) -> list[Clip]:
        """Clips of the held-out and the training dances."""
        return [dance.clip for dance in (*self.real, *self.training)]

    @cached_property
    def training_clips(self) -> list[Clip]:
        """Clips of the training dances; raise NobodyDancingError if they are not known."""
        if not self.training:
            raise NobodyDancingError("the training dances are not known; name them with --learned-from")
        return [dance.clip for dance in self.training]

    @cached_property
    def training_rows(self) -> Ids:
        """Words of the training dances, (rows, places), a row of GAPs between two dances; raise as above."""
        between = np.full((1, len(self.words.places)), GAP)
        of_dances = [rows_of(dance) for dance, _ in zip(self.training, self.training_clips, strict=True)]
        return np.concatenate([part for rows in of_dances for part in (rows, between)])

    @property
    def words(self) -> Codec[Clip]:
        """The codec; raise ModelError without a model."""
        if self.codec is None:
            raise ModelError("without a model there are no words; name one with --model")
        return self.codec

    @cached_property
    def distinct_words_s(self) -> float:
        """Length of the windows in which distinct words are counted, in seconds.

        New dances and half of the real ones are at least as long; `WINDOW_S` at most.
        """
        lengths = [len(rows_of(dance)) / self.words.rows_per_second for dance in self.real]
        return min(WINDOW_S, self.dance_s, float(np.median(lengths)))

    def kinetic_windows(self, clips: Sequence[Clip]) -> list[Clip]:
        """Return `n_windows` kinetic windows of clips, or all if there are fewer; raise PoseError if there is none."""
        return evenly_spaced(cut_windows(clips, KINETIC_WINDOW_S), self.n_windows)


def rows_of(dance: MeasuredDance) -> Ids:
    """Return the words of a dance; raise ModelError if it has none."""
    if dance.rows is None:
        raise ModelError("without a model there are no words; name one with --model")
    return dance.rows


def evenly_spaced(items: Sequence[Item], n: int) -> list[Item]:
    """Return `n` items at even distances, or all if there are fewer."""
    return [items[i] for i in np.linspace(0, len(items) - 1, min(n, len(items))).round().astype(int)]


def count_windows(clips: Sequence[Clip]) -> int:
    """Return the number of kinetic windows in clips."""
    return sum(len(clip) // round(KINETIC_WINDOW_S * clip.poses.fps) for clip in clips)
