"""A language model whose next word depends on the word before it only, so that what is generated follows by hand."""

import torch

from models.row_layout import RowLayout
from pose_vocab.ids import Ids


class ChainReader:
    """Remembers the last word that was read."""

    def __init__(self, model: "Chain") -> None:
        self._model = model
        self._last: int | None = None

    def read(self, rows: Ids) -> None:
        layout = self._model.layout
        layout.check(rows[(rows != layout.bos).any(axis=1)])
        if len(rows):
            self._last = int(rows[-1, -1])

    def logits(self, prefix: Ids) -> torch.Tensor:
        assert self._last is not None
        last = int(prefix[-1]) if len(prefix) else self._last
        logits = torch.full((self._model.layout.n_words,), -torch.inf)
        possible = self._model.layout.ids(len(prefix))
        logits[possible] = self._model.table[last, possible]
        return logits


class Chain:
    """Logits (n_words + 1, n_words) of each word after the last one; the last row follows `bos`, or a gap (-1)."""

    def __init__(self, table: torch.Tensor, layout: RowLayout | None = None) -> None:
        self.table = table
        self.layout = layout or RowLayout((table.shape[1],), "x")

    def reader(self) -> ChainReader:
        return ChainReader(self)


def chain(*likeliest: int, layout: RowLayout | None = None) -> Chain:
    """Return a chain in which likeliest[i] is the likeliest word after word i, and word 0 is second.

    The last entry follows the beginning of a dance, or a gap.
    """
    table = torch.zeros(len(likeliest), len(likeliest) - 1)
    table[:, 0] = 1
    table[torch.arange(len(likeliest)), torch.tensor(likeliest)] = 2
    return Chain(table, layout)
