"""Generate dances for an evaluation: with language models, baselines, and the settings of the original BopBot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from bopbot.choreography.generation import OPENING_S, Sampling, decode_after
from bopbot.dance_model import DanceModel
from bopbot.language_models import find_kind, row_layout_of
from bopbot.training.augmentation import at_tempos, mirrored_too
from bopbot.training.corpus import stretches_of
from models.baselines import BASELINES
from models.language_model import LanguageModel
from models.sampling import GenerationOptions, fill_gaps, generate
from pose_vocab.codec.codec import Codec
from pose_vocab.codec.decoder import MeanDecoder
from pose_vocab.errors import NobodyDancingError
from pose_vocab.ids import GAP, Ids, unbroken
from pose_vocab.normalization import Clip

ORIGINAL_TOP_K, ORIGINAL_TOP_P = 8, 0.9
"""Sampling of the original BopBot."""


@dataclass(frozen=True, eq=False)
class Opening:
    """What a generated dance continues.

    Parameters
    ----------
    ids : (rows, places), the last words before the dance.
    before : the clip up to the last of them.
    """

    ids: Ids
    before: Clip


@dataclass(frozen=True, eq=False)
class Generator:
    """A language model and a codec that continue openings.

    Parameters
    ----------
    name : in tables and plots.
    language_model : generates the words.
    codec : decodes them to motion.
    options : how words are sampled; `generate` sets the number of rows.
    """

    name: str
    language_model: LanguageModel
    codec: Codec[Clip]
    options: GenerationOptions

    def generate(self, opening: Opening, frames: int, seed: int) -> tuple[Ids, Clip]:
        """Continue an opening; return the rows of words (segments, places) and that many frames of motion."""
        codec = self.codec
        n_rows = -(-frames // codec.segments.frames) + 1  # one more, so that the last segment lies between two
        generator, options = torch.Generator().manual_seed(seed), replace(self.options, n_rows=n_rows)
        before = fill_gaps(self.language_model, opening.ids, options, generator)
        ids = generate(self.language_model, before, options, generator)
        return ids[:-1], decode_after(codec, before, ids, opening.before)[:frames]


def opening_of(clip: Clip, codec: Codec[Clip], seconds: float) -> Opening:
    """Return the first seconds of a clip, up to the last segment in them that can be encoded.

    Raises
    ------
    NobodyDancingError : none of them can be encoded.
    """
    frames = codec.segments.frames
    rows = codec.encode(clip[: round(seconds * codec.rows_per_second) * frames])
    readable = np.flatnonzero((rows != GAP).any(axis=1))
    if not len(readable):
        raise NobodyDancingError(
            f"no word can be encoded from its first {seconds:g} s; film the dancer from head to foot"
        )
    end = readable[-1] + 1
    *_, ids = unbroken(rows[:end])
    return Opening(ids[-round(OPENING_S * codec.rows_per_second) :], clip[: end * frames])


def model_generators(model: DanceModel, names: Sequence[str], seed: int) -> list[Generator]:
    """Return language models with default sampling, by name; raise ModelError if the model lacks one."""
    options = Sampling(seed=seed).options(model)
    return [Generator(find_kind(name).title, model.language_model(name), model.codec, options) for name in names]


def baseline_generators(model: DanceModel, training: Sequence[Clip], seed: int) -> list[Generator]:
    """Return the baselines, fitted to training clips as a training augments them; raise what `stretches_of` raises."""
    codec, options = model.codec, Sampling(seed=seed).options(model)
    dances, row_layout = stretches_of(codec, at_tempos(mirrored_too(training))), row_layout_of(codec.lexicon)
    return [Generator(name, baseline.fit(dances, row_layout), codec, options) for name, baseline in BASELINES.items()]


def with_original_settings(generator: Generator) -> Generator:
    """Return the same language model with the sampling and the mean decoder of the original BopBot."""
    return Generator(
        f"{generator.name}, original settings",
        generator.language_model,
        replace(generator.codec, decoder=MeanDecoder()),
        replace(generator.options, top_k=ORIGINAL_TOP_K, top_p=ORIGINAL_TOP_P, max_hold=None),
    )
