"""Codecs on disk and in the making: built from motions, saved to a folder, read back the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bopbot.codec_presets import CODEC_PRESETS, find_codec_preset
from pose_vocab.codec.codec import Codec
from pose_vocab.codec.decoder import FILE as DECODER
from pose_vocab.codec.decoder import Decoder, LinearDecoder
from pose_vocab.codec.lexicon import Lexicon
from pose_vocab.codec.segments import Segments
from pose_vocab.errors import NobodyDancingError, VocabularyError
from pose_vocab.files import write_beside
from pose_vocab.ids import GAP
from pose_vocab.motion import M
from pose_vocab.runs import runs

FORMAT = "bopbot-codec 4"
"""The version line of a codec's folder."""
FORMAT_OF_JOINTS = "bopbot-codec 3"
"""The version before, which is still read: the same words, whose channels are called joints."""
DESCRIPTION = "codec.json"
"""The file that describes what the words are made of."""
SEGMENTS_PER_WORD = 3
"""Segments that a word stands for on average, where the number of words is not given."""


def build_codec(
    clips: Sequence[M], preset: str, n_words: int | None, seed: int, max_words: int | None = None
) -> Codec[M]:
    """Cluster the segments of motions into words, and fit how they become motion.

    The parts of a segment share `n_words` evenly. None chooses in each part one word for every `SEGMENTS_PER_WORD`
    segments, and in all `max_words` at most; None there for as many as suit the preset.

    Raises
    ------
    NobodyDancingError : there is no motion.
    VocabularyError : fewer than two words can be made.
    """
    if not clips:
        raise NobodyDancingError("there is no dance to make words from")
    settings = find_codec_preset(preset)
    channels = settings.channels(clips)
    segments: Segments[M] = Segments(settings.features(channels), settings.frames)
    rows = [segments.transform(clip) for clip in clips]
    n_parts = len(segments.columns)
    n_chosen = min(n_parts * (sum(map(len, rows)) // SEGMENTS_PER_WORD), max_words or settings.max_words)
    n_words_per_part = max(2, (n_words or n_chosen) // n_parts)
    lexicon = Lexicon.fit(np.concatenate(rows), segments.columns, n_words_per_part, seed)
    decoder = settings.decoder or _fit_decoder(lexicon, segments, rows)
    return Codec(preset, channels, segments, lexicon, decoder, settings.finish, settings.fps)


def _fit_decoder(lexicon: Lexicon, segments: Segments[Any], rows: Sequence[NDArray[np.float32]]) -> LinearDecoder:
    looked_up, real = [], []
    for own in rows:
        ids = lexicon.quantize(own)
        for stretch in runs((ids != GAP).any(axis=1)):
            looked_up.append(segments.frames_of(lexicon.with_average(lexicon.look_up(ids[stretch]))))
            real.append(segments.frames_of(own[stretch]))
    return LinearDecoder.fit(looked_up, real, segments.frames)


def save_codec(codec: Codec[Any], folder: Path) -> None:
    """Write the codec as a folder: the words of each part, the decoder that was fitted, and a description.

    Raises
    ------
    OutputError : the folder cannot be written.
    """
    with write_beside(folder, codec_files()) as beside:
        codec.lexicon.save(beside)
        if isinstance(codec.decoder, LinearDecoder):
            codec.decoder.save(beside / DECODER)
        described = {"format": FORMAT, "preset": codec.preset, "channels": codec.channels}
        (beside / DESCRIPTION).write_text(json.dumps(described, indent=1) + "\n")


def load_codec(folder: Path) -> Codec[Any]:
    """Read a folder that `save_codec` wrote, of this version or the one before.

    Raises
    ------
    VocabularyError : no such folder, another version, or damaged.
    """
    try:
        described = json.loads((folder / DESCRIPTION).read_text())
        if described["format"] not in (FORMAT, FORMAT_OF_JOINTS):
            raise VocabularyError(
                f"{folder} has the format {described['format']!r}, expected {FORMAT!r}; "
                "build it again with: bopbot vocab build"
            )
        names = ("preset", "channels") if described["format"] == FORMAT else ("kind", "joint_names")
        preset, channels = str(described[names[0]]), tuple(described[names[1]])
        settings = find_codec_preset(preset)
        segments: Segments[Any] = Segments(settings.features(channels), settings.frames)
        lexicon = Lexicon.load(folder, segments.columns)
        decoder: Decoder = settings.decoder or LinearDecoder.load(folder / DECODER)
        return Codec(preset, channels, segments, lexicon, decoder, settings.finish, settings.fps)
    except FileNotFoundError as error:
        raise VocabularyError(
            f"{folder} is no vocabulary (no {error.filename}); make one with: bopbot vocab build"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VocabularyError(f"{folder} is a damaged vocabulary: {error}") from error


def codec_files() -> set[str]:
    """Return the names of the files that a codec's folder may hold."""
    return {DESCRIPTION, DECODER, *(part for preset in CODEC_PRESETS.values() for part in preset.parts)}
