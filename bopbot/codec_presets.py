"""The kinds of words BopBot knows: one row each. Nothing outside this table names one."""

from collections.abc import Callable
from dataclasses import dataclass

from pose_vocab.codec.decoder import Decoder, LowPassDecoder, MeanDecoder
from pose_vocab.codec.features import FeatureSpace, PictureFeatures
from pose_vocab.codec.features_3d import BodyFeatures
from pose_vocab.codec.segments import Parts, Segments
from pose_vocab.errors import VocabularyError
from pose_vocab.skeletons import DANCER

WHOLE: Parts = {"pose": DANCER.joint_names}
"""A word says the whole body."""
LIMBS: Parts = {
    "torso": ("nose", "neck", "left_shoulder", "right_shoulder", "left_hip", "right_hip"),
    "left_arm": ("left_elbow", "left_wrist"),
    "right_arm": ("right_elbow", "right_wrist"),
    "left_leg": ("left_knee", "left_ankle", "left_toe"),
    "right_leg": ("right_knee", "right_ankle", "right_toe"),
}
"""Each limb has words of its own, so that a few of them say many poses."""


@dataclass(frozen=True)
class CodecPreset:
    """A kind of words.

    Parameters
    ----------
    dims : whether its clips are 2D pixels or 3D metres.
    features : makes the feature space over the joints that a corpus shows.
    parts : which joints a word says.
    frames : how many frames a word says.
    decoder : how its mean moments become motion; None for one that is learned along with the words.
    max_words : how many words there are at most, where their number is not asked for.
    fps : frames a second.
    """

    dims: int
    features: Callable[[tuple[str, ...]], FeatureSpace]
    parts: Parts
    frames: int
    decoder: Decoder | None
    max_words: int
    fps: float

    def moments(self, joint_names: tuple[str, ...]) -> Segments:
        """The moments that its words say of these joints."""
        return Segments(self.features(joint_names), self.parts, self.frames)


CODEC_PRESETS = {
    "limbs": CodecPreset(2, PictureFeatures, LIMBS, frames=2, decoder=None, max_words=6_000, fps=20.0),
    "picture": CodecPreset(2, PictureFeatures, WHOLE, frames=1, decoder=LowPassDecoder(), max_words=2_000, fps=20.0),
    "body": CodecPreset(3, BodyFeatures, WHOLE, frames=1, decoder=LowPassDecoder(), max_words=2_000, fps=20.0),
    "seed": CodecPreset(2, PictureFeatures, WHOLE, frames=1, decoder=MeanDecoder(), max_words=2_000, fps=20.0),
}
"""`limbs`: five words a tenth of a second. `picture`: a word a frame. `body`: the same in 3D, as the dancer feels it.
`seed`: a word a frame and its mean pose as it is, as in the first BopBot."""
DEFAULT_PRESET = "limbs"


def find_codec_preset(name: str) -> CodecPreset:
    """The kind of that name; raises VocabularyError for an unknown one."""
    try:
        return CODEC_PRESETS[name]
    except KeyError:
        raise VocabularyError(
            f"there are no words of the kind {name!r}; there are {', '.join(CODEC_PRESETS)}"
        ) from None
