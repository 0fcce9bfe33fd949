"""Smooth a new dance until it shakes no more than the dancer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bopbot.metrics.jitter import jitter_ratio
from pose_vocab.filters import low_pass
from pose_vocab.motion import M, Motion

CUTOFFS_HZ = np.geomspace(9.0, 2.5, 12)
"""Cut-off frequencies that are tried, the mildest first: below the last a dance would lose its accents."""
MOST_JITTER = 1.0
"""Acceleration over the dancer's own up to which nothing is smoothed."""


def smooth_to_match(dance: M, real: Sequence[Motion]) -> M:
    """Return the dance after the mildest low-pass filter that brings its acceleration down to that of real ones.

    New words follow each other less smoothly than those of one motion. Raises PoseError where the dances have no
    point in common, or the real ones stand still.
    """
    smoothed = dance
    for cutoff_hz in CUTOFFS_HZ:
        if jitter_ratio([smoothed], real) <= MOST_JITTER:
            break
        smoothed = dance.with_values(low_pass(dance.values, float(cutoff_hz), dance.fps))
    return smoothed
