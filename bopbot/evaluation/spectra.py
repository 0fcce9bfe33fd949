"""Power spectra of joint speed: a frozen dance lacks all power, a jittery one has too much at high frequencies."""

from collections.abc import Sequence

import numpy as np
from scipy.signal import periodogram

from bopbot.metrics.clip_windows import cut_windows
from bopbot.metrics.motion import check_alike, mean_seen
from pose_vocab.motion import Floats
from pose_vocab.normalization import Clip

WINDOW_S = 5.0
"""Length of the windows whose spectra are averaged: P. Welch (1967), without overlap."""


def speed_spectrum(clips: Sequence[Clip]) -> tuple[Floats, Floats]:
    """Return frequencies in Hz, and the power spectral density of joint speed at each, both (frequencies,).

    The mean over windows and the joints that are seen in all of a window, in (torso lengths / s)^2 / Hz.

    Raises
    ------
    PoseError : the clips differ in kind, or none is `WINDOW_S` seconds long.
    """
    fps = check_alike(clips)
    pieces = np.stack([piece.centred for piece in cut_windows(clips, WINDOW_S)])
    speeds = np.linalg.norm(np.diff(pieces, axis=1), axis=3) * fps
    hz, power = periodogram(speeds, fps, "hann", axis=1)
    return hz[1:], mean_seen(np.moveaxis(power, 2, 1).reshape(-1, len(hz)))[1:]
