"""What a language model over words is: it reads ids and scores the word that comes next.

A model over `vocab_size` words knows the ids 0 to `vocab_size` - 1. One more id, `vocab_size`
itself, stands before a dance's first word: it may be read, and is never predicted.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

Progress = Callable[[int, int], None]
"""Told (steps done, steps in all) while something long is at work."""


class Reader(Protocol):
    """One reading of one dance; it remembers what it has read (GPT-2 its keys and values, an LSTM its state)."""

    def read(self, ids: NDArray[np.int64]) -> torch.Tensor:
        """Read on: ids (n,), at least one; gives the logits of the next word, float32 (vocab_size,) on the CPU.

        However long the dance and in whatever pieces it is read, the logits are the same.
        """
        ...


class LanguageModel(Protocol):
    """A model that `models.sampling.generate` can continue a dance with."""

    @property
    def vocab_size(self) -> int:
        """How many words it knows."""
        ...

    @property
    def context_length(self) -> int:
        """How many ids back the next word can depend on, at most. A reader forgets by itself."""
        ...

    def reader(self) -> Reader:
        """A reader that has read nothing yet."""
        ...


class TrainableLanguageModel(torch.nn.Module, ABC):
    """A `LanguageModel` that `models.training.train` can teach. Outside of training it is in eval mode."""

    vocab_size: int
    context_length: int

    @abstractmethod
    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """ids int64 (batch, time), time <= context_length -> logits of each next word (batch, time, vocab_size)."""

    @abstractmethod
    def reader(self) -> Reader:
        """A reader that has read nothing yet."""
