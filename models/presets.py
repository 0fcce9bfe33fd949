"""Sizes of networks, and how long they learn, that were tried together."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.gpt2 import GPT2Size
from models.lstm import LSTMSize
from models.mixture import MixtureSize
from models.training import TrainingOptions
from pose_vocab.errors import ModelError


@dataclass(frozen=True)
class Preset:
    """How many words there are at most, how large each language model is, and the training that suits them.

    `learning_rates` are those of each model, by its name; they take the place of the one in `training`.
    """

    max_words: int
    gpt2: GPT2Size
    lstm: LSTMSize
    mixture: MixtureSize
    training: TrainingOptions
    learning_rates: Mapping[str, float]


PRESETS = {
    "starter": Preset(
        2_000,
        GPT2Size(layers=2, heads=4, width=128, context_length=64, dropout=0.2),
        LSTMSize(layers=2, width=256, context_length=64, dropout=0.3),
        MixtureSize(layers=2, width=256, context_length=64, dropout=0.2),
        TrainingOptions(steps=4_000, batch_size=16, patience=4),
        {"gpt2": 1e-3, "lstm": 4e-3, "mixture": 2e-3},
    ),
    "seed": Preset(
        52_000,
        GPT2Size(layers=12, heads=12, width=768, context_length=1_024),
        LSTMSize(layers=3, width=1_024, context_length=256),
        MixtureSize(layers=3, width=1_024, context_length=256),
        TrainingOptions(steps=100_000, batch_size=16, check_every=1_000, patience=10),
        {"gpt2": 3e-4, "lstm": 1e-3, "mixture": 5e-4},
    ),
}
"""`starter`: for a folder of dances, some ten thousand words; minutes on two cores. `seed`: GPT-2 small for a corpus of
millions, as the first BopBot was; it needs a GPU."""

ADAPTING = TrainingOptions(steps=100, batch_size=8, learning_rate=1e-3, window=32)
"""How a trained model learns the few hundred words of one upload: seconds on two cores. With 40 steps it foresees
more dances of the dancer a little better, but goes round in a few words when it dances itself; with a higher rate
an LSTM copies long stretches."""


def find_preset(name: str) -> Preset:
    """The preset of that name; raises ModelError for an unknown one."""
    try:
        return PRESETS[name]
    except KeyError:
        raise ModelError(f"there is no preset {name!r}; there are {', '.join(PRESETS)}") from None
