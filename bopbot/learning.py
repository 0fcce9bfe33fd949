"""Learning to dance: a language model from the streams of words that clips are."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bopbot.codecs import PoseCodec, build_codec
from bopbot.dance_model import DanceModel
from bopbot.progress import Progress, of_stage, silent
from bopbot.walks import walk
from models.gpt2 import GPT2, GPT2Size
from models.presets import ONE_DANCE
from models.training import TrainingOptions, train
from pose_vocab.codec import without_gaps
from pose_vocab.errors import NobodyDancingError
from pose_vocab.normalization import Clip
from pose_vocab.vocabulary import Ids

MIN_STREAM_WORDS = 20
"""A shorter stream (a second of dance) teaches nothing."""
WALK_LENGTHS = 4
"""A model learns a walk through its dances that is so many times as long as they are."""


def streams_of(words: PoseCodec, clips: Sequence[Clip]) -> list[Ids]:
    """The unbroken streams of words in clips, those too short to teach left out.

    Raises
    ------
    NobodyDancingError : there is none.
    """
    codec = words.codec()
    streams = [stream for clip in clips for stream in without_gaps(codec.encode(clip), MIN_STREAM_WORDS)]
    if not streams:
        raise NobodyDancingError(f"none of the {len(clips)} clips holds a second of unbroken dance to learn from")
    return streams


def learn(
    words: PoseCodec,
    clips: Sequence[Clip],
    size: GPT2Size,
    training: TrainingOptions,
    progress: Progress = silent,
) -> DanceModel:
    """Teach a GPT-2 of that size the dances, as streams of these words.

    Raises
    ------
    NobodyDancingError : no clip holds a second of unbroken dance.
    """
    streams = with_walks(words, streams_of(words, clips), training.seed)
    model = GPT2(size, words.vocabulary.n_words, words.vocabulary.fingerprint, training.seed)
    train(model, streams, training, progress=of_stage(progress, "learning the moves"))
    return DanceModel(words, model)


def with_walks(words: PoseCodec, streams: Sequence[Ids], seed: int) -> list[Ids]:
    """The streams, and a walk through them `WALK_LENGTHS` times as long as all of them together."""
    codec = words.codec()
    dances = [codec.decoder.smooth(words.vocabulary.look_up(stream), codec.fps) for stream in streams]
    ids = np.concatenate(streams)
    steps = walk(dances, codec.fps, WALK_LENGTHS * len(ids), seed)
    return [*streams, *([] if steps is None else [ids[steps]])]


def learn_from_upload(clips: Sequence[Clip], preset: str, seed: int, progress: Progress = silent) -> DanceModel:
    """Words and a small GPT-2 from nothing but one dancer's clips.

    Raises
    ------
    NobodyDancingError : no clip holds a second of unbroken dance.
    """
    words = build_codec(clips, preset, n_words=None, seed=seed)
    return learn(words, clips, ONE_DANCE.size, replace(ONE_DANCE.training, seed=seed), progress)
