"""More dances from the same: seen in a mirror, danced faster and slower."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pose_vocab.normalization import Clip
from pose_vocab.resampling import resample

TEMPOS = (0.85, 1.0, 1.15)
"""How many times as fast as it was danced a dance is learned."""


def mirrored_too(clips: Sequence[Clip]) -> list[Clip]:
    """The clips, and behind them what a mirror shows of them."""
    return [*clips, *(clip.mirrored() for clip in clips)]


def at_tempos(clips: Sequence[Clip]) -> list[Clip]:
    """The clips, each at every one of `TEMPOS`."""
    return [at_tempo(clip, tempo) for clip in clips for tempo in TEMPOS]


def at_tempo(clip: Clip, tempo: float) -> Clip:
    """The same dance, `tempo` times as fast, at the same frame rate."""
    if tempo == 1 or len(clip) < 2:
        return clip
    fps, path = clip.poses.fps, clip.placement.hip_path
    poses = resample(replace(clip.poses, fps=fps * tempo), fps)
    moments = np.arange(len(poses)) * tempo
    hip_path = np.column_stack([np.interp(moments, np.arange(len(path)), axis) for axis in path.T])
    return Clip(poses, replace(clip.placement, hip_path=hip_path.astype(np.float32)))
