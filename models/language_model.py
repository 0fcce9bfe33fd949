"""What a language model over words is: it reads rows of ids, predicts the next word, and can be scored.

Its `models.row_layout.RowLayout` tells which words there are, and at which place of a row each may stand.
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
from pose_vocab.ids import GAP, Ids

Progress = Callable[[int, int], None]
"""Called with (steps done, steps in all) while something long is at work."""


class Reader(Protocol):
    """One reading of one dance; it keeps its state (GPT-2 its keys and values, an LSTM its memory)."""

    def read(self, rows: Ids) -> None:
        """Read on, rows (n, places); a GAP is read as unseen.

        A reading begins with `layout.bos_row` or with a row of words. The logits do not depend on how many rows are
        read at once.
        """
        ...

    def logits(self, prefix: Ids) -> torch.Tensor:
        """Return logits float32 (n_words,), on the CPU, of the word behind `prefix` (place,) in the next row.

        Words that cannot stand at that place are at -inf.
        """
        ...


class LanguageModel(Protocol):
    """A model that can continue a dance (`models.sampling.generate`) and can score one."""

    @property
    def layout(self) -> RowLayout:
        """The words."""
        ...

    def reader(self) -> Reader:
        """Return a reader that has read nothing yet."""
        ...

    def losses(self, ids: Ids) -> NDArray[np.float64]:
        """Return the negative log-likelihood in nats of each word of a dance, (rows, places); NaN for a GAP.

        A word is predicted from the rows before it and the words before it in its own row.
        """
        ...


class TrainableLanguageModel(nn.Module, ABC):
    """A network that `models.training.train` can train. Outside of training it is in eval mode.

    It runs once over each row (`forward`), and predicts the words of the next row one after another from the
    result (`logits`). `context_length` is how many rows it sees at once in training.
    """

    layout: RowLayout
    context_length: int

    @abstractmethod
    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return, from rows int64 (batch, time, places), what each next one is predicted from (batch, time, width).

        There are at most `context_length` of them.
        """

    @abstractmethod
    def logits(self, hidden: torch.Tensor, prefix: torch.Tensor) -> torch.Tensor:
        """Return the logits (n, words of the place) from hidden (n, width) and the row's words so far (n, place)."""

    @abstractmethod
    def reader(self) -> Reader:
        """Return a reader that has read nothing yet."""

    @abstractmethod
    def save(self, folder: str | Path) -> None:
        """Write the model as a folder; `load` gives back the same. Raises OutputError if it cannot be written."""

    def nats(self, hidden: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Return the negative log-likelihood of each word of rows (n, places), from hidden (n, width): (n, places).

        That of a GAP is 0.
        """
        return torch.stack(
            [
                functional.cross_entropy(
                    self.logits(hidden, rows[:, :place]).float(),
                    torch.where(rows[:, place] == GAP, GAP, rows[:, place] - start),
                    reduction="none",
                    ignore_index=GAP,
                )
                for place, start in enumerate(self.layout.starts)
            ],
            dim=1,
        )

    def loss(self, windows: torch.Tensor) -> torch.Tensor:
        """Return what training minimizes, in nats per row: windows int64 (batch, time + 1, places) -> a scalar.

        It is the mean over the words that are seen, times the places of a row. The row that begins a dance is read,
        not predicted.
        """
        rows = windows[:, 1:]
        predicted = rows[..., 0] != self.layout.bos
        words = rows[predicted]
        seen = (words != GAP).sum().clamp(min=1)
        return self.nats(self(windows[:, :-1])[predicted], words).sum(dim=1).mean() * (words.numel() / seen)

    @torch.inference_mode()
    def losses(self, ids: Ids) -> NDArray[np.float64]:
        """Return the negative log-likelihood in nats of each word of a dance, (rows, places); NaN for a GAP.

        Every word is scored once, from all rows before it or, far into a long dance, from more than half a context of
        them.

        Raises
        ------
        ModelError : no rows of words that the model knows.
        """
        dance = self.with_bos(ids)
        scored = [torch.empty((0, self.layout.places))]
        n_scored = start = 0
        while n_scored < len(dance) - 1:
            window = dance[start : start + self.context_length + 1]
            nats = self.nats(self(window[None, :-1])[0], window[1:])
            scored.append(nats[n_scored - start :].cpu())
            n_scored = start + len(nats)
            start += self.context_length // 2
        return unseen_as_nan(torch.cat(scored), ids)

    def with_bos(self, ids: Ids) -> torch.Tensor:
        """Return a dance behind the row that begins it, where the weights are: (rows + 1, places).

        Raises
        ------
        ModelError : no rows of words that the model knows.
        """
        rows = np.concatenate([self.layout.bos_row[None], self.layout.check(ids)])
        return torch.from_numpy(rows).to(next(self.parameters()).device)


def unseen_as_nan(nats: torch.Tensor, ids: Ids) -> NDArray[np.float64]:
    """Return losses (rows, places) with NaN where ids hold a GAP."""
    return np.where(ids == GAP, np.nan, nats.double().numpy())


def mean_loss(model: LanguageModel, dances: Sequence[Ids]) -> float:
    """Return the mean negative log-likelihood of dances in nats per word, GAPs left out; exp of it is the perplexity.

    Raises
    ------
    ModelError : no words to score, or no rows of words that the model knows.
    """
    model.layout.check_all(dances)
    return float(np.nanmean(np.concatenate([model.losses(ids).reshape(-1) for ids in dances])))
