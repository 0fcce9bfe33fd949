"""Foot skating: feet that slide while they touch the ground."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bopbot.metrics.motion import check_alike, horizontal
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip

FEET = (("left_ankle", "left_toe"), ("right_ankle", "right_toe"))
CONTACT_TORSOS = 0.05
"""A foot lower than this touches the ground; 2 cm for a torso of 37 cm.

In 24 salsa takes of motion capture half of the feet lower than 0.03 move slower than 0.27 torso lengths/s, and
half of those between 0.1 and 0.15 faster than 4.6."""
SLIDING_TORSOS_S = 1.0
"""A foot on the ground that is faster slides: nine in ten of those lower than 0.03 are slower than 0.9."""


def foot_skating(clips: Sequence[Clip]) -> float:
    """Return the share of frames in which a foot touches the ground and moves along it.

    A foot is its ankle or its toe, whichever is lower. It touches the ground if that is below `CONTACT_TORSOS` in two
    consecutive frames, and slides if it is faster than `SLIDING_TORSOS_S` along the ground. After K. Karunratanakul
    et al., "Guided Motion Diffusion" (2023). In 2D the rear foot is above the ground line, so 2D values are lower
    than 3D ones.

    Raises
    ------
    PoseError : the clips differ in kind, or show no foot in two consecutive frames.
    """
    check_alike(clips)
    sliding = [_sliding(clip) for clip in clips]
    if not sum(map(len, sliding)):
        raise PoseError(
            "no foot is seen in two consecutive frames, so skating is not measurable; film the dancer from head to foot"
        )
    return float(np.concatenate(sliding).mean())


def _sliding(clip: Clip) -> NDArray[np.bool_]:
    """Return whether a foot slides from one frame to the next, (steps,), for the steps that show a foot."""
    feet = clip.placed[:, [[clip.poses.skeleton.index(joint) for joint in foot] for foot in FEET]]
    heights = np.maximum(feet[1:, ..., 1], feet[:-1, ..., 1])
    speeds = np.linalg.norm(np.diff(horizontal(feet), axis=0), axis=-1) * clip.poses.fps
    seen = ~np.isnan(heights)
    lowest = np.where(seen, heights, np.inf).min(axis=2, keepdims=True)
    sliding = (heights == lowest) & (heights < CONTACT_TORSOS) & (speeds > SLIDING_TORSOS_S)
    return np.asarray(sliding.any(axis=(1, 2))[seen.any(axis=(1, 2))])
