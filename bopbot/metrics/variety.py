"""How many different words a dance holds."""

import numpy as np

from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP, Ids

WINDOW_S = 10.0
"""Length of the windows in which distinct words are counted, where the dances are long enough."""


def distinct_words(ids: Ids, rows_per_second: float, seconds: float = WINDOW_S) -> float:
    """Return the count of distinct words in windows of ids (rows, places): the mean over all windows of that length.

    A longer dance holds more words, so only windows of the same length compare. Windows with a row of GAPs only are
    left out; a GAP is no word.

    Raises
    ------
    ModelError : there is no such window.
    """
    n_rows = round(seconds * rows_per_second)
    if not 0 < n_rows <= len(ids):
        raise ModelError(
            f"there are no {seconds:g} s in {len(ids)} rows at {rows_per_second:g} a second; choose shorter windows"
        )
    windows = np.lib.stride_tricks.sliding_window_view(ids, n_rows, axis=0)
    readable = (windows != GAP).any(axis=1).all(axis=1)
    if not readable.any():
        raise ModelError(f"there are no {seconds:g} s without a gap in {len(ids)} rows; choose shorter windows")
    words = np.sort(windows[readable].reshape(readable.sum(), -1), axis=1)
    new = np.diff(words, axis=1, prepend=GAP) != 0
    return float(new.sum(axis=1).mean())
