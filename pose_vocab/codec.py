"""A dance as a text: frames to words, words to a dance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pose_vocab.decoder import Decoder
from pose_vocab.errors import PoseError, VocabularyError
from pose_vocab.features import FeatureSpace
from pose_vocab.grounding import plant_feet
from pose_vocab.normalization import Clip
from pose_vocab.vocabulary import GAP, Ids, Vocabulary


@dataclass(frozen=True)
class Codec:
    """Words of one frame rate and feature space.

    Parameters
    ----------
    features : the numbers a frame is made of.
    vocabulary : the words; its rows are of that feature space.
    decoder : how mean poses become motion again.
    fps : words a second.

    Raises
    ------
    VocabularyError : vocabulary and feature space differ in size.
    """

    features: FeatureSpace
    vocabulary: Vocabulary
    decoder: Decoder
    fps: float

    def __post_init__(self) -> None:
        if self.vocabulary.n_features != self.features.size:
            raise VocabularyError(
                f"words of {self.vocabulary.n_features} numbers do not fit frames of {self.features.size}"
            )

    def encode(self, clip: Clip) -> Ids:
        """One id a frame, (frames,); GAP where too little of the dancer is seen.

        Raises
        ------
        PoseError : the clip has another frame rate.
        """
        if abs(clip.poses.fps - self.fps) > 1e-6:
            raise PoseError(
                f"words of {self.fps:g} fps cannot read a clip of {clip.poses.fps:g} fps; resample it first"
            )
        rows = self.features.transform(clip)
        return self.vocabulary.quantize(rows, mask=~np.isnan(rows))

    def decode(self, ids: Ids) -> Clip:
        """The continuous dance that the ids (frames,) stand for, travel included, in torso lengths."""
        rows = self.decoder.smooth(self.vocabulary.look_up(ids), self.fps)
        return plant_feet(self.features.inverse_transform(rows, self.fps))


def without_gaps(ids: Ids, min_words: int = 1) -> list[Ids]:
    """The unbroken streams of at least `min_words` words in ids with gaps, in order of time."""
    breaks = np.flatnonzero(np.diff(ids == GAP)) + 1
    return [run for run in np.split(ids, breaks) if len(run) >= min_words and run[0] != GAP]
