"""What a language model over words is: it reads ids, scores the word that comes next, and can be scored itself.

Which words there are, and where in a row each may stand, its `models.row_layout.RowLayout` says.
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

from models.row_layout import RowLayout

Progress = Callable[[int, int], None]
"""Told (steps done, steps in all) while something long is at work."""


class Reader(Protocol):
    """One reading of one dance; it remembers what it has read (GPT-2 its keys and values, an LSTM its state)."""

    def read(self, ids: NDArray[np.int64]) -> torch.Tensor:
        """Read on: ids (n,), at least one; gives the logits of the next word, float32 (n_words,) on the CPU.

        The id `n_words` stands for the whole row before a dance. A reading begins with it or with a whole
        row, and may stop anywhere in one. Words that cannot stand at the next place have a logit of
        -inf. However long the dance and in whatever pieces it is read, the logits are the same.
        """
        ...


class LanguageModel(Protocol):
    """A model that can continue a dance (`models.sampling.generate`), and can say how well it foresees one."""

    @property
    def layout(self) -> RowLayout:
        """Which words it knows."""
        ...

    def reader(self) -> Reader:
        """A reader that has read nothing yet."""
        ...

    def losses(self, stream: NDArray[np.int64]) -> NDArray[np.float64]:
        """Negative log-likelihood in nats of each word of a dance (n,), from its beginning on.

        A word is foreseen by the rows before it and the words before it in its own row.
        """
        ...


class TrainableLanguageModel(nn.Module, ABC):
    """A network that `models.training.train` can teach. Outside of training it is in eval mode.

    It runs once over each row (`forward`), and says the words of the next row one after another from
    what it made of it (`logits`). `context_length` is how many rows it sees at once in training.
    """

    layout: RowLayout
    context_length: int

    @abstractmethod
    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Rows int64 (batch, time, places) -> what each next one is said from (batch, time, width).

        There are at most `context_length` of them.
        """

    @abstractmethod
    def logits(self, hidden: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
        """Of the word at a place, by what its row is said from (n, width) and the row's words so far int64 (n, place).

        Gives (n, vocabulary) of that place.
        """

    @abstractmethod
    def reader(self) -> Reader:
        """A reader that has read nothing yet."""

    @abstractmethod
    def save(self, folder: str | Path) -> None:
        """Write the model as a folder; `load` gives back the same. Raises OutputError if it cannot be written."""

    def nats(self, hidden: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Negative log-likelihood of each word of rows (n, places), each said from hidden (n, width): (n, places)."""
        return torch.stack(
            [
                functional.cross_entropy(
                    self.logits(hidden, rows[:, :place]).float(), rows[:, place] - start, reduction="none"
                )
                for place, start in enumerate(self.layout.starts)
            ],
            dim=1,
        )

    def loss(self, windows: torch.Tensor) -> torch.Tensor:
        """What training makes smaller, in nats a row: windows int64 (batch, time + 1, places) -> a scalar.

        The row that begins a dance is read, not foreseen.
        """
        rows = windows[:, 1:]
        foreseen = rows[..., 0] != self.layout.n_words
        return self.nats(self(windows[:, :-1])[foreseen], rows[foreseen]).sum(dim=1).mean()

    @torch.inference_mode()
    def losses(self, stream: NDArray[np.int64]) -> NDArray[np.float64]:
        """Negative log-likelihood in nats of each word of a dance, (n,).

        Every word is scored once, by all rows before it or, far into a long dance, by more than half
        a context of them.

        Raises
        ------
        ModelError : no whole rows of words that the model knows.
        """
        dance = self.begun(stream)
        scored = [torch.empty(0)]
        n_scored = start = 0
        while n_scored < len(dance) - 1:
            window = dance[start : start + self.context_length + 1]
            nats = self.nats(self(window[None, :-1])[0], window[1:])
            scored.append(nats[n_scored - start :].flatten().cpu())
            n_scored = start + len(nats)
            start += self.context_length // 2
        return np.asarray(torch.cat(scored).double().numpy())

    def begun(self, stream: NDArray[np.int64]) -> torch.Tensor:
        """A dance (n,) as rows where the weights are, behind the one before its first: (n / places + 1, places).

        Raises
        ------
        ModelError : no whole rows of words that the model knows.
        """
        rows = np.concatenate([self.layout.beginning[None], self.layout.rows(stream)])
        return torch.from_numpy(rows).to(next(self.parameters()).device)


def mean_loss(model: LanguageModel, streams: Sequence[NDArray[np.int64]]) -> float:
    """Mean negative log-likelihood of dances in nats a word; exp of it is the perplexity.

    Raises
    ------
    ModelError : no words to score, or no whole rows of words that the model knows.
    """
    model.layout.check(streams)
    return float(np.concatenate([model.losses(stream) for stream in streams]).mean())
