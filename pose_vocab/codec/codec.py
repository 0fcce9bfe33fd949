"""A dance as a text: moments to words, words to a dance."""

from __future__ import annotations

from dataclasses import dataclass

from pose_vocab.codec.decoder import Decoder
from pose_vocab.codec.lexicon import Lexicon
from pose_vocab.codec.segments import Segments
from pose_vocab.codec.vocabulary import GAP, Ids
from pose_vocab.errors import PoseError, VocabularyError
from pose_vocab.grounding import plant_feet, reduce_foot_sliding
from pose_vocab.normalization import Clip
from pose_vocab.runs import runs


@dataclass(frozen=True)
class Codec:
    """Words of one frame rate and kind of moments.

    A dance is one stream of ids: moment after moment a row of words, one of each part of the body.

    Parameters
    ----------
    moments : the frames that a row of words says, and the numbers that they are made of.
    lexicon : the words; of moments of those numbers.
    decoder : how mean moments become motion again.
    fps : frames a second.

    Raises
    ------
    VocabularyError : lexicon and moments differ in size.
    """

    moments: Segments
    lexicon: Lexicon
    decoder: Decoder
    fps: float

    def __post_init__(self) -> None:
        if self.lexicon.size != self.moments.size:
            raise VocabularyError(f"words of {self.lexicon.size} numbers do not fit moments of {self.moments.size}")

    @property
    def rows_per_second(self) -> float:
        """How many moments a second has."""
        return self.fps / self.moments.frames

    @property
    def words_per_second(self) -> float:
        """How many words a second has."""
        return self.rows_per_second * self.row

    @property
    def row(self) -> int:
        """How many words a moment has."""
        return len(self.lexicon.parts)

    def encode(self, clip: Clip) -> Ids:
        """The stream of ids (moments * row,); a row of GAPs where too little of the dancer is seen.

        Frames at the end that fill no moment are not said.

        Raises
        ------
        PoseError : the clip has another frame rate.
        """
        if abs(clip.poses.fps - self.fps) > 1e-6:
            raise PoseError(
                f"words of {self.fps:g} fps cannot read a clip of {clip.poses.fps:g} fps; resample it first"
            )
        return self.lexicon.quantize(self.moments.transform(clip)).ravel()

    def decode(self, ids: Ids) -> Clip:
        """The continuous dance that a stream of whole rows stands for, travel included, in torso lengths.

        Raises
        ------
        VocabularyError : an id that cannot stand at its place of a row, GAP included.
        """
        if len(ids) % self.row:
            raise VocabularyError(f"{len(ids)} words are no whole rows of {self.row}")
        rows = self.moments.frames_of(self.lexicon.look_up(ids.reshape(-1, self.row)))
        features = self.moments.features
        dance = features.inverse_transform(self.decoder.smooth(rows, self.fps), self.fps)
        return reduce_foot_sliding(plant_feet(dance))


def without_gaps(ids: Ids, min_words: int = 1) -> list[Ids]:
    """The unbroken streams of at least `min_words` words in ids with gaps, in order of time."""
    return [ids[run] for run in runs(ids != GAP) if run.stop - run.start >= min_words]
