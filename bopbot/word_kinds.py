"""The kinds of words BopBot knows: one row each. Nothing outside this table names one."""

from collections.abc import Callable
from dataclasses import dataclass

from pose_vocab.body_features import BodyFeatures
from pose_vocab.decoder import Decoder, LowPassDecoder
from pose_vocab.errors import VocabularyError
from pose_vocab.features import FeatureSpace, PictureFeatures


@dataclass(frozen=True)
class WordKind:
    """A kind of words.

    Parameters
    ----------
    dims : whether its clips are 2D pixels or 3D metres.
    features : makes the feature space over the joints that a corpus shows.
    decoder : how its mean poses become motion.
    fps : words a second.
    """

    dims: int
    features: Callable[[tuple[str, ...]], FeatureSpace]
    decoder: Decoder
    fps: float


WORD_KINDS = {
    "picture": WordKind(dims=2, features=PictureFeatures, decoder=LowPassDecoder(), fps=20.0),
    "body": WordKind(dims=3, features=BodyFeatures, decoder=LowPassDecoder(), fps=20.0),
}
DEFAULT_KIND = "picture"


def find_word_kind(name: str) -> WordKind:
    """The kind of that name; raises VocabularyError for an unknown one."""
    try:
        return WORD_KINDS[name]
    except KeyError:
        raise VocabularyError(f"there are no words of the kind {name!r}; there are {', '.join(WORD_KINDS)}") from None
