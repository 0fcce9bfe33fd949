"""Read a dance row by row and predict the words of the next row."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import torch

from models.row_layout import RowLayout
from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP, Ids


class RowReader(ABC):
    """Checks what is read, and spreads the logits of a place over all words."""

    def __init__(self, layout: RowLayout) -> None:
        self._layout = layout
        self._began = False

    @abstractmethod
    def follow(self, rows: Ids) -> None:
        """Read whole rows (n, places), at least one; GAPs and the row that begins a dance among them."""

    @abstractmethod
    def logits_of_place(self, prefix: Ids) -> torch.Tensor:
        """Return the logits (words of the place,) of the word behind those of a row so far, (place,)."""

    @torch.inference_mode()
    def read(self, rows: Ids) -> None:
        """Read rows int64 (n, places); `layout.bos_row` stands for the beginning of a dance.

        Raises
        ------
        ModelError : another shape, or a word that the model does not know at its place.
        """
        begins = (rows == self._layout.bos).all(axis=-1, keepdims=True)
        self._layout.check(np.where(begins, GAP, rows))
        if len(rows):
            self.follow(np.ascontiguousarray(rows))
            self._began = True

    @torch.inference_mode()
    def logits(self, prefix: Ids) -> torch.Tensor:
        """Return the logits float32 (n_words,), on the CPU, of the word behind `prefix` (place,) in the next row.

        Words of other places are at -inf.

        Raises
        ------
        ModelError : nothing was read before, or the prefix holds a word that the model does not know at its place, or
            a whole row.
        """
        self._layout.check_prefix(prefix)
        if not self._began:
            raise ModelError("nothing was read; a dance begins with the row `layout.bos_row`, or with a row of words")
        logits = torch.full((self._layout.n_words,), -torch.inf)
        logits[self._layout.ids(len(prefix))] = self.logits_of_place(np.ascontiguousarray(prefix)).float().cpu()
        return logits
