"""Augment training data: mirrored, faster and slower dances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pose_vocab.motion import M
from pose_vocab.normalization import Clip
from pose_vocab.resampling import resample

TEMPOS = (0.85, 1.0, 1.15)
"""Factors of the tempo at which a dance is trained on."""


def mirrored_too(clips: Sequence[M]) -> list[M]:
    """Return the clips and, behind them, their mirror images."""
    return [*clips, *(clip.mirrored() for clip in clips)]


def at_tempos(clips: Sequence[Clip]) -> list[Clip]:
    """Return the clips, each at every one of `TEMPOS`."""
    return [at_tempo(clip, tempo) for clip in clips for tempo in TEMPOS]


def at_tempo(clip: Clip, tempo: float) -> Clip:
    """Return the same dance, `tempo` times as fast, at the same frame rate."""
    if tempo == 1 or len(clip) < 2:
        return clip
    fps, path = clip.poses.fps, clip.placement.hip_path
    poses = resample(replace(clip.poses, fps=fps * tempo), fps)
    times = np.arange(len(poses)) * tempo
    hip_path = np.column_stack([np.interp(times, np.arange(len(path)), axis) for axis in path.T])
    return Clip(poses, replace(clip.placement, hip_path=hip_path.astype(np.float32)))
