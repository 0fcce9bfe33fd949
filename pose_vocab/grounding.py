"""Feet on the ground: a dance put together from mean poses neither floats nor sinks."""

from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter1d, minimum_filter1d

from pose_vocab.normalization import FEET, Clip

LONGEST_LEAP_S = 0.5
"""Within this long every dancer touches the ground again: a leap of 0.3 m lasts half a second."""
SETTLING_S = 0.15
"""Standard deviation of the Gaussian that keeps the correction from jerking."""


def plant_feet(clip: Clip) -> Clip:
    """Shift the hips' height so that the lowest foot touches the ground about once in every `LONGEST_LEAP_S`.

    The lowest foot's height over the ground is followed from below (a rolling minimum) and taken
    away, so leaps stay as high as they are. Without any foot in the clip nothing changes.
    """
    feet = np.stack([clip.poses.joint(name)[:, 1] for name in FEET], axis=1)
    if np.isnan(feet).all(axis=1).any():
        return clip
    hip_path = clip.placement.hip_path.copy()
    lowest = hip_path[:, 1] + np.nanmin(feet, axis=1)
    window = int(LONGEST_LEAP_S * clip.poses.fps) | 1
    floor = minimum_filter1d(lowest, window, mode="nearest")
    hip_path[:, 1] -= gaussian_filter1d(floor, SETTLING_S * clip.poses.fps, mode="nearest")
    return Clip(clip.poses, replace(clip.placement, hip_path=hip_path))
