"""Ids of words: the integers that codecs and language models share."""

import numpy as np
from numpy.typing import NDArray

from pose_vocab.runs import runs

Ids = NDArray[np.int64]
"""(rows, places): a row for each segment of a dance, a word at each place."""

GAP = -1
"""The id at a place whose part is unseen."""


def unbroken(ids: Ids, min_rows: int = 1) -> list[Ids]:
    """Return the stretches of at least `min_rows` rows without a row of GAPs only, in order of time."""
    return [ids[run] for run in runs((ids != GAP).any(axis=1)) if run.stop - run.start >= min_rows]
