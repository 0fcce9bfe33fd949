"""Score takes beside the real dance, and sort them by how far each is outside of what a good dance measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bopbot.metrics.jitter import jitter_ratio
from bopbot.metrics.stillness import longest_freeze_s
from bopbot.metrics.variety import WINDOW_S, distinct_words
from pose_vocab.ids import GAP, Ids, unbroken
from pose_vocab.motion import M

JITTER = (0.85, 1.15)
"""Range of the acceleration of a good dance over that of the real ones."""
FREEZE = 1.5
"""Longest stillness of a good dance over that of the real ones."""
DISTINCT = 0.8
"""Least share of distinct words of a good dance over those of real ones in the same time."""
COPIED = 0.2
"""Largest share of the seconds of a good dance that is copied."""


@dataclass(frozen=True)
class Scores:
    """What a take measures beside the real dance.

    Parameters
    ----------
    jitter : its acceleration over the real one.
    freeze_s, real_freeze_s : longest stillness of both, in seconds.
    distinct : its distinct words over the real ones, in as many seconds of both.
    copied_share : share of its seconds that are copied.
    """

    jitter: float
    freeze_s: float
    real_freeze_s: float
    distinct: float
    copied_share: float

    @property
    def penalty(self) -> float:
        """How far the take is outside of what is good: the sum over the four, 0 where it is inside.

        A unit is a ratio off by 1, a second of stillness too long, or a share of 1.
        """
        low, high = JITTER
        return (
            max(0.0, low - self.jitter, self.jitter - high)
            + max(0.0, self.freeze_s - FREEZE * self.real_freeze_s)
            + max(0.0, DISTINCT - self.distinct)
            + max(0.0, self.copied_share - COPIED)
        )


def score(
    dance: M, ids: Ids, real: Sequence[M], real_ids: Sequence[Ids], rows_per_second: float, copied_share: float
) -> Scores:
    """Measure a take.

    Parameters
    ----------
    dance, ids : the take and its words (rows, places).
    real, real_ids : the dancer's own dances and their words, with GAPs where something is unseen.
    rows_per_second : of both.
    copied_share : see `bopbot.choreography.copy_detection.Novelty`.

    Raises
    ------
    ModelError : there are no words, or no real ones.
    PoseError : the motions differ in kind, or too little moves in them to measure.
    """
    stretches = [stretch for own in real_ids for stretch in unbroken(own)]
    longest = max(stretches, key=len, default=ids[:0])
    shown = (longest != GAP).any(axis=0)  # words of a part that the dancer never shows do not compare
    seconds = min(WINDOW_S, len(ids) / rows_per_second, len(longest) / rows_per_second)
    return Scores(
        jitter_ratio([dance], real),
        longest_freeze_s([dance], real),
        longest_freeze_s(real, real),
        distinct_words(ids[:, shown], rows_per_second, seconds)
        / distinct_words(longest[:, shown], rows_per_second, seconds),
        copied_share,
    )


def rank(takes: Sequence[Sequence[Scores]]) -> list[int]:
    """Return the numbers of the takes, each of one dance or several, the least penalty first; ties keep their order."""
    return sorted(range(len(takes)), key=lambda number: sum(scores.penalty for scores in takes[number]))
