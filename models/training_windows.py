"""Windows of rows to learn from, cut anywhere from dances."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from models.row_layout import RowLayout


class TrainingWindows:
    """Dances that lie end to end in a ring, each twice behind the id that begins a dance.

    Windows are cut from it anywhere: every row is learned equally often, in short dances and in
    long ones. Lying twice, a dance leads back from its end to its start; else a model would know
    nothing to follow on its last pose, and would stay there.

    Parameters
    ----------
    streams : one stream of ids (n,) a dance.
    layout : of the ids.
    device : where the windows are needed; the ring lies there, and they are cut there.
    """

    def __init__(self, streams: Sequence[NDArray[np.int64]], layout: RowLayout, device: torch.device) -> None:
        pieces = [piece for stream in streams for piece in (layout.beginning, stream, stream)]
        self._rows = torch.from_numpy(np.concatenate(pieces).reshape(-1, layout.places)).to(device)

    def windows(self, n: int, length: int, chance: np.random.Generator) -> torch.Tensor:
        """Cut `n` windows of so many rows: int64 (n, length, places)."""
        starts = torch.from_numpy(chance.integers(len(self._rows), size=(n, 1))).to(self._rows.device)
        return self._rows[(starts + torch.arange(length, device=self._rows.device)) % len(self._rows)]
