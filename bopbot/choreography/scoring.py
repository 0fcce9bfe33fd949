"""Takes of one wish, the best first: sorted by how far each is outside of what a good dance measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bopbot.metrics.jitter import jitter_ratio
from bopbot.metrics.stillness import longest_freeze_s
from bopbot.metrics.variety import WINDOW_S, distinct_words
from pose_vocab.codec.codec import without_gaps
from pose_vocab.codec.vocabulary import Ids
from pose_vocab.normalization import Clip

JITTER = (0.85, 1.15)
"""Accelerations of a good dance over those of the real ones lie within these."""
FREEZE = 1.5
"""A good dance stands still for no longer than so many times the real ones' longest stillness."""
DISTINCT = 0.8
"""A good dance says at least this share of the different words that real ones say in the same time."""
COPIED = 0.2
"""At most this share of the seconds of a good dance is copied."""


@dataclass(frozen=True)
class Marks:
    """What a take measures beside the real dance.

    Parameters
    ----------
    jitter : its acceleration over the real one.
    freeze_s, real_freeze_s : seconds of the longest stillness of both.
    distinct : its different words over the real ones, in as many seconds of both.
    copied_share : share of its seconds that are copied.
    """

    jitter: float
    freeze_s: float
    real_freeze_s: float
    distinct: float
    copied_share: float

    @property
    def penalty(self) -> float:
        """How far it is outside of what is good, 0 where it is not: the sum over the four.

        A unit each are a ratio off by 1, a second of stillness too long, and a share of 1.
        """
        low, high = JITTER
        return (
            max(0.0, low - self.jitter, self.jitter - high)
            + max(0.0, self.freeze_s - FREEZE * self.real_freeze_s)
            + max(0.0, DISTINCT - self.distinct)
            + max(0.0, self.copied_share - COPIED)
        )


def mark(
    dance: Clip, ids: Ids, real: Sequence[Clip], real_ids: Sequence[Ids], words_per_second: float, copied_share: float
) -> Marks:
    """Measure a take.

    Parameters
    ----------
    dance, ids : the take and its words, (n,) without GAPs.
    real, real_ids : the dancer's own dances and their words, with GAPs where there are none.
    words_per_second : of both.
    copied_share : see `bopbot.choreography.copy_detection.Novelty`.

    Raises
    ------
    ModelError : there are no words, or none of the real ones without a gap.
    PoseError : the clips differ in kind, or too little moves in them to measure.
    """
    streams = [stream for own in real_ids for stream in without_gaps(own)]
    seconds = min(WINDOW_S, *(max(map(len, words), default=0) / words_per_second for words in ([ids], streams)))
    spoken = max(streams, key=len, default=ids[:0])
    return Marks(
        jitter_ratio([dance], real),
        longest_freeze_s([dance], real),
        longest_freeze_s(real, real),
        distinct_words(ids, words_per_second, seconds) / distinct_words(spoken, words_per_second, seconds),
        copied_share,
    )


def rank(takes: Sequence[Sequence[Marks]]) -> list[int]:
    """Numbers of the takes, each of one dance or several, the least penalty first; of equal ones the earlier."""
    return sorted(range(len(takes)), key=lambda number: sum(marks.penalty for marks in takes[number]))
