"""What words lose: a real dance against the same dance, encoded and decoded."""

import numpy as np

from bopbot.metrics.motion import check_alike, check_same_length
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip

STRETCH_S = 1.0
"""Over such stretches the ways of the hips are compared."""


def reconstruction_error(real: Clip, decoded: Clip) -> float:
    """Mean distance between joints around the hips, over the frames and joints that both show, in torso lengths.

    Raises
    ------
    PoseError : the clips do not fit each other frame by frame, or show no joint at the same time.
    """
    check_alike([real, decoded])
    check_same_length(real, decoded)
    apart = np.linalg.norm(real.centred - decoded.centred, axis=2)
    apart = apart[~np.isnan(apart)]
    if not len(apart):
        raise PoseError("the two dances never show the same joint at the same time, so nothing can be compared")
    return float(apart.mean())


def hip_path_error(real: Clip, decoded: Clip) -> float:
    """How far the hips stray from their way in a second, height included, in torso lengths a second.

    The mean length of the difference between the ways (displacements) of the two pairs of hips, over
    every stretch of one second. So a drift counts as long as it goes on, and where the dance begins
    does not. A shorter clip is one stretch, and what it strays is brought to a second.

    Raises
    ------
    PoseError : the clips do not fit each other frame by frame, or have less than two frames.
    """
    fps = check_alike([real, decoded])
    check_same_length(real, decoded)
    stretch = min(max(1, round(STRETCH_S * fps)), len(real) - 1)
    if not stretch:
        raise PoseError("the hips go no way in a single frame; give at least two")
    strayed = decoded.placement.hip_path.astype(np.float64) - real.placement.hip_path
    strays = np.linalg.norm(strayed[stretch:] - strayed[:-stretch], axis=1)
    return float(strays.mean() * fps / stretch)
