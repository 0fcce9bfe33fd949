"""The stack of LSTM layers that the recurrent language models share.

Hochreiter & Schmidhuber, *Long Short-Term Memory* (1997).
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from models.language_model import TrainableLanguageModel, unseen_as_nan
from models.row_layout import RowLayout
from models.row_reader import RowReader
from pose_vocab.errors import ModelError
from pose_vocab.ids import Ids

SCORED_AT_ONCE = 512
"""Rows of a dance whose logits are in memory together while it is scored; the result does not depend on it."""

State = tuple[torch.Tensor, torch.Tensor]
"""Hidden and cell state of the layers, each (layers, batch, width)."""


@dataclass(frozen=True)
class RecurrentSize:
    """The size of a stack of LSTM layers.

    Parameters
    ----------
    layers, width : LSTM layers, numbers in the state of each.
    context_length : rows through which a loss is propagated back in training, 2 or more; a reader has no limit.
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
    """LSTM layers between the embedding of a row (`embed`) and the logits of the next one (`logits`)."""

    def __init__(self, size: RecurrentSize, n_inputs: int, layout: RowLayout) -> None:
        super().__init__()
        self.layout = layout
        self.context_length = size.context_length
        between = size.dropout if size.layers > 1 else 0  # torch warns where there is a single layer
        self.lstm = nn.LSTM(n_inputs, size.width, size.layers, dropout=between, batch_first=True)
        self.dropout = nn.Dropout(size.dropout)

    @abstractmethod
    def embed(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the first layer's input (..., n_inputs) of rows int64 (..., places), `bos` and GAPs among them."""

    def follow(self, rows: torch.Tensor, state: State | None = None) -> tuple[torch.Tensor, State]:
        """Read rows (batch, time, places) from a state, None at first: outputs (batch, time, width), new state."""
        hidden, state = self.lstm(self.embed(rows), state)
        return self.dropout(hidden), state

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.follow(rows)[0]

    def reader(self) -> RecurrentReader:
        """Return a reader that has read nothing yet."""
        return RecurrentReader(self)

    @torch.inference_mode()
    def losses(self, ids: Ids) -> NDArray[np.float64]:
        """Return the negative log-likelihood in nats of each word of a dance, (rows, places); NaN for a GAP.

        Every word is scored from all words before it, as a reader sees them.

        Raises
        ------
        ModelError : no rows of words that the model knows.
        """
        dance = self.with_bos(ids)
        scored, state = [torch.empty((0, self.layout.places))], None
        for start in range(0, len(dance) - 1, SCORED_AT_ONCE):
            window = dance[start : start + SCORED_AT_ONCE + 1]
            hidden, state = self.follow(window[None, :-1], state)
            scored.append(self.nats(hidden[0], window[1:]).cpu())
        return unseen_as_nan(torch.cat(scored), ids)


class RecurrentReader(RowReader):
    """Keeps the state of the layers.

    The layers' cells are called one after another: the same sums as in `nn.LSTM`, without its preparations at every
    call, which cost more than the sums of a single row (compared in the tests).
    """

    def __init__(self, model: RecurrentModel) -> None:
        super().__init__(model.layout)
        self._model = model
        self._cells = model.lstm.all_weights
        self._device = self._cells[0][0].device
        nothing = torch.zeros(1, model.lstm.hidden_size, device=self._device)
        self._states = [(nothing, nothing) for _ in self._cells]

    def follow(self, rows: Ids) -> None:
        embedded = self._model.embed(torch.from_numpy(rows).to(self._device))
        for x in torch.split(embedded, 1):
            for layer, weights in enumerate(self._cells):
                self._states[layer] = torch.lstm_cell(x, self._states[layer], *weights)
                x = self._states[layer][0]

    def logits_of_place(self, prefix: Ids) -> torch.Tensor:
        hidden, _ = self._states[-1]
        return self._model.logits(hidden, torch.from_numpy(prefix[None]).to(self._device))[0]
