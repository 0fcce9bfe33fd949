"""A dance as a text: a motion to rows of words, and rows of words to a motion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic

import numpy as np
from numpy.typing import NDArray

from pose_vocab.codec.decoder import Decoder
from pose_vocab.codec.lexicon import Lexicon
from pose_vocab.codec.segments import Segments
from pose_vocab.errors import PoseError, VocabularyError
from pose_vocab.ids import GAP, Ids
from pose_vocab.motion import M


@dataclass(frozen=True, eq=False)
class Codec(Generic[M]):
    """Words of one frame rate and one kind of motion.

    A dance is a table of ids int64 (rows, places): each row holds one word for each part of a segment, or a GAP where
    that part is unseen.

    Parameters
    ----------
    preset : name of the settings that this codec was built with.
    channels : names of what the features were made of, e.g. joints; with `preset` they give `segments` again.
    segments : the frames that a row of words stands for, and the numbers that they are made of.
    lexicon : the words, over segments of those numbers.
    decoder : turns looked-up segments into continuous motion.
    finish : corrects a decoded motion, e.g. reduces foot sliding.
    fps : frames per second.

    Raises
    ------
    VocabularyError : lexicon and segments differ in size.
    """

    preset: str
    channels: tuple[str, ...]
    segments: Segments[M]
    lexicon: Lexicon
    decoder: Decoder
    finish: Callable[[M], M]
    fps: float

    def __post_init__(self) -> None:
        if self.lexicon.size != self.segments.size:
            raise VocabularyError(f"words of {self.lexicon.size} numbers do not fit segments of {self.segments.size}")

    @property
    def rows_per_second(self) -> float:
        """Rows of words in a second."""
        return self.fps / self.segments.frames

    @property
    def places(self) -> tuple[str, ...]:
        """Names of the places of a row."""
        return tuple(self.lexicon.parts)

    def encode(self, clip: M) -> Ids:
        """Return the ids (rows, places) of a motion.

        A place holds a GAP where too little of its part is seen, and the whole row where too little of the segment
        is. Frames at the end that fill no segment are left out.

        Raises
        ------
        PoseError : the motion has another frame rate.
        """
        if abs(clip.fps - self.fps) > 1e-6:
            raise PoseError(f"words of {self.fps:g} fps cannot encode a clip of {clip.fps:g} fps; resample it first")
        return self.lexicon.quantize(self.segments.transform(clip))

    def decode(self, ids: Ids) -> M:
        """Return the continuous motion that ids (rows, places) stand for, travel included, in torso lengths.

        What a GAP stands for is unseen; the motion around it is decoded as if it were average.

        Raises
        ------
        VocabularyError : an id that cannot stand at its place, or a row of GAPs only.
        """
        if (ids == GAP).all(axis=1).any():
            raise VocabularyError("a row of gaps only cannot be decoded; leave it out")
        looked_up = self.lexicon.look_up(ids)
        seen = ~np.isnan(self.segments.frames_of(looked_up))
        features = np.where(seen, self._smooth(looked_up), np.float32(np.nan))
        return self.finish(self.segments.features.inverse_transform(features, self.fps))

    def smooth(self, ids: Ids) -> NDArray[np.float32]:
        """Return the rows of features (frames, numbers) of ids after the decoder, average where a place holds a GAP."""
        return self._smooth(self.lexicon.look_up(ids))

    def _smooth(self, looked_up: NDArray[np.float32]) -> NDArray[np.float32]:
        return self.decoder.smooth(self.segments.frames_of(self.lexicon.with_average(looked_up)), self.fps)
