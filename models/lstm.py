"""An LSTM over rows of words, the baseline from before transformers.

Zaremba, Sutskever & Vinyals, *Recurrent Neural Network Regularization* (2014). Input embeddings are multiplied by the
root of their width: Vaswani et al., *Attention Is All You Need* (2017).
"""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path

import torch
from torch import nn

from models.checkpoints import load_checkpoint, save_checkpoint
from models.device import seeded
from models.lstm_stack import RecurrentModel, RecurrentSize
from models.row_embedding import RowEmbedding
from models.row_layout import RowLayout

FORMAT = "bopbot-lstm 2"
"""The version line of a saved model."""


class LSTMSize(RecurrentSize):
    """The size of an LSTM over rows of words; an embedding has as many numbers as a layer."""


class LSTM(RecurrentModel):
    """An LSTM language model over rows of words.

    Parameters
    ----------
    size : layers, width, context.
    layout : the words.
    seed : of the untrained weights.
    """

    def __init__(self, size: LSTMSize, layout: RowLayout, seed: int = 0) -> None:
        with seeded(seed, torch.device("cpu")):
            super().__init__(size, size.width, layout)
            self.size = size
            embedding = nn.Embedding(layout.n_words + 1, size.width)
            nn.init.normal_(embedding.weight, std=size.width**-0.5)  # small numbers for the output
            self.words = RowEmbedding(layout, embedding, biased=True)
        self.eval()

    def embed(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the scaled sum of the embeddings of rows int64 (..., places): (..., width)."""
        embedded: torch.Tensor = self.dropout(self.words.embed(rows))
        return embedded * math.sqrt(self.size.width / self.layout.places)  # numbers near 1 for the input

    def logits(self, hidden: torch.Tensor, prefix: torch.Tensor) -> torch.Tensor:
        return self.words.logits(hidden, prefix)

    def save(self, folder: str | Path) -> None:
        """Write the model as a folder; `load` gives back the same. Raises OutputError if it cannot be written."""
        save_checkpoint(folder, FORMAT, self.layout, {"size": asdict(self.size)}, self)

    @classmethod
    def load(cls, folder: str | Path, layout: RowLayout) -> LSTM:
        """Read a folder that `save` wrote, for the words of a layout.

        Raises
        ------
        ModelError : no model there, a damaged one, or one that was trained on another vocabulary.
        """
        return load_checkpoint(folder, FORMAT, layout, lambda config: cls(LSTMSize(**config["size"]), layout))
