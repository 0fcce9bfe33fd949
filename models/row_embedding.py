"""Rows of words in a network: read all at once, said one word after another.

Words are said by the same numbers that they are read by: Press & Wolf, *Using the Output Embedding to
Improve Language Models* (2017). What a large network makes of the rows before is enough for a small one to say the
words of the next: Lee et al., *Autoregressive Image Generation using Residual Quantization* (2022).
"""

import torch
from torch import nn
from torch.nn import functional

from models.row_layout import RowLayout


class RowEmbedding(nn.Module):
    """What the words of each place are to a network, and what it says of them.

    With one place it is an embedding and nothing else: each place of several has layers of its own.

    Parameters
    ----------
    layout : which words there are.
    embedding : (n_words + 1, width), by which words are read and said; the last one begins a dance.
    biased : whether each word has a bias.
    """

    def __init__(self, layout: RowLayout, embedding: nn.Embedding, biased: bool = False) -> None:
        super().__init__()
        self.embedding = embedding
        self.bias = nn.Parameter(torch.zeros(layout.n_words)) if biased else None
        self.places = _Places(layout, embedding.embedding_dim) if layout.places > 1 else None
        self._grammar = layout

    def embed(self, rows: torch.Tensor) -> torch.Tensor:
        """int64 (..., places) -> the sum of their words' numbers (..., width)."""
        embedded: torch.Tensor = self.embedding(rows)
        return embedded.sum(-2)

    def logits(self, hidden: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
        """What a row is said from (n, width), its words so far (n, place) -> logits of the next (n, vocabulary)."""
        if self.places is not None:
            hidden = self.places(hidden, said)
        ids = self._grammar.ids(said.shape[-1])
        return functional.linear(hidden, self.embedding.weight[ids], None if self.bias is None else self.bias[ids])


class _Places(nn.Module):
    """From what a row is said from to what the word at one of its places is said from."""

    def __init__(self, layout: RowLayout, width: int) -> None:
        super().__init__()
        self.said = nn.Embedding(layout.starts[-1], width)  # those of the last place are said to nobody
        nn.init.normal_(self.said.weight, std=0.02)  # as small as GPT-2's
        self.mlps = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
            for _ in layout.vocabularies
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, hidden: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
        """hidden (n, width), the row's words so far (n, place) -> (n, width)."""
        x = hidden + self.said(said).sum(-2)
        normed: torch.Tensor = self.norm(x + self.mlps[said.shape[-1]](x))
        return normed
