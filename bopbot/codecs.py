"""Codecs of the kinds of words: built from clips, kept in a folder, read back the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bopbot.codec_presets import CODEC_PRESETS, CodecPreset, find_codec_preset
from pose_vocab.codec.codec import Codec
from pose_vocab.codec.decoder import FILE as DECODER
from pose_vocab.codec.decoder import Decoder, LinearDecoder
from pose_vocab.codec.lexicon import Lexicon
from pose_vocab.codec.segments import Segments
from pose_vocab.codec.vocabulary import GAP
from pose_vocab.errors import NobodyDancingError, VocabularyError
from pose_vocab.files import write_beside
from pose_vocab.normalization import Clip
from pose_vocab.runs import runs
from pose_vocab.skeletons import DANCER

FORMAT = "bopbot-codec 3"
"""The version line of a codec folder."""
DESCRIPTION = "codec.json"
"""The file that says what the words are made of."""
CODEC_FILES = (DESCRIPTION, DECODER, *sorted({part for kind in CODEC_PRESETS.values() for part in kind.parts}))
"""What a codec's folder holds, at most."""
MIN_JOINT_SHARE = 0.1
"""A joint seen in a smaller share of the frames is no part of the words."""
MOMENTS_PER_WORD = 3
"""Segments that a word stands for on average, where the number of words is not asked for."""


@dataclass(frozen=True)
class PoseCodec:
    """A codec, with what its folder must say to build it again.

    Parameters
    ----------
    kind : name of a row of `bopbot.codec_presets.CODEC_PRESETS`.
    joint_names : the dancer's joints that its words know.
    lexicon : its words.
    decoder : how they become motion.
    """

    kind: str
    joint_names: tuple[str, ...]
    lexicon: Lexicon
    decoder: Decoder

    @property
    def preset(self) -> CodecPreset:
        return find_codec_preset(self.kind)

    def codec(self) -> Codec:
        """The working codec.

        Raises
        ------
        VocabularyError : the lexicon's numbers are not of these joints.
        """
        kind = self.preset
        return Codec(kind.moments(self.joint_names), self.lexicon, self.decoder, kind.fps)


def build_codec(
    clips: Sequence[Clip], kind: str, n_words: int | None, seed: int, max_words: int | None = None
) -> PoseCodec:
    """Cluster the moments of clips into words, and learn how they become motion.

    The parts of the body share `n_words` evenly. None chooses in each part one word for every `MOMENTS_PER_WORD`
    moments, and in all `max_words` at most; None there for as many as suit the kind.

    Raises
    ------
    NobodyDancingError : there is no clip.
    VocabularyError : fewer than two words can be made.
    """
    if not clips:
        raise NobodyDancingError("there is no dance to make words from")
    joint_names, row = seen_joints(clips), find_codec_preset(kind)
    moments = row.moments(joint_names)
    danced = [moments.transform(clip) for clip in clips]
    n_moments = sum(map(len, danced))
    n_parts = len(moments.columns)
    many = n_words or min(n_parts * (n_moments // MOMENTS_PER_WORD), max_words or row.max_words)
    lexicon = Lexicon.fit(np.concatenate(danced), moments.columns, max(2, many // n_parts), seed)
    return PoseCodec(kind, joint_names, lexicon, row.decoder or _learned_decoder(lexicon, moments, danced))


def _learned_decoder(lexicon: Lexicon, moments: Segments, danced: Sequence[NDArray[np.float32]]) -> LinearDecoder:
    said, real = [], []
    for rows in danced:
        ids = lexicon.quantize(rows)
        for stretch in runs((ids != GAP).all(axis=1)):
            said.append(moments.frames_of(lexicon.look_up(ids[stretch])))
            real.append(moments.frames_of(rows[stretch]))
    return LinearDecoder.fit(said, real, moments.frames)


def seen_joints(clips: Sequence[Clip]) -> tuple[str, ...]:
    """The dancer's joints that are seen in at least `MIN_JOINT_SHARE` of the frames."""
    share = np.concatenate([clip.poses.seen for clip in clips]).mean(axis=0)
    return tuple(name for name, seen in zip(DANCER.joint_names, share, strict=True) if seen >= MIN_JOINT_SHARE)


def save_codec(codec: PoseCodec, folder: Path) -> None:
    """Write the codec as a folder: the words of each part, the decoder that was learned, and a description.

    Raises
    ------
    OutputError : the folder cannot be written.
    """
    with write_beside(folder, CODEC_FILES) as beside:
        codec.lexicon.save(beside)
        if isinstance(codec.decoder, LinearDecoder):
            codec.decoder.save(beside / DECODER)
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
        name, joint_names = str(described["kind"]), tuple(described["joint_names"])
        kind = find_codec_preset(name)
        lexicon = Lexicon.load(folder, kind.moments(joint_names).columns)
        codec = PoseCodec(name, joint_names, lexicon, kind.decoder or LinearDecoder.load(folder / DECODER))
    except FileNotFoundError as error:
        raise VocabularyError(
            f"{folder} is no vocabulary (no {error.filename}); make one with: bopbot vocab build"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VocabularyError(f"{folder} is a damaged vocabulary: {error}") from error
    codec.codec()
    return codec
