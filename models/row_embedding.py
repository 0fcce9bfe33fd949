"""Rows of words in a network: read all at once, predicted one word after another.

Input and output share one embedding: Press & Wolf, *Using the Output Embedding to Improve Language Models* (2017).
A large network summarizes the rows before, a small one predicts the words of the next row from that: Lee et al.,
*Autoregressive Image Generation using Residual Quantization* (2022).
"""

import torch
from torch import nn
from torch.nn import functional

from models.row_layout import RowLayout


class RowEmbedding(nn.Module):
    """The embedding of the words of each place, and the logits of the next word.

    With one place it is an embedding and nothing else; with several, each place has layers of its own. A GAP adds
    nothing to the sum of a row's embeddings.

    Parameters
    ----------
    layout : the words.
    embedding : (n_words + 1, width), for input and output; the last one begins a dance.
    biased : whether each word has a bias.
    """

    def __init__(self, layout: RowLayout, embedding: nn.Embedding, biased: bool = False) -> None:
        super().__init__()
        self.embedding = embedding
        self.bias = nn.Parameter(torch.zeros(layout.n_words)) if biased else None
        self.places = _Places(layout, embedding.embedding_dim) if layout.places > 1 else None
        self._layout = layout

    def embed(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the sum of the embeddings of rows int64 (..., places): (..., width)."""
        return _sum_of_seen(self.embedding, rows)

    def logits(self, hidden: torch.Tensor, prefix: torch.Tensor) -> torch.Tensor:
        """Return the logits (n, words of the place) from hidden (n, width) and the row's words so far (n, place)."""
        if self.places is not None:
            hidden = self.places(hidden, prefix)
        ids = self._layout.ids(prefix.shape[-1])
        return functional.linear(hidden, self.embedding.weight[ids], None if self.bias is None else self.bias[ids])


class _Places(nn.Module):
    """From the summary of the rows before to what the word at one place is predicted from."""

    def __init__(self, layout: RowLayout, width: int) -> None:
        super().__init__()
        # The words of the last place are no prefix. `said` is the name of these weights in saved models.
        self.said = nn.Embedding(layout.starts[-1], width)
        nn.init.normal_(self.said.weight, std=0.02)  # as small as GPT-2's
        self.mlps = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
            for _ in layout.sizes
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, hidden: torch.Tensor, prefix: torch.Tensor) -> torch.Tensor:
        """Return (n, width) from hidden (n, width) and the row's words so far (n, place)."""
        x = hidden + _sum_of_seen(self.said, prefix)
        normed: torch.Tensor = self.norm(x + self.mlps[prefix.shape[-1]](x))
        return normed


def _sum_of_seen(embedding: nn.Embedding, ids: torch.Tensor) -> torch.Tensor:
    """Return the sum over the last axis of the embeddings of ids; a GAP, which is negative, adds nothing."""
    embedded: torch.Tensor = embedding(ids.clamp(min=0))
    return (embedded * (ids >= 0).unsqueeze(-1)).sum(-2)
