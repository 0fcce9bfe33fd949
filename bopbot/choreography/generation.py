"""New words, and the dance they stand for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from bopbot.choreography.logit_bias import AS_LEARNED, Bias, energy_bias, own_bias
from bopbot.choreography.transitions import MIN_FRAMES, carried_on
from bopbot.dance_model import DanceModel
from bopbot.language_models import find_kind
from bopbot.progress import Heard, Progress, of_stage, silent, unheard
from models.sampling import GenerationOptions, generate
from pose_vocab.codec.codec import Codec, without_gaps
from pose_vocab.codec.vocabulary import Ids
from pose_vocab.errors import ModelError, NobodyDancingError
from pose_vocab.normalization import Clip, Placement, denormalize
from pose_vocab.sequence import PoseSequence

OPENING_S = 5.0
"""How much of the end of a dance the model reads before it goes on."""
LEAD_IN_S = 1.0
"""How much of the opening is decoded along with the new words, so that the new dance starts in motion."""
MAX_HOLD_S = 0.5
"""Longest time that one word may be held."""
ALL_WORDS, ONE_DANCERS_WORDS = (0, 0.98), (8, 0.9)
"""`top_k` and `top_p` where they are not asked for: of a model that learned many dances, and of one that is adapted to
one dancer. The first freezes with the second's; the second would leave its dancer's words with the first's."""
HEARD_S = 1.0
"""Words are heard in portions of so much dance."""
TORSO_OF_NOBODY = {2: 200.0, 3: 0.5}
"""Length of a torso that no source gave: pixels in 2D, metres in 3D."""


@dataclass(frozen=True)
class Sampling:
    """How new words are chosen.

    Parameters
    ----------
    seconds : length of the new dance.
    seed : what gives the same dance again, byte for byte, on the same machine.
    temperature : see `models.sampling.GenerationOptions`.
    top_k, top_p : the same, with 0 for all words; None for what suits the model.
    energy : from 0 (calm) over 1 (as learned) to 2 (lively).
    own : from 0 (others' words) over 0.5 (as learned) to 1 (only those of the dancer whom the model is adapted to).
    """

    seconds: float = 15.0
    seed: int = 0
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    energy: float = 1.0
    own: float = AS_LEARNED

    def bias(self, model: DanceModel) -> Bias:
        """What the two dials add to the logits of a model's words.

        Raises
        ------
        ModelError : a dial is turned beyond its end, or it cannot be turned with this model.
        """
        codec = model.words.codec()
        bias = energy_bias(codec.lexicon, codec.moments, self.energy)
        if self.own == AS_LEARNED:
            return bias
        if model.adapted_from is None:
            raise ModelError(
                f"the model has no words of the dancer's own, of which there could be more or less, got {self.own:g}; "
                "adapt it to the dancer, or leave this dial alone"
            )
        return bias + own_bias(model.own_words, codec.lexicon.sizes, self.own)

    def options(self, model: DanceModel) -> GenerationOptions:
        """The same for a model's words; one more row of them, so that the last moment lies between two."""
        top_k, top_p = ALL_WORDS if model.adapted_from is None else ONE_DANCERS_WORDS
        rows_per_second = model.words.codec().rows_per_second
        return GenerationOptions(
            n_rows=math.ceil(self.seconds * rows_per_second) + 1,
            temperature=self.temperature,
            top_k=(top_k if self.top_k is None else self.top_k) or None,
            top_p=top_p if self.top_p is None else self.top_p,
            max_hold=max(1, round(MAX_HOLD_S * rows_per_second)),
        )


def last_words(model: DanceModel, clips: Sequence[Clip]) -> tuple[Ids, Clip]:
    """The words at the end of the last clip that can be read, `OPENING_S` of them at most, and that clip.

    Raises
    ------
    NobodyDancingError : in no clip is enough of the dancer seen to read a row of words.
    """
    codec = model.words.codec()
    for clip in reversed(clips):
        streams = without_gaps(codec.encode(clip))
        if streams:
            return streams[-1][-round(OPENING_S * codec.rows_per_second) * codec.row :], clip
    raise NobodyDancingError("too little of the dancer is seen to read a single word; film from head to foot")


def continue_dance(
    model: DanceModel,
    language_model: str,
    opening: Ids,
    before: Clip,
    sampling: Sampling,
    progress: Progress = silent,
    heard: Heard = unheard,
) -> tuple[Ids, Clip]:
    """The words after the opening, by the language model of that name, and the dance they stand for.

    The dance goes on where `before` ends, and with its motion; with no words in the opening it opens anew on that
    spot. Raises ModelError where the model lacks that language model.
    """
    ids = _new_words(model, language_model, opening, sampling, progress, heard)
    return ids, danced_after(model.words.codec(), opening, ids, before)


def danced_after(codec: Codec, opening: Ids, ids: Ids, before: Clip) -> Clip:
    """The dance that new words stand for: in motion from the words before them, and from the clip `before` on."""
    lead_in = opening[-round(LEAD_IN_S * codec.rows_per_second) * codec.row :]
    n_before = len(lead_in) // codec.row * codec.moments.frames
    dance = follow_on(codec.decode(np.concatenate([lead_in, ids]))[n_before:], before)
    return carried_on(before, dance) if len(opening) and len(before) >= MIN_FRAMES else dance


def dance_from_scratch(
    model: DanceModel, language_model: str, sampling: Sampling, progress: Progress = silent
) -> PoseSequence:
    """A dance that continues none: pixels from 2D words, metres from 3D words.

    Raises ModelError where the model lacks that language model.
    """
    ids = _new_words(model, language_model, np.empty(0, np.int64), sampling, progress, unheard)
    dance = model.words.codec().decode(ids)
    placement = replace(dance.placement, scale=TORSO_OF_NOBODY[dance.poses.dims])
    return denormalize(Clip(dance.poses, placement))[: round(sampling.seconds * dance.poses.fps)]


def follow_on(dance: Clip, before: Clip) -> Clip:
    """Put a dance where another one stops: its scale, its ground, its last spot on the floor."""
    hip_path = dance.placement.hip_path.copy()
    along_the_floor = [axis for axis in range(hip_path.shape[1]) if axis != 1]
    hip_path[:, along_the_floor] += before.placement.hip_path[-1, along_the_floor] - hip_path[0, along_the_floor]
    return Clip(dance.poses, Placement(before.placement.scale, before.placement.ground, hip_path))


def _new_words(
    model: DanceModel, language_model: str, opening: Ids, sampling: Sampling, progress: Progress, heard: Heard
) -> Ids:
    codec, options = model.words.codec(), sampling.options(model)
    portion = max(1, round(HEARD_S * codec.rows_per_second))
    stage = of_stage(progress, f"writing words, {find_kind(language_model).title}")
    rows: list[Ids] = []

    def written(row: Ids) -> None:
        rows.append(row)
        done, unsaid = len(rows), (len(rows) - 1) % portion + 1
        if unsaid == portion or done == options.n_rows:
            heard((done - unsaid) * codec.row, codec.lexicon.words_of(np.concatenate(rows[-unsaid:])))
        stage(done, options.n_rows)

    generator = torch.Generator().manual_seed(sampling.seed)
    return generate(model.language_model(language_model), opening, options, generator, sampling.bias(model), written)
