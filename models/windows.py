"""Windows of words to learn from, cut anywhere from dances."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray


class Ring:
    """Dances that lie end to end in a ring, each twice behind the id that begins a dance.

    Windows are cut from it anywhere: every word is learned equally often, in short dances and in
    long ones. Lying twice, a dance leads back from its end to its start; else a model would know
    nothing to follow on its last pose, and would stay there.

    Parameters
    ----------
    streams : one row of ids (n,) a dance.
    beginning : the id that stands before a dance's first word.
    device : where the windows are needed; the ring lies there, and they are cut there.
    """

    def __init__(self, streams: Sequence[NDArray[np.int64]], beginning: int, device: torch.device) -> None:
        pieces = [piece for stream in streams for piece in (np.array([beginning]), stream, stream)]
        self._ids = torch.from_numpy(np.concatenate(pieces)).to(device)

    def windows(self, n: int, length: int, chance: np.random.Generator) -> torch.Tensor:
        """Cut `n` windows: int64 (n, length)."""
        starts = torch.from_numpy(chance.integers(len(self._ids), size=(n, 1))).to(self._ids.device)
        return self._ids[(starts + torch.arange(length, device=self._ids.device)) % len(self._ids)]
