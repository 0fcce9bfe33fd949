"""Who dances for an evaluation: language models, what they must beat, and the seed's way of dancing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from bopbot.choreography.generation import OPENING_S, Sampling, danced_after
from bopbot.dance_model import DanceModel
from bopbot.language_models import find_kind, row_layout_of
from bopbot.training.augmentation import at_tempos, mirrored_too
from bopbot.training.corpus import streams_of
from models.baselines import BASELINES
from models.language_model import LanguageModel
from models.sampling import GenerationOptions, generate
from pose_vocab.codec.codec import Codec, without_gaps
from pose_vocab.codec.decoder import MeanDecoder
from pose_vocab.codec.vocabulary import GAP, Ids
from pose_vocab.errors import NobodyDancingError
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
    codec: Codec
    options: GenerationOptions

    def dance(self, opening: Opening, frames: int, seed: int) -> tuple[Ids, Clip]:
        """The rows of words (moments, row) after an opening, and the motion of so many frames that they stand for."""
        codec = self.codec
        n_rows = -(-frames // codec.moments.frames) + 1  # one more, so that the last moment lies between two
        generator = torch.Generator().manual_seed(seed)
        ids = generate(self.language_model, opening.ids, replace(self.options, n_rows=n_rows), generator)
        dance = danced_after(codec, opening.ids, ids, opening.before)[:frames]
        return ids.reshape(-1, codec.row)[:-1], dance


def opening_of(clip: Clip, codec: Codec, seconds: float) -> Opening:
    """The first seconds of a clip, up to where its words can last be read in them.

    Raises
    ------
    NobodyDancingError : no word can be read in them.
    """
    frames = codec.moments.frames
    rows = codec.encode(clip[: round(seconds * codec.rows_per_second) * frames]).reshape(-1, codec.row)
    readable = np.flatnonzero((rows != GAP).all(axis=1))
    if not len(readable):
        raise NobodyDancingError(f"no word can be read in its first {seconds:g} s; film from head to foot")
    end = readable[-1] + 1
    *_, ids = without_gaps(rows[:end].ravel())
    return Opening(ids[-round(OPENING_S * codec.rows_per_second) * codec.row :], clip[: end * frames])


def dancers(model: DanceModel, names: Sequence[str], seed: int) -> list[Dancer]:
    """The language models of those names, as they dance by default; raises ModelError where one is missing."""
    options = Sampling(seed=seed).options(model)
    return [Dancer(find_kind(name).title, model.language_model(name), model.words.codec(), options) for name in names]


def counted(model: DanceModel, known: Sequence[Clip], seed: int) -> list[Dancer]:
    """The baselines, counted on all that a training makes of clips; raises what `streams_of` raises."""
    codec, options = model.words.codec(), Sampling(seed=seed).options(model)
    streams, row_layout = streams_of(model.words, at_tempos(mirrored_too(known))), row_layout_of(codec.lexicon)
    return [Dancer(name, baseline.fit(streams, row_layout), codec, options) for name, baseline in BASELINES.items()]


def as_the_seed(dancer: Dancer) -> Dancer:
    """The same language model, sampled and decoded as in the first BopBot: tame words, mean moments as they are."""
    return Dancer(
        f"{dancer.name}, seed's way",
        dancer.language_model,
        replace(dancer.codec, decoder=MeanDecoder()),
        replace(dancer.options, top_k=SEED_TOP_K, top_p=SEED_TOP_P, max_hold=None),
    )
