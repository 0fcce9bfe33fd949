"""Adapt a model to the dancer of one upload.

Its words move to the dancer's body (`pose_vocab.codec.retargeting`), the dancer's own poses join them as new words, and
its language models are fine-tuned on the dancer's moves for a fixed number of steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from bopbot.codecs import SEGMENTS_PER_WORD
from bopbot.dance_model import DanceModel
from bopbot.exemplars import Exemplar
from bopbot.language_models import find_kind
from bopbot.progress import Progress, of_stage, silent
from bopbot.training.corpus import stretches_of
from bopbot.training.motion_graph import walk
from models.presets import adapting_to
from models.training import train
from pose_vocab.codec.codec import Codec
from pose_vocab.codec.lexicon import Lexicon
from pose_vocab.codec.retargeting import complete, retarget
from pose_vocab.codec.vocabulary import Vocabulary
from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP, Ids
from pose_vocab.motion import M, Motion

NEIGHBOURS = 4
"""Known words whose mixture a new word begins as."""
NEARNESS = 1e-3
"""Added to a distance, in torso lengths, before dividing by it: two words may coincide."""
NEW_WORDS = "learning the poses"
"""Name of the step that makes the dancer's words."""
WALK_LENGTHS = 4
"""Length of the walk that a model is tuned on, over that of the dances."""


def adapt(
    model: DanceModel, clips: Sequence[Motion], language_models: Sequence[str], seed: int, progress: Progress = silent
) -> DanceModel:
    """Return a model for the dancer in `clips`; the given one stays as it is.

    Parameters
    ----------
    model : trained on others.
    clips : of one dancer, of the kind that the model's codec encodes.
    language_models : names of those to tune; the adapted model has no others.
    seed : of the dancer's words and of the tuning.

    Raises
    ------
    NobodyDancingError : no clip holds a second of unbroken dance.
    ModelError : the model is adapted already, or lacks such a language model, or the vocabulary of that kind of
        language model cannot be expanded.
    """
    progress(NEW_WORDS, 0, 1)
    larger = expand_to_dancer(model, clips, language_models, seed)
    progress(NEW_WORDS, 1, 1)
    tune(larger, clips, seed, progress)
    return larger


def tune(model: DanceModel, clips: Sequence[Motion], seed: int, progress: Progress = silent) -> None:
    """Fine-tune a model that has the dancer's words, in place; raises what `adapt` raises."""
    dances = stretches_of(model.codec, clips)
    n_rows = sum(map(len, dances))
    walks = with_motion_graph_walk(model.codec, dances, seed)
    for name, language_model in model.language_models.items():
        stage = f"learning the moves, {find_kind(name).title}"
        train(language_model, walks, adapting_to(n_rows, seed), progress=of_stage(progress, stage))


def expand_to_dancer(
    model: DanceModel, clips: Sequence[Motion], language_models: Sequence[str], seed: int
) -> DanceModel:
    """Return the model with the dancer's words, not yet tuned; parameters and errors are those of `adapt`."""
    check_can_learn(model, language_models)
    codec = adapt_codec(model.codec, clips, seed)
    known = model.codec.lexicon.sizes
    near, shares = _near(codec.lexicon, known)
    larger = {}
    for name in language_models:
        kind = find_kind(name)
        assert kind.expand is not None  # checked above
        larger[name] = kind.expand(model.language_model(name), near, shares, codec.lexicon.fingerprint)
    return DanceModel(codec, larger, known, _renumbered(model.exemplars, model.codec.lexicon, codec.lexicon))


def check_can_learn(model: DanceModel, language_models: Sequence[str]) -> None:
    """Raise ModelError where a model cannot be adapted with these language models."""
    if model.adapted_from is not None:
        raise ModelError("the model is adapted to a dancer already; adapt the model that it was made from")
    for name in language_models:
        model.language_model(name)
        if find_kind(name).expand is None:
            raise ModelError(
                f"a {find_kind(name).title} cannot be adapted to a dancer; use --no-adapt, or another --lm"
            )


def adapt_codec(codec: Codec[M], clips: Sequence[M], seed: int) -> Codec[M]:
    """Return the codec with its words moved to the dancer and, behind those of each part, the dancer's own.

    There is one own word for every `SEGMENTS_PER_WORD` segments that show the part; none for a part that is never
    seen.
    """
    segments = np.concatenate([codec.segments.transform(clip) for clip in clips])
    moved = retarget(codec.lexicon, segments)
    whole = complete(moved, segments)
    own = {}
    for name, part in moved.parts.items():
        rows = whole[:, part.columns]
        seen = rows[~np.isnan(rows).any(axis=1)]
        if len(seen):
            own[name] = Vocabulary.fit(seen, max(1, len(seen) // SEGMENTS_PER_WORD), seed)
    return replace(codec, lexicon=moved.joined(own))


def with_motion_graph_walk(codec: Codec[M], dances: Sequence[Ids], seed: int) -> list[Ids]:
    """Return the dances, and a walk through them that is `WALK_LENGTHS` times as long as all of them together."""
    size = codec.segments.size
    smooth = [codec.smooth(ids).reshape(-1, size) for ids in dances]
    rows = np.concatenate(dances)
    steps = walk(smooth, codec.rows_per_second, WALK_LENGTHS * len(rows), seed)
    return [*dances, *([] if steps is None else [rows[steps]])]


def _renumbered(exemplars: Sequence[Exemplar], before: Lexicon, after: Lexicon) -> tuple[Exemplar, ...]:
    """Return the same dances in the ids that their words have after each part got more."""
    shift = np.array(after.starts) - np.array(before.starts)
    return tuple(replace(one, ids=np.where(one.ids == GAP, GAP, one.ids + shift)) for one in exemplars)


def _near(lexicon: Lexicon, known: Sequence[int]) -> tuple[list[NDArray[np.int64]], list[NDArray[np.float64]]]:
    """Return, for each place and new word, the nearest known words and their shares: the nearer, the larger."""
    near, shares = [], []
    start = 0  # first id of a part before it grew
    for part, n_known in zip(lexicon.parts.values(), known, strict=True):
        mean = part.vocabulary.centroids
        neighbours = np.arange(1, min(NEIGHBOURS, n_known) + 1)
        distances, ids = cKDTree(mean[:n_known]).query(mean[n_known:], k=neighbours)
        weights = 1 / (distances + NEARNESS)
        near.append(start + ids.astype(np.int64))
        shares.append(weights / weights.sum(axis=1, keepdims=True))
        start += n_known
    return near, shares
