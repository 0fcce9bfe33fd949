"""Resampling to another frame rate by interpolation along the motion."""

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, PchipInterpolator

from pose_vocab.errors import PoseError
from pose_vocab.sequence import PoseSequence

MIN_FRAMES = 2
"""Fewer frames cannot be interpolated."""

Rows = TypeVar("Rows", bound=NDArray[np.floating[Any]])


def resample(poses: PoseSequence, fps: float) -> PoseSequence:
    """Return the same motion at another frame rate, by a cubic spline through each joint's path.

    A joint is missing at a time between two frames if it is missing in either of them. The first frame
    stays the first; the duration changes by less than one frame.

    Raises
    ------
    PoseError : `fps` is not positive.
    """
    if not fps > 0:
        raise PoseError(f"frames per second must be positive, got {fps}")
    if fps == poses.fps or len(poses) < MIN_FRAMES:
        return replace(poses, fps=fps)
    times = np.arange(len(poses)) / poses.fps
    new_times = np.arange(int(times[-1] * fps + 1e-6) + 1) / fps
    after = np.minimum(np.searchsorted(times, new_times - 1e-9), len(poses) - 1)
    before = np.where(np.abs(times[after] - new_times) < 1e-9, after, np.maximum(after - 1, 0))
    seen = poses.seen[before] & poses.seen[after]
    keypoints = CubicSpline(times, fill_missing(poses.keypoints))(new_times).astype(np.float32)
    weight = ((new_times - times[before]) * poses.fps)[:, None]
    confidence = (1 - weight) * poses.confidence[before] + weight * poses.confidence[after]
    return replace(poses, keypoints=keypoints, confidence=np.where(seen, confidence, 0), fps=fps)


def fill_missing(paths: Rows) -> Rows:
    """Fill missing values by linear interpolation in time, for filters that cannot handle NaN.

    Before the first and after the last known value that value is held; a path without any value becomes
    zero. The caller masks what was filled.

    Parameters
    ----------
    paths : (frames, ...), missing values NaN.
    """
    flat = paths.reshape(len(paths), -1).copy()
    frames = np.arange(len(flat))
    for path in flat.T:
        seen = ~np.isnan(path)
        if not seen.all():
            path[:] = np.interp(frames, frames[seen], path[seen]) if seen.any() else 0
    return flat.reshape(paths.shape)  # type: ignore[return-value]


def resample_uneven(
    poses: PoseSequence, times_s: NDArray[np.float64], fps: float, max_steps_s: NDArray[np.float64]
) -> PoseSequence:
    """Return frames at uneven times at an even rate, from time 0, by a monotone spline through each joint's path.

    A joint is missing at a time between two frames if it is missing in either of them, or if they are too far
    apart; and before the first frame.

    Parameters
    ----------
    poses : the frames; their own rate is ignored.
    times_s : (frames,), ascending, 0 or later: the time of each.
    fps : the rate of the result.
    max_steps_s : (frames - 1,): a longer time between two frames is an absence.
    """
    new_times = np.arange(round(times_s[-1] * fps) + 1) / fps
    after = np.clip(np.searchsorted(times_s, new_times - 1e-9), 1, len(times_s) - 1)
    before = after - 1
    nearest = np.where(new_times - times_s[before] < times_s[after] - new_times, before, after)
    within = (new_times >= times_s[0] - 0.5 / fps) & (new_times <= times_s[-1] + 0.5 / fps)
    close = np.abs(new_times - times_s[nearest]) <= 0.5 / fps
    between = (times_s[after] - times_s[before] <= max_steps_s[before] + 1e-9)[:, None]
    seen = np.where(between, poses.seen[before] & poses.seen[after], poses.seen[nearest] & close[:, None])
    seen &= within[:, None]
    at = np.clip(new_times, times_s[0], times_s[-1])
    keypoints = PchipInterpolator(times_s, fill_missing(poses.keypoints).astype(np.float64))(at)
    # A frame beside an absence stands alone: what lies between would drift towards the other side of it.
    keypoints = np.where(between[..., None], keypoints, poses.keypoints[nearest])
    weight = np.clip((at - times_s[before]) / (times_s[after] - times_s[before]), 0, 1)[:, None]
    mixed = (1 - weight) * poses.confidence[before] + weight * poses.confidence[after]
    confidence = np.where(between, mixed, poses.confidence[nearest])
    return replace(poses, keypoints=keypoints.astype(np.float32), confidence=np.where(seen, confidence, 0), fps=fps)
