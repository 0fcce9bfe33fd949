"""Windows of rows for training, cut from dances at any row."""

from collections.abc import Sequence

import numpy as np
import torch

from models.row_layout import RowLayout
from pose_vocab.ids import Ids


class TrainingWindows:
    """Dances end to end in a ring, each twice behind the row that begins a dance.

    Windows are cut at any row, so every row is trained on equally often, in short dances and in long ones. As each
    dance lies there twice, it leads back from its end to its start; otherwise a model would know nothing to follow on
    its last pose, and would stand still there.

    Parameters
    ----------
    dances : ids (rows, places) of each.
    layout : of the ids.
    device : where the ring lies and the windows are needed.
    """

    def __init__(self, dances: Sequence[Ids], layout: RowLayout, device: torch.device) -> None:
        pieces = [piece for ids in dances for piece in (layout.bos_row[None], ids, ids)]
        self._rows = torch.from_numpy(np.concatenate(pieces)).to(device)

    def windows(self, n: int, length: int, generator: np.random.Generator) -> torch.Tensor:
        """Return `n` windows of `length` rows: int64 (n, length, places)."""
        starts = torch.from_numpy(generator.integers(len(self._rows), size=(n, 1))).to(self._rows.device)
        return self._rows[(starts + torch.arange(length, device=self._rows.device)) % len(self._rows)]
