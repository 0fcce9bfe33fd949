"""Learning from one upload: a model that learned from others comes to dance like the dancer before it.

Its words move to the dancer's body (`pose_vocab.codec.retargeting`), the dancer's own poses join them as new
words, and its language models are tuned on the dancer's moves for a fixed number of steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from bopbot.codecs import MOMENTS_PER_WORD, PoseCodec
from bopbot.dance_model import DanceModel
from bopbot.exemplars import Take
from bopbot.language_models import find_kind
from bopbot.progress import Progress, of_stage, silent
from bopbot.training.corpus import streams_of
from bopbot.training.motion_graph import walk
from models.presets import adapting_to
from models.training import train
from pose_vocab.codec.lexicon import Lexicon
from pose_vocab.codec.retargeting import complete, retarget
from pose_vocab.codec.vocabulary import Ids
from pose_vocab.errors import ModelError
from pose_vocab.normalization import Clip

NEIGHBOURS = 4
"""A new word begins as a mixture of so many known ones."""
NEARNESS = 1e-3
"""Added to a distance, in torso lengths, before it divides: a word may lie on another one."""
NEW_WORDS = "learning the poses"
"""The stage in which the dancer's words are made."""
WALK_LENGTHS = 4
"""A model learns a walk through the dances that is so many times as long as they are."""


def adapt(
    model: DanceModel, clips: Sequence[Clip], language_models: Sequence[str], seed: int, progress: Progress = silent
) -> DanceModel:
    """A model of its own for the dancer in `clips`; the given one stays as it is.

    Parameters
    ----------
    model : what was learned from others.
    clips : of one dancer, of the kind that the model's words are of.
    language_models : names of those to tune; the adapted model has no others.
    seed : of the dancer's words and of the tuning.

    Raises
    ------
    NobodyDancingError : no clip holds a second of unbroken dance.
    ModelError : the model is adapted already, or lacks such a language model, or it is of a kind that
        cannot learn new words.
    """
    progress(NEW_WORDS, 0, 1)
    larger = expand_to_dancer(model, clips, language_models, seed)
    progress(NEW_WORDS, 1, 1)
    tune(larger, clips, seed, progress)
    return larger


def tune(model: DanceModel, clips: Sequence[Clip], seed: int, progress: Progress = silent) -> None:
    """Teach a model that knows the dancer's words the dancer's moves, in place; raises as `adapt` does."""
    danced = streams_of(model.words, clips)
    n_rows = sum(map(len, danced)) // model.words.codec().row
    streams = with_motion_graph_walk(model.words, danced, seed)
    for name, language_model in model.language_models.items():
        stage = f"learning the moves, {find_kind(name).title}"
        train(language_model, streams, adapting_to(n_rows, seed), progress=of_stage(progress, stage))


def expand_to_dancer(model: DanceModel, clips: Sequence[Clip], language_models: Sequence[str], seed: int) -> DanceModel:
    """The model with the dancer's words, before it has learned the moves; parameters and errors as of `adapt`."""
    check_can_learn(model, language_models)
    words = adapted_words(model.words, clips, seed)
    known = model.words.lexicon.sizes
    near, shares = _near(words.lexicon, known)
    larger = {}
    for name in language_models:
        kind = find_kind(name)
        assert kind.grown is not None  # checked above
        larger[name] = kind.grown(model.language_model(name), near, shares, words.lexicon.fingerprint)
    return DanceModel(words, larger, known, _renumbered(model.memory, model.words.lexicon, words.lexicon))


def check_can_learn(model: DanceModel, language_models: Sequence[str]) -> None:
    """Raises ModelError where a model cannot be adapted with these language models."""
    if model.adapted_from is not None:
        raise ModelError("the model is adapted to a dancer already; adapt the one that it was made from")
    for name in language_models:
        model.language_model(name)
        if find_kind(name).grown is None:
            raise ModelError(
                f"a {find_kind(name).title} cannot learn a dancer's own words; use --no-adapt, or another --lm"
            )


def adapted_words(words: PoseCodec, clips: Sequence[Clip], seed: int) -> PoseCodec:
    """The words moved to the dancer's body, and in each part its own behind them, a third as many as moments."""
    moments = words.codec().moments
    danced = np.concatenate([moments.transform(clip) for clip in clips])
    moved = retarget(words.lexicon, danced)
    whole = complete(moved, danced)
    own = Lexicon.fit(whole, moments.columns, max(1, len(whole) // MOMENTS_PER_WORD), seed)
    return replace(words, lexicon=moved.joined(own))


def with_motion_graph_walk(words: PoseCodec, streams: Sequence[Ids], seed: int) -> list[Ids]:
    """The streams, and a walk through them `WALK_LENGTHS` times as long as all of them together."""
    codec = words.codec()
    rows = [stream.reshape(-1, codec.row) for stream in streams]
    frames = [codec.moments.frames_of(codec.lexicon.look_up(ids)) for ids in rows]
    dances = [codec.decoder.smooth(dance, codec.fps).reshape(-1, codec.moments.size) for dance in frames]
    danced = np.concatenate(rows)
    steps = walk(dances, codec.rows_per_second, WALK_LENGTHS * len(danced), seed)
    return [*streams, *([] if steps is None else [danced[steps].ravel()])]


def _renumbered(memory: Sequence[Take], before: Lexicon, after: Lexicon) -> tuple[Take, ...]:
    """The same dances in the ids that their words have after each part has got more."""
    shift = np.array(after.starts) - np.array(before.starts)
    return tuple(replace(take, ids=(take.ids.reshape(-1, len(shift)) + shift).ravel()) for take in memory)


def _near(lexicon: Lexicon, known: Sequence[int]) -> tuple[list[NDArray[np.int64]], list[NDArray[np.float64]]]:
    """In each part, for each word behind the known ones the nearest of those, the nearer the larger its share."""
    near, shares = [], []
    start = 0  # of the ids of a part before it grew
    for part, n_known in zip(lexicon.parts.values(), known, strict=True):
        mean = part.vocabulary.centroids
        neighbours = np.arange(1, min(NEIGHBOURS, n_known) + 1)
        distances, ids = cKDTree(mean[:n_known]).query(mean[n_known:], k=neighbours)
        weights = 1 / (distances + NEARNESS)
        near.append(start + ids.astype(np.int64))
        shares.append(weights / weights.sum(axis=1, keepdims=True))
        start += n_known
    return near, shares
