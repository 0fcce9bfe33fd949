"""New words, and the dance they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from bopbot.dance_model import DanceModel
from bopbot.language_models import find_kind
from bopbot.progress import Progress, of_stage, silent
from models.sampling import GenerationOptions, generate
from pose_vocab.codec import without_gaps
from pose_vocab.errors import NobodyDancingError
from pose_vocab.normalization import Clip, Placement, denormalize
from pose_vocab.sequence import PoseSequence
from pose_vocab.vocabulary import Ids

OPENING_S = 5.0
"""How much of the end of a dance the model reads before it goes on."""
LEAD_IN_S = 1.0
"""How much of the opening is decoded along with the new words, so that the new dance starts in motion."""
MAX_HOLD_S = 0.5
"""Longest time that one word may be held."""
ALL_WORDS, ONE_DANCERS_WORDS = (0, 0.98), (8, 0.9)
"""`top_k` and `top_p` where they are not asked for: of a model that learned many dances, and of one that is adapted to
one dancer. The first freezes with the second's; the second would leave its dancer's words with the first's."""
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
    """

    seconds: float = 15.0
    seed: int = 0
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None

    def options(self, model: DanceModel) -> GenerationOptions:
        """The same for a model's words; one more word, so that the last moment lies between two."""
        top_k, top_p = ALL_WORDS if model.adapted_from is None else ONE_DANCERS_WORDS
        fps = model.words.word_kind.fps
        return GenerationOptions(
            n_words=round(self.seconds * fps) + 1,
            temperature=self.temperature,
            top_k=(top_k if self.top_k is None else self.top_k) or None,
            top_p=top_p if self.top_p is None else self.top_p,
            max_hold=max(1, round(MAX_HOLD_S * fps)),
        )


def last_words(model: DanceModel, clips: Sequence[Clip]) -> tuple[Ids, Clip]:
    """The words at the end of the last clip that can be read, `OPENING_S` of them at most, and that clip.

    Raises
    ------
    NobodyDancingError : in no clip is enough of the dancer seen to read a word.
    """
    codec = model.words.codec()
    for clip in reversed(clips):
        streams = without_gaps(codec.encode(clip))
        if streams:
            return streams[-1][-round(OPENING_S * codec.fps) :], clip
    raise NobodyDancingError("too little of the dancer is seen to read a single word; film from head to foot")


def continue_dance(
    model: DanceModel,
    language_model: str,
    opening: Ids,
    before: Clip,
    sampling: Sampling,
    progress: Progress = silent,
) -> tuple[Ids, Clip]:
    """The words after the opening, by the language model of that name, and the dance they stand for.

    The dance goes on on the spot where `before` ends. Raises ModelError where the model lacks that language model.
    """
    codec = model.words.codec()
    ids = _new_words(model, language_model, opening, sampling, progress)
    lead_in = opening[-round(LEAD_IN_S * codec.fps) :]
    dance = codec.decode(np.concatenate([lead_in, ids]))[len(lead_in) :]
    return ids, follow_on(dance, before)


def dance_from_scratch(
    model: DanceModel, language_model: str, sampling: Sampling, progress: Progress = silent
) -> PoseSequence:
    """A dance that continues none: pixels from 2D words, metres from 3D words.

    Raises ModelError where the model lacks that language model.
    """
    ids = _new_words(model, language_model, np.empty(0, np.int64), sampling, progress)
    dance = model.words.codec().decode(ids)
    placement = replace(dance.placement, scale=TORSO_OF_NOBODY[dance.poses.dims])
    return denormalize(Clip(dance.poses, placement))[: round(sampling.seconds * dance.poses.fps)]


def follow_on(dance: Clip, before: Clip) -> Clip:
    """Put a dance where another one stops: its scale, its ground, its last spot on the floor."""
    hip_path = dance.placement.hip_path.copy()
    along_the_floor = [axis for axis in range(hip_path.shape[1]) if axis != 1]
    hip_path[:, along_the_floor] += before.placement.hip_path[-1, along_the_floor] - hip_path[0, along_the_floor]
    return Clip(dance.poses, Placement(before.placement.scale, before.placement.ground, hip_path))


def _new_words(model: DanceModel, language_model: str, opening: Ids, sampling: Sampling, progress: Progress) -> Ids:
    generator = torch.Generator().manual_seed(sampling.seed)
    stage = of_stage(progress, f"writing words, {find_kind(language_model).title}")
    return generate(model.language_model(language_model), opening, sampling.options(model), generator, stage)
