"""Segments of a dance: the few frames that are said together, and the parts of the body that say them.

A limb out of sight is thought to go evenly from where it was seen last to where it is seen again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pose_vocab.codec.features import FeatureSpace
from pose_vocab.codec.vocabulary import MIN_SEEN
from pose_vocab.normalization import Clip
from pose_vocab.resampling import fill_missing

Parts = Mapping[str, tuple[str, ...]]
"""Names of parts of the body, and the joints of each."""


@dataclass(frozen=True)
class Segments:
    """Frames of a clip, a few at a time, as rows of numbers.

    Parameters
    ----------
    features : the numbers that one frame is made of.
    parts : which of the dancer's joints belong together; each joint of the features to one part.
    frames : how many frames a moment has.
    """

    features: FeatureSpace
    parts: Parts
    frames: int = 1

    @property
    def size(self) -> int:
        """How many numbers a moment has."""
        return self.frames * self.features.size

    @cached_property
    def columns(self) -> dict[str, NDArray[np.int64]]:
        """Which numbers of a moment belong to each part; a part that the features do not show is left out."""
        of_a_frame = {name: self.features.columns(joints) for name, joints in self.parts.items()}
        starts = self.features.size * np.arange(self.frames)[:, None]
        return {name: (starts + columns).ravel() for name, columns in of_a_frame.items() if len(columns)}

    def transform(self, clip: Clip) -> NDArray[np.float32]:
        """(moments, size) of a clip, NaN where something is not seen; frames that fill no moment are left out.

        Raises
        ------
        PoseError : the features cannot be had of this clip.
        """
        rows = self.features.transform(clip)
        rows = self._bridged(rows)[: len(rows) // self.frames * self.frames]
        return rows.reshape(-1, self.size)

    def frames_of(self, moments: NDArray[np.float32]) -> NDArray[np.float32]:
        """The rows of features (frames, features) of moments (moments, size)."""
        return moments.reshape(-1, self.features.size)

    def _bridged(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Frames of which enough is seen with their hidden parts filled in, and the others all missing."""
        seen = ~np.isnan(rows)
        whole = fill_missing(rows)
        bridged = rows.copy()
        for joints in self.parts.values():
            columns = self.features.columns(joints)
            shown = seen[:, columns]
            ever = columns[shown.any(axis=0)]
            hidden = np.ix_(shown.mean(axis=1) < MIN_SEEN, ever)
            bridged[hidden] = whole[hidden]
        bridged[seen.mean(axis=1) < MIN_SEEN] = np.nan
        return bridged
