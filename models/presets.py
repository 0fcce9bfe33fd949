"""Presets: tested combinations of network sizes and training options."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from models.gpt2 import GPT2Size
from models.lstm import LSTMSize
from models.mixture_lstm import MixtureSize
from models.training import TrainingOptions
from pose_vocab.errors import ModelError


@dataclass(frozen=True)
class Preset:
    """A maximum number of words, the size of each language model, and training options that suit them.

    `max_words` None uses the limit of the codec preset.
    `learning_rates`, by name of the language model, replace the one in `training`.
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
"""`starter`: for a folder of dances, about 10,000 words; minutes on two cores. `seed`: GPT-2 small for a corpus of
millions of words, as in the first BopBot; needs a GPU."""

ADAPTING = TrainingOptions(steps=60, batch_size=8, learning_rate=1e-3, window=32)
"""Options for fine-tuning a trained model on one upload of `ADAPTING_ROWS` rows; takes seconds on two cores."""
ADAPTING_ROWS = 200
"""Number of rows for which `ADAPTING.steps` is meant; the steps grow in proportion to the rows. Too many steps make the
model copy: after 60 steps the dances of a GPT-2 repeat 2.2 s of the 16 s it was trained on, after 100 steps 5.6 s."""
MOST_STEPS = 150
"""Maximum number of fine-tuning steps, for uploads of any length."""


def adapting_to(n_rows: int, seed: int) -> TrainingOptions:
    """Return the options for fine-tuning a trained model on an upload of `n_rows` rows of words."""
    steps = min(MOST_STEPS, max(1, round(ADAPTING.steps * n_rows / ADAPTING_ROWS)))
    return replace(ADAPTING, steps=steps, seed=seed)


def find_preset(name: str) -> Preset:
    """Return the preset with this name; raises ModelError if there is none."""
    try:
        return PRESETS[name]
    except KeyError:
        raise ModelError(f"there is no preset {name!r}; choose one of {', '.join(PRESETS)}") from None
