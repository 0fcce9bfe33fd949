"""Who dances for an evaluation: language models, what they must beat, and the seed's way of dancing."""

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

SEED_TOP_K, SEED_TOP_P = 8, 0.9
"""How the first BopBot chose its words."""


@dataclass(frozen=True, eq=False)
class Opening:
    """What a dance continues: the words, and the clip up to the last of them."""

    ids: Ids
    before: Clip


@dataclass(frozen=True, eq=False)
class Dancer:
    """One who continues dances.

    Parameters
    ----------
    name : what people call it.
    language_model : says the words.
    codec : makes motion of them.
    options : how words are chosen; the number of rows is left open.
    """

    name: str
    language_model: LanguageModel
    codec: Codec[Clip]
    options: GenerationOptions

    def dance(self, opening: Opening, frames: int, seed: int) -> tuple[Ids, Clip]:
        """The rows of words (moments, row) after an opening, and the motion of so many frames that they stand for."""
        codec = self.codec
        n_rows = -(-frames // codec.segments.frames) + 1  # one more, so that the last segment lies between two
        generator, options = torch.Generator().manual_seed(seed), replace(self.options, n_rows=n_rows)
        before = fill_gaps(self.language_model, opening.ids, options, generator)
        ids = generate(self.language_model, before, options, generator)
        return ids[:-1], decode_after(codec, before, ids, opening.before)[:frames]


def opening_of(clip: Clip, codec: Codec[Clip], seconds: float) -> Opening:
    """The first seconds of a clip, up to where its words can last be read in them.

    Raises
    ------
    NobodyDancingError : no word can be read in them.
    """
    frames = codec.segments.frames
    rows = codec.encode(clip[: round(seconds * codec.rows_per_second) * frames])
    readable = np.flatnonzero((rows != GAP).any(axis=1))
    if not len(readable):
        raise NobodyDancingError(f"no word can be read in its first {seconds:g} s; film from head to foot")
    end = readable[-1] + 1
    *_, ids = unbroken(rows[:end])
    return Opening(ids[-round(OPENING_S * codec.rows_per_second) :], clip[: end * frames])


def dancers(model: DanceModel, names: Sequence[str], seed: int) -> list[Dancer]:
    """The language models of those names, as they dance by default; raises ModelError where one is missing."""
    options = Sampling(seed=seed).options(model)
    return [Dancer(find_kind(name).title, model.language_model(name), model.codec, options) for name in names]


def counted(model: DanceModel, known: Sequence[Clip], seed: int) -> list[Dancer]:
    """The baselines, counted on all that a training makes of clips; raises what `stretches_of` raises."""
    codec, options = model.codec, Sampling(seed=seed).options(model)
    dances, row_layout = stretches_of(codec, at_tempos(mirrored_too(known))), row_layout_of(codec.lexicon)
    return [Dancer(name, baseline.fit(dances, row_layout), codec, options) for name, baseline in BASELINES.items()]


def as_the_seed(dancer: Dancer) -> Dancer:
    """The same language model, sampled and decoded as in the first BopBot: tame words, mean moments as they are."""
    return Dancer(
        f"{dancer.name}, seed's way",
        dancer.language_model,
        replace(dancer.codec, decoder=MeanDecoder()),
        replace(dancer.options, top_k=SEED_TOP_K, top_p=SEED_TOP_P, max_hold=None),
    )
