"""An LSTM over rows of words: what modelled language before transformers did.

Zaremba, Sutskever & Vinyals, *Recurrent Neural Network Regularization* (2014); words are read
magnified by the root of their width: Vaswani et al., *Attention Is All You Need* (2017).
"""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path

import torch
from torch import nn

from models.checkpoints import load_checkpoint, save_checkpoint
from models.device import seeded
from models.grammar import Grammar
from models.recurrent import RecurrentModel, RecurrentSize
from models.rows import RowWords

FORMAT = "bopbot-lstm 2"
"""The version line of a saved model."""


class LSTMSize(RecurrentSize):
    """How large an LSTM over rows of words is; a word has as many numbers as a layer."""


class LSTM(RecurrentModel):
    """An LSTM language model over rows of words.

    Parameters
    ----------
    size : layers, width, context.
    grammar : which words there are.
    seed : of the untrained weights.
    """

    def __init__(self, size: LSTMSize, grammar: Grammar, seed: int = 0) -> None:
        with seeded(seed, torch.device("cpu")):
            super().__init__(size, size.width, grammar)
            self.size = size
            embedding = nn.Embedding(grammar.n_words + 1, size.width)
            nn.init.normal_(embedding.weight, std=size.width**-0.5)  # small numbers to say words by
            self.words = RowWords(grammar, embedding, biased=True)
        self.eval()

    def embed(self, rows: torch.Tensor) -> torch.Tensor:
        """Rows int64 (..., places) -> the sum of their words' numbers, magnified (..., width)."""
        embedded: torch.Tensor = self.dropout(self.words.embed(rows))
        return embedded * math.sqrt(self.size.width / self.grammar.places)  # numbers near 1 to read them by

    def logits(self, hidden: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
        return self.words.logits(hidden, said)

    def save(self, folder: str | Path) -> None:
        """Write the model as a folder; `load` gives back the same. Raises OutputError if it cannot be written."""
        save_checkpoint(folder, FORMAT, self.grammar, {"size": asdict(self.size)}, self)

    @classmethod
    def load(cls, folder: str | Path, grammar: Grammar) -> LSTM:
        """Read a folder that `save` wrote, for the words of a grammar.

        Raises
        ------
        ModelError : no model there, a damaged one, or one that was trained on another vocabulary.
        """
        return load_checkpoint(folder, FORMAT, grammar, lambda config: cls(LSTMSize(**config["size"]), grammar))
