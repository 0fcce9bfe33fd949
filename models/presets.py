"""Sizes of networks, and how long they learn, that were tried together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from models.gpt2 import GPT2Size
from models.lstm import LSTMSize
from models.mixture_lstm import MixtureSize
from models.training import TrainingOptions
from pose_vocab.errors import ModelError


@dataclass(frozen=True)
class Preset:
    """How many words there are at most, how large each language model is, and the training that suits them.

    `max_words` None leaves it to the kind of words.
    `learning_rates` are those of each model, by its name; they take the place of the one in `training`.
    """

    max_words: int | None
    gpt2: GPT2Size
    lstm: LSTMSize
    mixture: MixtureSize
    training: TrainingOptions
    learning_rates: Mapping[str, float]


PRESETS = {
    "starter": Preset(
        None,
        GPT2Size(layers=2, heads=4, width=128, context_length=64, dropout=0.3),
        LSTMSize(layers=1, width=256, context_length=64, dropout=0.3),
        MixtureSize(layers=2, width=256, context_length=64, dropout=0.2),
        TrainingOptions(steps=2_000, batch_size=16, patience=4),
        {"gpt2": 1e-3, "lstm": 2e-3, "mixture": 2e-3},
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

ADAPTING = TrainingOptions(steps=60, batch_size=8, learning_rate=1e-3, window=32)
"""How a trained model learns the words of one upload of `ADAPTING_ROWS` rows: seconds on two cores."""
ADAPTING_ROWS = 200
"""Of a longer upload it learns for as many more steps, of a shorter one for fewer: learned by heart it is copied. After
60 steps the dances of a GPT-2 repeat 2.2 s of 16 s that it learned, after 100 steps 5.6 s."""
MOST_STEPS = 150
"""So long it learns at most, however long the upload."""


def adapting_to(n_rows: int, seed: int) -> TrainingOptions:
    """How a trained model learns an upload of so many rows of words."""
    steps = min(MOST_STEPS, max(1, round(ADAPTING.steps * n_rows / ADAPTING_ROWS)))
    return replace(ADAPTING, steps=steps, seed=seed)


def find_preset(name: str) -> Preset:
    """The preset of that name; raises ModelError for an unknown one."""
    try:
        return PRESETS[name]
    except KeyError:
        raise ModelError(f"there is no preset {name!r}; there are {', '.join(PRESETS)}") from None
