"""An LSTM over words: what modelled language before transformers did.

Zaremba, Sutskever & Vinyals, *Recurrent Neural Network Regularization* (2014); words are said by the
same numbers that they are read by: Press & Wolf, *Using the Output Embedding to Improve Language Models* (2017), and
read magnified by the root of their width: Vaswani et al., *Attention Is All You Need* (2017).
"""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from models.checkpoints import load_checkpoint, save_checkpoint
from models.device import seeded
from models.recurrent import RecurrentModel, RecurrentSize

FORMAT = "bopbot-lstm 1"
"""The version line of a saved model."""


class LSTMSize(RecurrentSize):
    """How large an LSTM over words is; a word has as many numbers as a layer."""


class LSTM(RecurrentModel):
    """An LSTM language model over the words of one vocabulary.

    Parameters
    ----------
    size : layers, width, context.
    vocab_size : how many words there are.
    fingerprint : names the vocabulary that the ids belong to.
    seed : of the untrained weights.

    Raises
    ------
    ModelError : there are no words.
    """

    def __init__(self, size: LSTMSize, vocab_size: int, fingerprint: str, seed: int = 0) -> None:
        with seeded(seed, torch.device("cpu")):
            super().__init__(size, size.width, vocab_size, fingerprint)
            self.size = size
            self.embedding = nn.Embedding(vocab_size + 1, size.width)  # the last one begins a dance
            nn.init.normal_(self.embedding.weight, std=size.width**-0.5)  # small numbers to say words by
            self.bias = nn.Parameter(torch.zeros(vocab_size))
        self.eval()

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        """ids int64 (...) -> the words' numbers, magnified (..., width)."""
        embedded: torch.Tensor = self.dropout(self.embedding(ids))
        return embedded * math.sqrt(self.size.width)  # numbers near 1 to read them by

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """The last layer's output (..., width) -> logits of the next word (..., vocab_size)."""
        return functional.linear(hidden, self.embedding.weight[: self.vocab_size], self.bias)

    def save(self, folder: str | Path) -> None:
        """Write the model as a folder; `load` gives back the same. Raises OutputError if it cannot be written."""
        config = {"vocab_size": self.vocab_size, "size": asdict(self.size)}
        save_checkpoint(folder, FORMAT, self.fingerprint, config, self)

    @classmethod
    def load(cls, folder: str | Path, fingerprint: str) -> LSTM:
        """Read a folder that `save` wrote, for the vocabulary that `fingerprint` names.

        Raises
        ------
        ModelError : no model there, a damaged one, or one that was trained on another vocabulary.
        """
        return load_checkpoint(
            folder,
            FORMAT,
            fingerprint,
            lambda config: cls(LSTMSize(**config["size"]), config["vocab_size"], fingerprint),
        )
