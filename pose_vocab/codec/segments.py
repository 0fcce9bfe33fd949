"""Segments: the few consecutive frames that one row of words stands for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Generic

import numpy as np
from numpy.typing import NDArray

from pose_vocab.codec.features import FeatureSpace
from pose_vocab.codec.vocabulary import MIN_SEEN
from pose_vocab.motion import M


@dataclass(frozen=True)
class Segments(Generic[M]):
    """Frames of a motion, a few at a time, as rows of numbers.

    Parameters
    ----------
    features : the numbers that one frame is made of.
    frames : count of the frames of a segment.
    """

    features: FeatureSpace[M]
    frames: int = 1

    @property
    def size(self) -> int:
        """Count of the numbers of a segment."""
        return self.frames * self.features.size

    @cached_property
    def columns(self) -> dict[str, NDArray[np.int64]]:
        """Return, by the name of each place of a row of words, the numbers of a segment that its words stand for."""
        starts = self.features.size * np.arange(self.frames)[:, None]
        return {name: (starts + columns).reshape(-1) for name, columns in self.features.columns.items()}

    def transform(self, clip: M) -> NDArray[np.float32]:
        """Return (segments, size) of a motion, NaN where something is unseen.

        A frame of which less than `MIN_SEEN` is seen is unseen as a whole; frames at the end that fill no segment are
        left out.

        Raises
        ------
        PoseError : the features cannot be computed for this motion.
        """
        rows = self.features.transform(clip)
        rows[(~np.isnan(rows)).mean(axis=1) < MIN_SEEN] = np.nan
        return rows[: len(rows) // self.frames * self.frames].reshape(-1, self.size)

    def frames_of(self, segments: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the rows of features (frames, features) of segments (segments, size)."""
        return segments.reshape(-1, self.features.size)
