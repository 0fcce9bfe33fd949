"""Error of a codec: a real dance compared with the same dance encoded and decoded."""

import numpy as np

from bopbot.metrics.motion import check_alike, check_same_length
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip

STRETCH_S = 1.0
"""Displacements of the hips are compared over stretches of this length."""


def reconstruction_error(real: Clip, decoded: Clip) -> float:
    """Return the mean distance between joints around the hips, where both are seen, in torso lengths.

    Raises
    ------
    PoseError : the clips differ in kind or length, or show no joint at the same time.
    """
    check_alike([real, decoded])
    check_same_length(real, decoded)
    apart = np.linalg.norm(real.centred - decoded.centred, axis=2)
    apart = apart[~np.isnan(apart)]
    if not len(apart):
        raise PoseError("the two dances never show the same joint at the same time, so nothing can be compared")
    return float(apart.mean())


def hip_path_error(real: Clip, decoded: Clip) -> float:
    """Return how far the path of the hips drifts per second, height included, in torso lengths per second.

    The mean length of the difference between the displacements of the real and the decoded hips over every stretch of
    one second. The starting point does not count. A shorter clip is one stretch, scaled to a second.

    Raises
    ------
    PoseError : the clips differ in kind or length, or have fewer than two frames.
    """
    fps = check_alike([real, decoded])
    check_same_length(real, decoded)
    stretch = min(max(1, round(STRETCH_S * fps)), len(real) - 1)
    if not stretch:
        raise PoseError("a single frame has no displacement of the hips; give at least two")
    difference = decoded.placement.hip_path.astype(np.float64) - real.placement.hip_path
    drifts = np.linalg.norm(difference[stretch:] - difference[:-stretch], axis=1)
    return float(drifts.mean() * fps / stretch)
