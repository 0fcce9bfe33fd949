"""A new dance no shakier than the dancer: what is faster than its moves is taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bopbot.metrics.jitter import jitter_ratio
from pose_vocab.filters import low_pass
from pose_vocab.normalization import Clip

CUTOFFS_HZ = np.geomspace(9.0, 2.5, 12)
"""Cut-offs that are tried, the mildest first: below the last a dance would lose its accents."""
CALM = 1.0
"""Accelerations over the dancer's own, up to which nothing is taken out."""


def calmed(dance: Clip, real: Sequence[Clip]) -> Clip:
    """The dance through the mildest low-pass filter that brings its acceleration down to that of real ones.

    New words follow each other less smoothly than those of one motion. Raises PoseError where the dances have no
    joint in common, or the real ones stand still.
    """
    calm = dance
    for cutoff_hz in CUTOFFS_HZ:
        if jitter_ratio([calm], real) <= CALM:
            break
        calm = _smoothed(dance, float(cutoff_hz))
    return calm


def _smoothed(dance: Clip, cutoff_hz: float) -> Clip:
    fps = dance.poses.fps
    hip_path = low_pass(dance.placement.hip_path, cutoff_hz, fps)
    return Clip(
        dance.poses.with_keypoints(low_pass(dance.poses.keypoints, cutoff_hz, fps)),
        replace(dance.placement, hip_path=hip_path),
    )
