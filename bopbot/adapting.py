"""Learning from one upload: a model that learned from others comes to dance like the dancer before it.

Its words move to the dancer's body (`pose_vocab.retargeting`), the dancer's own poses join them as new
words, and its language models are tuned on the dancer's moves for a fixed number of steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from bopbot.codecs import FRAMES_PER_WORD, PoseCodec
from bopbot.corpus import streams_of
from bopbot.dance_model import DanceModel
from bopbot.language_models import Near, find_kind
from bopbot.progress import Progress, of_stage, silent
from bopbot.walks import walk
from models.presets import ADAPTING
from models.training import train
from pose_vocab.errors import ModelError
from pose_vocab.normalization import Clip
from pose_vocab.retargeting import complete, retarget
from pose_vocab.vocabulary import Ids, Vocabulary

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
    larger = grown_untuned(model, clips, language_models, seed)
    progress(NEW_WORDS, 1, 1)
    streams = with_walks(larger.words, streams_of(larger.words, clips), seed)
    for name, language_model in larger.language_models.items():
        stage = f"learning the moves, {find_kind(name).title}"
        train(language_model, streams, replace(ADAPTING, seed=seed), progress=of_stage(progress, stage))
    return larger


def grown_untuned(model: DanceModel, clips: Sequence[Clip], language_models: Sequence[str], seed: int) -> DanceModel:
    """The model with the dancer's words, before it has learned the moves; parameters and errors as of `adapt`."""
    check_can_learn(model, language_models)
    words = adapted_words(model.words, clips, seed)
    n_known = model.words.vocabulary.n_words
    near = _near(words.vocabulary, n_known)
    larger = {}
    for name in language_models:
        kind = find_kind(name)
        assert kind.grown is not None  # checked above
        larger[name] = kind.grown(model.language_model(name), near, words.vocabulary.fingerprint)
    return DanceModel(words, larger, adapted_from=n_known)


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
    """The words moved to the dancer's body, and behind them the dancer's own: one for `FRAMES_PER_WORD` frames."""
    features = words.codec().features
    rows = np.concatenate([features.transform(clip) for clip in clips])
    moved = retarget(words.vocabulary, rows)
    whole = complete(moved, rows)
    own = Vocabulary.fit(whole, max(1, len(whole) // FRAMES_PER_WORD), seed)
    return replace(words, vocabulary=moved.joined(own))


def with_walks(words: PoseCodec, streams: Sequence[Ids], seed: int) -> list[Ids]:
    """The streams, and a walk through them `WALK_LENGTHS` times as long as all of them together."""
    codec = words.codec()
    dances = [codec.decoder.smooth(words.vocabulary.look_up(stream), codec.fps) for stream in streams]
    ids = np.concatenate(streams)
    steps = walk(dances, codec.fps, WALK_LENGTHS * len(ids), seed)
    return [*streams, *([] if steps is None else [ids[steps]])]


def _near(vocabulary: Vocabulary, n_known: int) -> Near:
    """For each word behind the known ones the nearest of those, the nearer the larger its share."""
    known, new = vocabulary.centroids[:n_known], vocabulary.centroids[n_known:]
    distances, ids = cKDTree(known).query(new, k=np.arange(1, min(NEIGHBOURS, n_known) + 1))
    shares = 1 / (distances + NEARNESS)
    return ids.astype(np.int64), shares / shares.sum(axis=1, keepdims=True)
