"""Generate new words after an opening, and decode them to a dance that continues it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from bopbot.choreography.logit_bias import AS_LEARNED, Bias, energy_bias, own_bias
from bopbot.choreography.transitions import MIN_FRAMES, bend_start
from bopbot.dance_model import DanceModel
from bopbot.language_models import find_kind
from bopbot.progress import OnWords, Progress, ignore_words, of_stage, silent
from models.language_model import LanguageModel
from models.sampling import GenerationOptions, fill_gaps, generate
from pose_vocab.codec.codec import Codec
from pose_vocab.errors import ModelError, NobodyDancingError
from pose_vocab.ids import GAP, Ids, unbroken
from pose_vocab.motion import M
from pose_vocab.normalization import Clip, denormalize
from pose_vocab.sequence import PoseSequence

OPENING_S = 5.0
"""Longest end of a dance that the model reads before it continues."""
LEAD_IN_S = 1.0
"""Length of the opening that is decoded along with the new words, so that the new dance starts in motion."""
MAX_HOLD_S = 0.5
"""Longest time that one word may be held."""
ALL_WORDS, ONE_DANCERS_WORDS = (0, 0.98), (8, 0.9)
"""`top_k` and `top_p` where they are not given: for a model of many dances, and for one that is adapted to one dancer.
The first freezes with the second's; the second would leave its dancer's words with the first's."""
PORTION_S = 1.0
"""Words are passed on in portions of this much dance."""
TORSO_OF_NOBODY = {2: 200.0, 3: 0.5}
"""Length of a torso that no source gave: pixels in 2D, metres in 3D."""


@dataclass(frozen=True)
class Sampling:
    """How new words are sampled.

    Parameters
    ----------
    seconds : length of the new dance.
    seed : the same one gives the same dance, byte for byte, on the same machine.
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
        """Return what `energy` and `own` add to the logits of a model's words.

        Raises
        ------
        ModelError : one of them is out of range, or does not apply to this model.
        """
        codec = model.codec
        bias = energy_bias(codec.lexicon, codec.segments, self.energy)
        if self.own == AS_LEARNED:
            return bias
        if model.adapted_from is None:
            raise ModelError(
                f"the model is not adapted to a dancer, so it has no words of the dancer's own to prefer, got "
                f"own={self.own:g}; adapt it, or leave this option out"
            )
        return bias + own_bias(model.own_words, codec.lexicon.sizes, self.own)

    def options(self, model: DanceModel) -> GenerationOptions:
        """Return the same for a model's words; with one more row, so that the last segment lies between two."""
        top_k, top_p = ALL_WORDS if model.adapted_from is None else ONE_DANCERS_WORDS
        rows_per_second = model.codec.rows_per_second
        return GenerationOptions(
            n_rows=math.ceil(self.seconds * rows_per_second) + 1,
            temperature=self.temperature,
            top_k=(top_k if self.top_k is None else self.top_k) or None,
            top_p=top_p if self.top_p is None else self.top_p,
            max_hold=max(1, round(MAX_HOLD_S * rows_per_second)),
        )


def opening_of(codec: Codec[M], clips: Sequence[M]) -> tuple[Ids, M]:
    """Return the words at the end of the last readable clip, `OPENING_S` of them at most, and that clip.

    Raises
    ------
    NobodyDancingError : in no clip is enough of the dancer seen for a word.
    """
    for clip in reversed(clips):
        stretches = unbroken(codec.encode(clip))
        if stretches:
            return stretches[-1][-round(OPENING_S * codec.rows_per_second) :], clip
    raise NobodyDancingError("too little of the dancer is seen to encode a single word; film from head to foot")


def continue_dance(
    model: DanceModel,
    language_model: str,
    opening: Ids,
    before: M,
    sampling: Sampling,
    progress: Progress = silent,
    on_words: OnWords = ignore_words,
) -> tuple[Ids, M]:
    """Return new words after an opening, and the dance they stand for.

    The dance continues where `before` ends, and with its motion; with no row in the opening it begins from the
    beginning on that spot. What is unseen in the opening is filled by the model.

    Raises
    ------
    ModelError : the model lacks the language model of that name.
    """
    network, options, bias = model.language_model(language_model), sampling.options(model), sampling.bias(model)
    generator = torch.Generator().manual_seed(sampling.seed)
    opening = fill_gaps(network, opening, options, generator, bias)
    on_row = _Portions(model.codec, language_model, options.n_rows, progress, on_words).add
    ids = generate(network, opening, options, generator, bias, on_row)
    return ids, decode_after(model.codec, opening, ids, before)


def decode_after(codec: Codec[M], opening: Ids, ids: Ids, before: M) -> M:
    """Return the dance of new words, in motion from the words before them, and from the clip `before` on."""
    lead_in = opening[-round(LEAD_IN_S * codec.rows_per_second) :]
    n_before = len(lead_in) * codec.segments.frames
    dance = place_after(before, codec.decode(np.concatenate([lead_in, ids]))[n_before:])
    return bend_start(before, dance) if len(opening) and len(before) >= MIN_FRAMES else dance


def dance_from_scratch(
    model: DanceModel, language_model: str, sampling: Sampling, progress: Progress = silent
) -> PoseSequence:
    """Return a dance that continues none: pixels from 2D words, metres from 3D words.

    Raises ModelError where the model lacks that language model.
    """
    network, options, bias = model.language_model(language_model), sampling.options(model), sampling.bias(model)
    generator = torch.Generator().manual_seed(sampling.seed)
    on_row = _Portions(model.codec, language_model, options.n_rows, progress, ignore_words).add
    nothing = np.empty((0, len(model.codec.places)), np.int64)
    dance: Clip = model.codec.decode(generate(network, nothing, options, generator, bias, on_row))
    placement = replace(dance.placement, scale=TORSO_OF_NOBODY[dance.poses.dims])
    return denormalize(Clip(dance.poses, placement))[: round(sampling.seconds * dance.fps)]


def fill_unseen(model: DanceModel, language_model: str, clip: M, sampling: Sampling) -> M:
    """Return a clip whose unseen parts move as the model generates them, given the parts that are seen.

    What is seen stays as it is. Frames of which too little is seen for a word stay unseen.
    """
    codec: Codec[M] = model.codec
    ids = codec.encode(clip)
    if not ((ids == GAP).any(axis=1) & (ids != GAP).any(axis=1)).any():
        return clip
    network: LanguageModel = model.language_model(language_model)
    generator = torch.Generator().manual_seed(sampling.seed)
    values, readable = clip.values, (ids != GAP).any(axis=1)
    filled = fill_gaps(network, ids[readable], sampling.options(model), generator, sampling.bias(model))
    decoded = codec.decode(filled).values
    frames = np.flatnonzero(np.repeat(readable, codec.segments.frames))
    values[frames] = np.where(np.isnan(values[frames]), decoded, values[frames])
    return clip.with_values(values)


def place_after(before: M, dance: M) -> M:
    """Return a dance where another one stops: with its size, on its ground, from its last place on the floor."""
    path = dance.floor_path
    return dance.standing_like(before).with_floor_path(path + (before.floor_path[-1] - path[0]))


class _Portions:
    """Collects rows of words and passes them on in portions of `PORTION_S`."""

    def __init__(
        self, codec: Codec[M], language_model: str, n_rows: int, progress: Progress, on_words: OnWords
    ) -> None:
        self._lexicon, self._n_rows, self._on_words = codec.lexicon, n_rows, on_words
        self._portion = max(1, round(PORTION_S * codec.rows_per_second))
        self._progress = of_stage(progress, f"generating words, {find_kind(language_model).title}")
        self._done, self._rows = 0, list[tuple[str, ...]]()

    def add(self, row: Ids) -> None:
        """Take the next row."""
        self._done += 1
        self._rows.append(tuple(self._lexicon.words_of(row)))
        if len(self._rows) == self._portion or self._done == self._n_rows:
            self._on_words(self._done - len(self._rows), self._rows)
            self._rows = []
        self._progress(self._done, self._n_rows)
