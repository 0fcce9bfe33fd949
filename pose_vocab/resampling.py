"""Resampling to another frame rate by interpolation along the motion."""

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

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
