"""What a language model over words is: it reads ids, scores the word that comes next, and can be scored itself.

A model over `vocab_size` words knows the ids 0 to `vocab_size` - 1. One more id, `vocab_size`
itself, stands before a dance's first word: it may be read, and is never predicted.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from pose_vocab.errors import ModelError

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
    """A model that can continue a dance (`models.sampling.generate`), and can say how well it foresees one."""

    @property
    def vocab_size(self) -> int:
        """How many words it knows."""
        ...

    def reader(self) -> Reader:
        """A reader that has read nothing yet."""
        ...

    def losses(self, stream: NDArray[np.int64]) -> NDArray[np.float64]:
        """Negative log-likelihood in nats of each word of a dance (n,) by the words before it, from its beginning."""
        ...


class TrainableLanguageModel(nn.Module, ABC):
    """A network that `models.training.train` can teach. Outside of training it is in eval mode.

    `context_length` is how many words it sees at once in training; `fingerprint` names the vocabulary
    that the ids belong to.
    """

    vocab_size: int
    context_length: int
    fingerprint: str

    @abstractmethod
    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """ids int64 (batch, time), time <= context_length -> logits of each next word (batch, time, vocab_size)."""

    @abstractmethod
    def reader(self) -> Reader:
        """A reader that has read nothing yet."""

    @abstractmethod
    def save(self, folder: str | Path) -> None:
        """Write the model as a folder; `load` gives back the same. Raises OutputError if it cannot be written."""

    def loss(self, windows: torch.Tensor) -> torch.Tensor:
        """What training makes smaller, in nats a word: windows int64 (batch, time + 1) -> a scalar.

        The id that begins a dance is read, not foreseen.
        """
        logits = self(windows[:, :-1]).flatten(0, 1).float()
        return functional.cross_entropy(logits, windows[:, 1:].flatten(), ignore_index=self.vocab_size)

    @torch.inference_mode()
    def losses(self, stream: NDArray[np.int64]) -> NDArray[np.float64]:
        """Negative log-likelihood in nats of each word of a dance, (n,).

        Every word is scored once, by all words before it or, far into a long dance, by more than half
        a context of them.
        """
        device = next(self.parameters()).device
        dance = torch.from_numpy(np.concatenate([[self.vocab_size], stream])).to(device)
        scored: list[torch.Tensor] = []
        n_scored = start = 0
        while n_scored < len(stream):
            window = dance[start : start + self.context_length + 1]
            losses = functional.cross_entropy(self(window[None, :-1])[0].float(), window[1:], reduction="none")
            scored.append(losses[n_scored - start :])
            n_scored = start + len(losses)
            start += self.context_length // 2
        return np.asarray(torch.cat(scored).double().cpu().numpy()) if scored else np.empty(0)


def mean_loss(model: LanguageModel, streams: Sequence[NDArray[np.int64]]) -> float:
    """Mean negative log-likelihood of dances in nats a word; exp of it is the perplexity.

    Raises
    ------
    ModelError : no words to score, or words that the model does not know.
    """
    check_words(streams, model.vocab_size)
    return float(np.concatenate([model.losses(stream) for stream in streams]).mean())


def check_words(streams: Sequence[NDArray[np.int64]], vocab_size: int) -> None:
    """Raises ModelError unless there are words in the dances, and only ids from 0 to `vocab_size` - 1."""
    words = np.concatenate([np.empty(0, np.int64), *streams])
    if not len(words):
        raise ModelError(f"there are no words in {len(streams)} dances; give at least one dance with words")
    if words.min() < 0 or words.max() >= vocab_size:
        raise ModelError(f"the dances hold words {words.min()} to {words.max()}, the model knows 0 to {vocab_size - 1}")


def check_ids(ids: NDArray[np.int64], vocab_size: int) -> None:
    """Raises ModelError unless a reader can read these ids: at least one, each from 0 to `vocab_size`."""
    if not len(ids) or ids.min() < 0 or ids.max() > vocab_size:
        raise ModelError(f"a model of {vocab_size} words reads ids 0 to {vocab_size}, got {ids}")
