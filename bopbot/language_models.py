"""The language models: one row each. Nothing outside this table names their classes."""

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
from models.vocabulary_expansion import Expandable, expand_vocabulary
from pose_vocab.codec.lexicon import Lexicon
from pose_vocab.errors import ModelError

Near = Sequence[NDArray[np.int64]]
"""For each place (n, k): known words near the new ones."""
Shares = Sequence[NDArray[np.float64]]
"""The weights of those in a new word."""


@dataclass(frozen=True)
class Kind:
    """A kind of language model.

    Parameters
    ----------
    title : its name in texts.
    new : returns an untrained one of a preset's size, over the words of a lexicon, from a seed.
    load : reads a folder that one of this kind was saved to.
    expand : returns one with more words and another fingerprint; None where the vocabulary cannot be expanded.
    """

    title: str
    new: Callable[[Preset, Lexicon, int], TrainableLanguageModel]
    load: Callable[[Path, RowLayout], TrainableLanguageModel]
    expand: Callable[[TrainableLanguageModel, Near, Shares, str], TrainableLanguageModel] | None = None


def row_layout_of(words: Lexicon) -> RowLayout:
    """Return the layout of a row of the lexicon's words."""
    return RowLayout(words.sizes, words.fingerprint)


def _new_gpt2(preset: Preset, words: Lexicon, seed: int) -> GPT2:
    return GPT2(preset.gpt2, row_layout_of(words), seed)


def _new_lstm(preset: Preset, words: Lexicon, seed: int) -> LSTM:
    return LSTM(preset.lstm, row_layout_of(words), seed)


def _new_mixture(preset: Preset, words: Lexicon, seed: int) -> MixtureLSTM:
    return MixtureLSTM(preset.mixture, words.alone(), row_layout_of(words), seed)


def _expand(model: TrainableLanguageModel, near: Near, shares: Shares, fingerprint: str) -> TrainableLanguageModel:
    assert isinstance(model, Expandable)  # by the rows of the table
    return expand_vocabulary(model, near, shares, fingerprint)


LANGUAGE_MODELS = {
    "gpt2": Kind("GPT-2", _new_gpt2, GPT2.load, _expand),
    "lstm": Kind("LSTM", _new_lstm, LSTM.load, _expand),
    "mixture": Kind("mixture LSTM", _new_mixture, MixtureLSTM.load),
}
CHOICES = {**{name: (name,) for name in LANGUAGE_MODELS}, "both": ("gpt2", "lstm"), "all": tuple(LANGUAGE_MODELS)}
"""What a user can train, and the models of each choice."""
DANCERS = {name: names for name, names in CHOICES.items() if all(LANGUAGE_MODELS[each].expand for each in names)}
"""What a user can choose to continue a video: models that can be adapted to its dancer."""


def find_dancers(name: str) -> tuple[str, ...]:
    """Return the language models of a choice in `DANCERS`; raise ModelError for another one."""
    try:
        return DANCERS[name]
    except KeyError:
        raise ModelError(f"{name!r} cannot be adapted to a video; choose one of {', '.join(DANCERS)}") from None


def find_kind(name: str) -> Kind:
    """Return the kind of that name; raise ModelError for an unknown one."""
    try:
        return LANGUAGE_MODELS[name]
    except KeyError:
        raise ModelError(f"there is no language model {name!r}; choose one of {', '.join(LANGUAGE_MODELS)}") from None
