"""What the recurrent language models share: a stack of LSTM layers that remembers a dance from its first word on.

Hochreiter & Schmidhuber, *Long Short-Term Memory* (1997).
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from models.language_model import TrainableLanguageModel, check_ids
from pose_vocab.errors import ModelError

SCORED_AT_ONCE = 512
"""Words of a dance whose logits stand in memory together while it is scored; the result does not hang on it."""

State = tuple[torch.Tensor, torch.Tensor]
"""What the layers remember: hidden and cell state, each (layers, batch, width)."""


@dataclass(frozen=True)
class RecurrentSize:
    """How large a stack of LSTM layers is.

    Parameters
    ----------
    layers, width : LSTM layers, numbers in the state of each.
    context_length : words through which a loss is propagated back in training, 2 or more; a reader forgets nothing.
    dropout : share of activations dropped in training, in 0..1, between layers but not between words.
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
            raise ModelError(f"an LSTM must learn from at least 2 words at once, got {self.context_length}")
        if not 0 <= self.dropout < 1:
            raise ModelError(f"dropout must be at least 0 and below 1, got {self.dropout}")


class RecurrentModel(TrainableLanguageModel):
    """LSTM layers between what a word is to them (`embed`) and what they say of the next one (`logits`).

    Raises
    ------
    ModelError : there are no words.
    """

    def __init__(self, size: RecurrentSize, n_inputs: int, vocab_size: int, fingerprint: str) -> None:
        super().__init__()
        if vocab_size < 1:
            raise ModelError(f"a language model needs at least one word, got {vocab_size}")
        self.vocab_size = vocab_size
        self.context_length = size.context_length
        self.fingerprint = fingerprint
        between = size.dropout if size.layers > 1 else 0  # a single layer has no place for it, and torch would warn
        self.lstm = nn.LSTM(n_inputs, size.width, size.layers, dropout=between, batch_first=True)
        self.dropout = nn.Dropout(size.dropout)

    @abstractmethod
    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        """ids int64 (...), the one that begins a dance among them -> the first layer's input (..., n_inputs)."""

    @abstractmethod
    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """The last layer's output (..., width) -> logits of the next word (..., vocab_size)."""

    def follow(self, ids: torch.Tensor, state: State | None = None) -> tuple[torch.Tensor, State]:
        """Read on from a state, None at first: ids (batch, time) -> outputs (batch, time, width) and the new state."""
        hidden, state = self.lstm(self.embed(ids), state)
        return self.dropout(hidden), state

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """ids int64 (batch, time) -> logits of each next word (batch, time, vocab_size)."""
        return self.logits(self.follow(ids)[0])

    def reader(self) -> RecurrentReader:
        """A reader that has read nothing yet."""
        return RecurrentReader(self)

    @torch.inference_mode()
    def losses(self, stream: NDArray[np.int64]) -> NDArray[np.float64]:
        """Negative log-likelihood in nats of each word of a dance, (n,).

        Every word is scored by all words before it, as a reader sees them.
        """
        if not len(stream):
            return np.empty(0)
        device = next(self.parameters()).device
        dance = torch.from_numpy(np.concatenate([[self.vocab_size], stream])).to(device)
        scored, state = [], None
        for ids, words in zip(
            torch.split(dance[:-1], SCORED_AT_ONCE), torch.split(dance[1:], SCORED_AT_ONCE), strict=True
        ):
            hidden, state = self.follow(ids[None], state)
            scored.append(functional.cross_entropy(self.logits(hidden[0]).float(), words, reduction="none"))
        return np.asarray(torch.cat(scored).double().cpu().numpy())


class RecurrentReader:
    """Reads a dance word by word, keeping the state of the layers.

    The layers' cells are called one after another: the same sums as `nn.LSTM`, without what it
    prepares at every call, which costs more than the sums of a single word (compared in the tests).
    """

    def __init__(self, model: RecurrentModel) -> None:
        self._model = model
        self._cells = model.lstm.all_weights
        self._device = self._cells[0][0].device
        nothing = torch.zeros(1, model.lstm.hidden_size, device=self._device)
        self._states = [(nothing, nothing) for _ in self._cells]

    @torch.inference_mode()
    def read(self, ids: NDArray[np.int64]) -> torch.Tensor:
        """Read on: ids (n,), at least one; gives the logits of the next word, float32 (vocab_size,) on the CPU.

        Raises
        ------
        ModelError : nothing to read, or an id that the model does not know.
        """
        check_ids(ids, self._model.vocab_size)
        embedded = self._model.embed(torch.from_numpy(np.ascontiguousarray(ids)).to(self._device))
        for x in torch.split(embedded, 1):
            for layer, weights in enumerate(self._cells):
                self._states[layer] = torch.lstm_cell(x, self._states[layer], *weights)
                x = self._states[layer][0]
        return self._model.logits(x)[0].float().cpu()
