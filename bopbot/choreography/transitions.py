"""Join motions without a jump: where two meet, one of them is bent towards the other.

The difference between the two at the transition, in pose, place and velocity, is added to the one that is bent and
fades out. So it keeps its own motion, which a cross-fade would blur: D. Bollo, "Inertialization" (GDC 2018).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import BPoly

from bopbot.metrics.motion import check_alike, mean_seen
from pose_vocab.errors import PoseError
from pose_vocab.motion import Floats, M, Motion

BLEND_S = 0.5
"""Seconds in which a difference fades out, along a cubic whose velocity is 0 at its end.

Between random moments of salsa (0.33 torso lengths apart on average, 20 fps) the largest step of the bend has a
median of 0.10 torso lengths a frame; one in a hundred steps of the real dances is larger than 0.18."""
LARGE_PERCENTILE = 99
"""A step larger than this percentage of the real ones looks like a jump."""
AHEAD_S = 0.25
"""A difference in velocity counts as the distance to which it leads in this time."""
MIN_FRAMES = 2
"""Fewer frames have no velocity."""


def bend_start(before: Motion, after: M) -> M:
    """Return `after` with its start bent so that it continues `before` one frame later.

    What is unseen on either side of the transition is left as it is. The bend leads back to the dancer's own place on
    the floor too, so a motion that shall continue elsewhere is put there first.

    Raises
    ------
    PoseError : the motions differ in kind, or one has less than `MIN_FRAMES` frames.
    """
    _check_joinable(before, after)
    ours, theirs = before[-2:].values, after[:2].values
    arriving, leaving = (np.nan_to_num(pair[1] - pair[0]) for pair in (ours, theirs))
    apart = ours[1] - (theirs[0] - leaving)
    turned = np.where(np.isnan(apart), 0, arriving - leaving)
    frames = min(round(BLEND_S * after.fps), len(after))
    fading = BPoly.from_derivatives([0, frames + 1], [[np.nan_to_num(apart), turned], [np.zeros_like(apart)] * 2])
    values = after.values
    values[:frames] += fading(np.arange(1, frames + 1))
    return after.with_values(values)


def bend_end(before: M, after: Motion) -> M:
    """Return `before` with its end bent so that it leads into `after`: `bend_start`, backwards in time."""
    return bend_start(after[::-1], before[::-1])[::-1]


def mismatch(before: Motion, after: Motion) -> float:
    """Return how far one motion is from leading into the next: in pose, height and velocity, anywhere on the floor.

    It is the mean distance of the points that are seen on both sides, in torso lengths; a difference in velocity counts
    as the distance to which it leads in `AHEAD_S`. 0 where no point is seen. Raises what `bend_start` raises.
    """
    _check_joinable(before, after)
    ours, theirs = before[-2:].grounded, after[:2].grounded
    arriving, leaving = (np.nan_to_num(pair[1] - pair[0]) for pair in (ours, theirs))
    apart, turned = ours[1] - (theirs[0] - leaving), arriving - leaving
    distances = np.linalg.norm(apart, axis=1) + np.linalg.norm(AHEAD_S * after.fps * turned, axis=1)
    return float(np.nan_to_num(mean_seen(distances)))


def step_sizes(clip: Motion) -> Floats:
    """Return (frames - 1,) how far the points move from frame to frame, travel included: the mean over those seen.

    In torso lengths; NaN where no point is seen in both frames. A jump at a transition is the step to the frame
    behind it.
    """
    return mean_seen(np.linalg.norm(np.diff(clip.placed, axis=0), axis=2).T)


def large_step(real: Sequence[Motion]) -> float:
    """Return the `LARGE_PERCENTILE` of the steps of real dances, in torso lengths a frame.

    Raises
    ------
    PoseError : the motions differ in kind, or show no point in two frames on end.
    """
    check_alike(real)
    sizes = np.concatenate([step_sizes(clip) for clip in real])
    sizes = sizes[~np.isnan(sizes)]
    if not len(sizes):
        raise PoseError(f"{len(real)} real dances show no joint in two frames on end, so there is no step to measure")
    return float(np.percentile(sizes, LARGE_PERCENTILE))


def _check_joinable(before: Motion, after: Motion) -> None:
    check_alike([before, after])
    if min(len(before), len(after)) < MIN_FRAMES:
        raise PoseError(
            f"dances of {len(before)} and {len(after)} frames have no velocity to join by; "
            f"give at least {MIN_FRAMES} frames of each"
        )
