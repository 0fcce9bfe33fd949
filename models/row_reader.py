"""Reading a dance in pieces that end anywhere in a row."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import torch
from numpy.typing import NDArray

from models.row_layout import RowLayout
from pose_vocab.errors import ModelError


class RowReader(ABC):
    """Follows a dance row by row, and keeps the words of the row that is not yet whole."""

    def __init__(self, layout: RowLayout) -> None:
        self._grammar = layout
        self._said = np.empty(0, np.int64)
        self._began = False

    @abstractmethod
    def follow(self, rows: NDArray[np.int64]) -> None:
        """Read on: whole rows (n, places), at least one."""

    @abstractmethod
    def logits(self, said: NDArray[np.int64]) -> torch.Tensor:
        """After those rows and the words (place,) of the next: logits of the word at that place (vocabulary,)."""

    @torch.inference_mode()
    def read(self, ids: NDArray[np.int64]) -> torch.Tensor:
        """Read on: ids (n,), at least one; gives the logits of the next word, float32 (n_words,) on the CPU.

        Raises
        ------
        ModelError : nothing to read, an id that the model does not know, one that stands at another place,
            or nothing before a row that is not whole.
        """
        words = np.concatenate([self._said, self._grammar.read_on(ids, len(self._said))])
        rows, said = np.split(words, [len(words) // self._grammar.places * self._grammar.places])
        if not self._began and not len(rows):
            raise ModelError(
                f"a dance is read from its beginning, id {self._grammar.n_words}, or from a whole row of "
                f"{self._grammar.places} words on, got {len(said)} words"
            )
        if len(rows):
            self.follow(rows.reshape(-1, self._grammar.places))
        self._said, self._began = said, True
        logits = torch.full((self._grammar.n_words,), -torch.inf)
        logits[self._grammar.ids(len(said))] = self.logits(said).float().cpu()
        return logits
