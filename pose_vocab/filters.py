"""The low-pass filter shared by cleaning and decoding."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

FILTER_ORDER = 2
"""Order of the Butterworth filter; run forwards and backwards it acts as one of twice the order."""

Rows = TypeVar("Rows", bound=NDArray[np.floating[Any]])


def low_pass(path: Rows, cutoff_hz: float, fps: float) -> Rows:
    """Remove frequencies above `cutoff_hz` from a path (frames, ...), without delay.

    A Butterworth filter run forwards and backwards (`scipy.signal.sosfiltfilt`). A cut-off at or above half
    the frame rate, or a path of one frame, changes nothing.
    """
    if cutoff_hz >= fps / 2 or len(path) < 2:
        return path
    from scipy.signal import butter, sosfiltfilt  # takes a second, which reading a pose file need not wait for

    sos = butter(FILTER_ORDER, cutoff_hz, fs=fps, output="sos")
    padding = min(3 * (2 * len(sos) + 1), len(path) - 1)
    return sosfiltfilt(sos, path, axis=0, padlen=padding).astype(path.dtype)  # type: ignore[no-any-return]
