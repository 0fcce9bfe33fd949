"""Motion beats: the times at which the body almost stops before it moves on."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from pose_vocab.motion import Floats, Motion
from pose_vocab.resampling import fill_missing

SMOOTHING_S = 5 / 60
"""Standard deviation of the Gaussian that smooths the speed: five frames at 60 fps, as in Bailando."""


def motion_beats(dance: Motion) -> Floats:
    """Return the local minima of the joints' summed speed, in seconds after the first frame, ascending.

    As in R. Li et al., "AI Choreographer" (2021), `calculate_beat_scores.py`, smoothed as in L. Siyao et
    al., "Bailando" (2022). At 20 fps a frame is as long as the tolerance of `beat_alignment`, so a minimum
    is located between frames, at the vertex of the parabola through the three speeds around it. The travel
    of the hips is included; the speed of a missing joint is interpolated, so that its absence is not taken
    for a stop.
    """
    if len(dance) < 2:
        return np.empty(0)
    speeds = np.linalg.norm(np.diff(dance.placed, axis=0), axis=2)
    speed = gaussian_filter1d(fill_missing(speeds).sum(axis=1), SMOOTHING_S * dance.fps)
    _, lowest = find_peaks(-speed, plateau_size=1)
    first, last = lowest["left_edges"], lowest["right_edges"]
    before, at, after = speed[first - 1], speed[first], speed[last + 1]
    vertex = (first + last) / 2 + ((last - first) / 2 + 1) * (before - after) / (before - 2 * at + after) / 2
    # A speed belongs to the middle between its two frames.
    return np.asarray((vertex + 0.5) / dance.fps)
