"""How many different words a dance says."""

import numpy as np

from pose_vocab.codec.vocabulary import GAP, Ids
from pose_vocab.errors import ModelError

WINDOW_S = 10.0


def distinct_words(ids: Ids, fps: float, seconds: float = WINDOW_S) -> float:
    """How many different words ids (n,) say in so many seconds: the mean over all windows of that length.

    A longer dance says more words, so only windows of the same length compare. Those with a gap are left out.

    Raises
    ------
    ModelError : there is no window of that length without a gap.
    """
    frames = round(seconds * fps)
    if not 0 < frames <= len(ids):
        raise ModelError(f"there are no {seconds:g} s in {len(ids)} words at {fps:g} a second; choose shorter windows")
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(ids, frames), axis=1)
    windows = windows[windows[:, 0] != GAP]
    if not len(windows):
        raise ModelError(f"there are no {seconds:g} s without a gap in {len(ids)} words; choose shorter windows")
    return float(1 + (np.diff(windows, axis=1) != 0).sum(axis=1).mean())
