"""What the recurrent language models share: a stack of LSTM layers that remembers a dance from its first row on.

Hochreiter & Schmidhuber, *Long Short-Term Memory* (1997).
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from models.language_model import TrainableLanguageModel
from models.row_layout import RowLayout
from models.row_reader import RowReader
from pose_vocab.errors import ModelError

SCORED_AT_ONCE = 512
"""Rows of a dance whose logits stand in memory together while it is scored; the result does not hang on it."""

State = tuple[torch.Tensor, torch.Tensor]
"""What the layers remember: hidden and cell state, each (layers, batch, width)."""


@dataclass(frozen=True)
class RecurrentSize:
    """How large a stack of LSTM layers is.

    Parameters
    ----------
    layers, width : LSTM layers, numbers in the state of each.
    context_length : rows through which a loss is propagated back in training, 2 or more; a reader forgets nothing.
    dropout : share of activations dropped in training, in 0..1, between layers but not between rows.
        Zaremba, Sutskever & Vinyals, *Recurrent Neural Network Regularization* (2014).

    Raises
    ------
    ModelError : no network has such a size.
    """

    layers: int
    width: int
    context_length: int
    dropout: float = 0.1

    def __post_init__(self) -> None:
        if min(self.layers, self.width) < 1:
            raise ModelError(f"an LSTM needs layers and a width, got {self.layers} layers, width {self.width}")
        if self.context_length < 2:
            raise ModelError(f"an LSTM must learn from at least 2 rows at once, got {self.context_length}")
        if not 0 <= self.dropout < 1:
            raise ModelError(f"dropout must be at least 0 and below 1, got {self.dropout}")


class RecurrentModel(TrainableLanguageModel):
    """LSTM layers between what a row is to them (`embed`) and what they say of the next one (`logits`)."""

    def __init__(self, size: RecurrentSize, n_inputs: int, layout: RowLayout) -> None:
        super().__init__()
        self.layout = layout
        self.context_length = size.context_length
        between = size.dropout if size.layers > 1 else 0  # a single layer has no place for it, and torch would warn
        self.lstm = nn.LSTM(n_inputs, size.width, size.layers, dropout=between, batch_first=True)
        self.dropout = nn.Dropout(size.dropout)

    @abstractmethod
    def embed(self, rows: torch.Tensor) -> torch.Tensor:
        """Rows int64 (..., places), that which begins a dance among them -> the first layer's input (..., n_inputs)."""

    def follow(self, rows: torch.Tensor, state: State | None = None) -> tuple[torch.Tensor, State]:
        """Read on from a state, None at first: rows (batch, time, places) -> outputs (batch, time, width), state."""
        hidden, state = self.lstm(self.embed(rows), state)
        return self.dropout(hidden), state

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.follow(rows)[0]

    def reader(self) -> RecurrentReader:
        """A reader that has read nothing yet."""
        return RecurrentReader(self)

    @torch.inference_mode()
    def losses(self, stream: NDArray[np.int64]) -> NDArray[np.float64]:
        """Negative log-likelihood in nats of each word of a dance, (n,).

        Every word is scored by all words before it, as a reader sees them.

        Raises
        ------
        ModelError : no whole rows of words that the model knows.
        """
        dance = self.begun(stream)
        scored, state = [torch.empty(0)], None
        for start in range(0, len(dance) - 1, SCORED_AT_ONCE):
            window = dance[start : start + SCORED_AT_ONCE + 1]
            hidden, state = self.follow(window[None, :-1], state)
            scored.append(self.nats(hidden[0], window[1:]).flatten().cpu())
        return np.asarray(torch.cat(scored).double().numpy())


class RecurrentReader(RowReader):
    """Keeps the state of the layers.

    The layers' cells are called one after another: the same sums as `nn.LSTM`, without what it
    prepares at every call, which costs more than the sums of a single row (compared in the tests).
    """

    def __init__(self, model: RecurrentModel) -> None:
        super().__init__(model.layout)
        self._model = model
        self._cells = model.lstm.all_weights
        self._device = self._cells[0][0].device
        nothing = torch.zeros(1, model.lstm.hidden_size, device=self._device)
        self._states = [(nothing, nothing) for _ in self._cells]

    def follow(self, rows: NDArray[np.int64]) -> None:
        embedded = self._model.embed(torch.from_numpy(rows).to(self._device))
        for x in torch.split(embedded, 1):
            for layer, weights in enumerate(self._cells):
                self._states[layer] = torch.lstm_cell(x, self._states[layer], *weights)
                x = self._states[layer][0]

    def logits(self, said: NDArray[np.int64]) -> torch.Tensor:
        hidden, _ = self._states[-1]
        return self._model.logits(hidden, torch.from_numpy(said[None]).to(self._device))[0]
