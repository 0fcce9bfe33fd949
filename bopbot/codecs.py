"""Codecs of the kinds of words: built from clips, kept in a folder, read back the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bopbot.word_kinds import WordKind, find_word_kind
from pose_vocab.codec import Codec
from pose_vocab.errors import NobodyDancingError, VocabularyError
from pose_vocab.files import write_beside
from pose_vocab.normalization import Clip
from pose_vocab.skeletons import DANCER
from pose_vocab.vocabulary import ARRAYS, TABLE, Vocabulary

FORMAT = "bopbot-codec 2"
"""The version line of a codec folder."""
DESCRIPTION = "codec.json"
"""The file that says what the words are made of."""
CODEC_FILES = (ARRAYS, TABLE, DESCRIPTION)
"""What a codec's folder holds."""
MIN_JOINT_SHARE = 0.1
"""A joint seen in a smaller share of the frames is no part of the words."""
FRAMES_PER_WORD = 3
"""Frames that a word stands for on average, where the number of words is not asked for."""
MAX_WORDS = 2000
"""Words at most, where the number is not asked for."""


@dataclass(frozen=True)
class PoseCodec:
    """A codec, with what its folder must say to build it again.

    Parameters
    ----------
    kind : name of a row of `bopbot.word_kinds.WORD_KINDS`.
    joint_names : the dancer's joints that its words know.
    vocabulary : its words.
    """

    kind: str
    joint_names: tuple[str, ...]
    vocabulary: Vocabulary

    @property
    def word_kind(self) -> WordKind:
        return find_word_kind(self.kind)

    def codec(self) -> Codec:
        """The working codec.

        Raises
        ------
        VocabularyError : the vocabulary's numbers are not of these joints.
        """
        kind = self.word_kind
        return Codec(kind.features(self.joint_names), self.vocabulary, kind.decoder, kind.fps)


def build_codec(
    clips: Sequence[Clip], kind: str, n_words: int | None, seed: int, max_words: int = MAX_WORDS
) -> PoseCodec:
    """Cluster the frames of clips into words.

    `n_words` None chooses one word for every `FRAMES_PER_WORD` frames, `max_words` at most.

    Raises
    ------
    NobodyDancingError : there is no clip.
    VocabularyError : fewer than two words can be made.
    """
    if not clips:
        raise NobodyDancingError("there is no dance to make words from")
    joint_names = seen_joints(clips)
    features = find_word_kind(kind).features(joint_names)
    rows = np.concatenate([features.transform(clip) for clip in clips])
    n_words = n_words or max(2, min(len(rows) // FRAMES_PER_WORD, max_words))
    vocabulary = Vocabulary.fit(rows, n_words, seed, mask=~np.isnan(rows))
    return PoseCodec(kind, joint_names, vocabulary)


def seen_joints(clips: Sequence[Clip]) -> tuple[str, ...]:
    """The dancer's joints that are seen in at least `MIN_JOINT_SHARE` of the frames."""
    share = np.concatenate([clip.poses.seen for clip in clips]).mean(axis=0)
    return tuple(name for name, seen in zip(DANCER.joint_names, share, strict=True) if seen >= MIN_JOINT_SHARE)


def save_codec(codec: PoseCodec, folder: Path) -> None:
    """Write the codec as a folder: its words as arrays, as a table, and a description.

    Raises
    ------
    OutputError : the folder cannot be written.
    """
    with write_beside(folder, CODEC_FILES) as beside:
        codec.vocabulary.save(beside)
        description = {"format": FORMAT, "kind": codec.kind, "joint_names": codec.joint_names}
        (beside / DESCRIPTION).write_text(json.dumps(description, indent=1) + "\n")


def load_codec(folder: Path) -> PoseCodec:
    """Read a folder that `save_codec` wrote.

    Raises
    ------
    VocabularyError : no such folder, another version, or damaged.
    """
    try:
        described = json.loads((folder / DESCRIPTION).read_text())
        if described["format"] != FORMAT:
            raise VocabularyError(
                f"{folder} holds words of another version: expected {FORMAT!r}, got {described['format']!r}"
            )
        codec = PoseCodec(str(described["kind"]), tuple(described["joint_names"]), Vocabulary.load(folder))
    except FileNotFoundError as error:
        raise VocabularyError(
            f"{folder} is no vocabulary (no {error.filename}); make one with: bopbot vocab build"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VocabularyError(f"{folder} is a damaged vocabulary: {error}") from error
    codec.codec()
    return codec
