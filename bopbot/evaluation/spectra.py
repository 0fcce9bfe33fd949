"""How often a second joints speed up and slow down: a freeze lacks all of it, and jitter has too much of the fast."""

from collections.abc import Sequence

import numpy as np
from scipy.signal import periodogram

from bopbot.metrics.motion import check_alike, mean_seen
from bopbot.metrics.windows import windows
from pose_vocab.motion import Floats
from pose_vocab.normalization import Clip

WINDOW_S = 5.0
"""Length of the pieces whose spectra are averaged: P. Welch (1967), without overlap."""


def speed_spectrum(clips: Sequence[Clip]) -> tuple[Floats, Floats]:
    """The frequencies in Hz, and the power density of the speed of joints at each, both (frequencies,).

    The mean over pieces and joints that are seen all through one, in (torso lengths / s)^2 / Hz.

    Raises
    ------
    PoseError : the clips differ in kind, or none has `WINDOW_S` seconds.
    """
    fps = check_alike(clips)
    pieces = np.stack([piece.centred for piece in windows(clips, WINDOW_S)])
    speeds = np.linalg.norm(np.diff(pieces, axis=1), axis=3) * fps
    hz, power = periodogram(speeds, fps, "hann", axis=1)
    return hz[1:], mean_seen(np.moveaxis(power, 2, 1).reshape(-1, len(hz)))[1:]
