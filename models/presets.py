"""Sizes of networks, and how long they learn, that were tried together."""

from dataclasses import dataclass

from models.gpt2 import GPT2Size
from models.training import TrainingOptions


@dataclass(frozen=True)
class Preset:
    """A size, and the training that suits it."""

    size: GPT2Size
    training: TrainingOptions


ONE_DANCE = Preset(
    GPT2Size(layers=2, heads=4, width=64, context_length=32, dropout=0.2),
    TrainingOptions(steps=300, batch_size=16, learning_rate=2e-3),
)
"""For the 300 to 600 words of one upload: seconds on one core. Longer training copies longer stretches of it."""

SMALL = Preset(
    GPT2Size(layers=2, heads=4, width=128, context_length=64, dropout=0.2),
    TrainingOptions(steps=800, batch_size=16, learning_rate=1e-3),
)
"""For a folder of dances, some ten thousand words: about a minute on one core."""
