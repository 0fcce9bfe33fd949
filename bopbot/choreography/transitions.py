"""Dances joined without a jump: where two meet, one of them is bent towards the other.

What the two differ by at the seam, in pose, in place and in velocity, is added to the one that is bent and
fades out. So it keeps its own motion, which mixing the two would blur: D. Bollo, "Inertialization" (GDC 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.interpolate import BPoly

from bopbot.metrics.motion import Floats, check_alike, mean_seen, placed
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip

BLEND_S = 0.5
"""A difference fades out in so many seconds, along a cubic whose velocity is 0 at its end.

Between random moments of salsa (0.33 torso lengths apart on average, 20 fps) the largest step of the bend has a
median of 0.10 torso lengths a frame; one in a hundred steps of the real dances is larger than 0.18."""
LARGE_PERCENTILE = 99
"""A step larger than this many in a hundred real ones looks like a jump."""
AHEAD_S = 0.25
"""A difference in velocity is as bad as the distance to which it leads in so many seconds."""
MIN_FRAMES = 2
"""Fewer have no velocity."""


def carried_on(before: Clip, after: Clip) -> Clip:
    """`after`, with its start bent so that it runs on from the end of `before` one frame later.

    A joint that is missing on either side of the seam is left as it is. The bend leads the hips back to their own
    place on the floor too, so a dance that shall go on elsewhere is put there first.

    Raises
    ------
    PoseError : the clips differ in kind, or one has less than `MIN_FRAMES` frames.
    """
    apart, turned = _differences(before, after)
    turned = np.where(np.isnan(apart), 0, turned)
    frames = min(round(BLEND_S * after.poses.fps), len(after))
    fading = BPoly.from_derivatives([0, frames + 1], [[np.nan_to_num(apart), turned], [np.zeros_like(apart)] * 2])
    paths = _paths(after)
    paths[:frames] += fading(np.arange(1, frames + 1))
    hip_path = paths[:, -1].astype(np.float32)
    return Clip(after.poses.with_keypoints(paths[:, :-1]), replace(after.placement, hip_path=hip_path))


def led_into(before: Clip, after: Clip) -> Clip:
    """`before`, with its end bent so that it runs into the start of `after`: `carried_on`, backwards in time."""
    return carried_on(after[::-1], before[::-1])[::-1]


def joined(parts: Sequence[Clip]) -> Clip:
    """One dance of several, one behind the other as they are, with the scale and the ground of the first.

    Raises
    ------
    PoseError : there is no part, or they differ in kind.
    """
    check_alike(parts)
    poses = replace(
        parts[0].poses,
        keypoints=np.concatenate([part.poses.keypoints for part in parts]),
        confidence=np.concatenate([part.poses.confidence for part in parts]),
    )
    return Clip(poses, replace(parts[0].placement, hip_path=np.concatenate([p.placement.hip_path for p in parts])))


def mismatch(before: Clip, after: Clip) -> float:
    """How far one dance is from running into the next: in pose, height and velocity, wherever on the floor.

    The mean distance of the joints that are seen on both sides, in torso lengths; a difference in velocity counts
    as far as it leads apart in `AHEAD_S`; 0 where no joint is seen. Raises what `carried_on` raises.
    """
    apart, turned = _differences(before, after)
    ahead = AHEAD_S * after.poses.fps
    upwards = np.eye(after.poses.dims)[1]
    distances = sum(
        np.linalg.norm(difference[:-1] + difference[-1] * upwards, axis=1) for difference in (apart, ahead * turned)
    )
    return float(np.nan_to_num(mean_seen(np.asarray(distances))))


def steps(clip: Clip) -> Floats:
    """(frames - 1,) how far the joints go from frame to frame, travel included: the mean over those that are seen.

    In torso lengths; NaN where no joint is seen in both frames. The jump at a seam is the step to the frame behind it.
    """
    return mean_seen(np.linalg.norm(np.diff(placed(clip), axis=0), axis=2).T)


def large_step(real: Sequence[Clip]) -> float:
    """The `LARGE_PERCENTILE` of the steps of real dances, in torso lengths a frame: a seam steps no farther.

    Raises
    ------
    PoseError : the clips differ in kind, or show no joint in two frames on end.
    """
    check_alike(real)
    sizes = np.concatenate([steps(clip) for clip in real])
    sizes = sizes[~np.isnan(sizes)]
    if not len(sizes):
        raise PoseError(f"{len(real)} real dances show no joint in two frames on end, so there is no step to measure")
    return float(np.percentile(sizes, LARGE_PERCENTILE))


def _differences(before: Clip, after: Clip) -> tuple[Floats, Floats]:
    """How far `before` ends from where `after` would have come from, and their velocities' difference per frame.

    Each is like a frame of `_paths`; the first is NaN for a joint that is missing on either side of the seam.
    """
    check_alike([before, after])
    if min(len(before), len(after)) < MIN_FRAMES:
        raise PoseError(
            f"dances of {len(before)} and {len(after)} frames have no velocity to join by; "
            f"give at least {MIN_FRAMES} frames of each"
        )
    ours, theirs = _paths(before[-2:]), _paths(after[:2])
    arriving, leaving = (np.nan_to_num(pair[1] - pair[0]) for pair in (ours, theirs))
    return ours[1] - (theirs[0] - leaving), arriving - leaving


def _paths(clip: Clip) -> Floats:
    """The joints around the hips and, behind them, the hips over the ground: (frames, joints + 1, dims)."""
    return np.concatenate([clip.poses.keypoints, clip.placement.hip_path[:, None]], axis=1, dtype=np.float64)
