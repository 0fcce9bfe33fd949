"""The language models BopBot knows: one row each. Nothing outside this table names their classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.gpt2 import GPT2
from models.language_model import TrainableLanguageModel
from models.lstm import LSTM
from models.mixture_lstm import MixtureLSTM
from models.presets import Preset
from models.row_layout import RowLayout
from models.vocabulary_expansion import Expandable, grown
from pose_vocab.codec.lexicon import Lexicon
from pose_vocab.errors import ModelError

Near = Sequence[NDArray[np.int64]]
"""For the new words of each part (n, k): known words near them."""
Shares = Sequence[NDArray[np.float64]]
"""How much of each of those a new word begins as."""


@dataclass(frozen=True)
class Kind:
    """A kind of language model.

    Parameters
    ----------
    title : what people call it.
    new : an untrained one of a preset's size, over the words of a lexicon, from a seed.
    load : reads a folder that one of this kind was saved to, for the words of that row_layout.
    grown : one with more words, of that fingerprint, near to those it knows; None where it cannot learn more.
    """

    title: str
    new: Callable[[Preset, Lexicon, int], TrainableLanguageModel]
    load: Callable[[Path, RowLayout], TrainableLanguageModel]
    grown: Callable[[TrainableLanguageModel, Near, Shares, str], TrainableLanguageModel] | None = None


def row_layout_of(words: Lexicon) -> RowLayout:
    """What a language model needs to know of the words."""
    return RowLayout(words.sizes, words.fingerprint)


def _new_gpt2(preset: Preset, words: Lexicon, seed: int) -> GPT2:
    return GPT2(preset.gpt2, row_layout_of(words), seed)


def _new_lstm(preset: Preset, words: Lexicon, seed: int) -> LSTM:
    return LSTM(preset.lstm, row_layout_of(words), seed)


def _new_mixture(preset: Preset, words: Lexicon, seed: int) -> MixtureLSTM:
    return MixtureLSTM(preset.mixture, words.alone(), row_layout_of(words), seed)


def _grown(model: TrainableLanguageModel, near: Near, shares: Shares, fingerprint: str) -> TrainableLanguageModel:
    assert isinstance(model, Expandable)  # the table says so
    return grown(model, near, shares, fingerprint)


LANGUAGE_MODELS = {
    "gpt2": Kind("GPT-2", _new_gpt2, GPT2.load, _grown),
    "lstm": Kind("LSTM", _new_lstm, LSTM.load, _grown),
    "mixture": Kind("mixture LSTM", _new_mixture, MixtureLSTM.load),
}
CHOICES = {**{name: (name,) for name in LANGUAGE_MODELS}, "both": ("gpt2", "lstm"), "all": tuple(LANGUAGE_MODELS)}
"""What a user can let learn, and which models that is."""
DANCERS = {name: names for name, names in CHOICES.items() if all(LANGUAGE_MODELS[each].grown for each in names)}
"""What a user can let dance after a video: the models that can learn from its dancer."""


def find_dancers(name: str) -> tuple[str, ...]:
    """The language models that a choice in `DANCERS` stands for; raises ModelError for an unknown one."""
    try:
        return DANCERS[name]
    except KeyError:
        raise ModelError(f"after a video {name!r} cannot dance; there are {', '.join(DANCERS)}") from None


def find_kind(name: str) -> Kind:
    """The kind of that name; raises ModelError for an unknown one."""
    try:
        return LANGUAGE_MODELS[name]
    except KeyError:
        raise ModelError(f"there is no language model {name!r}; there are {', '.join(LANGUAGE_MODELS)}") from None
