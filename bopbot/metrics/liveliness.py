"""Whether a new dance moves as much, as far and as variously as the dancer it was made after.

The single figures take joints around the hips as `steady_joints` returns them: (frames, joints, dims) in torso
lengths at `FPS` frames per second, NaN where unseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bopbot.metrics.motion import check_alike, mean_seen
from pose_vocab.errors import PoseError
from pose_vocab.motion import Floats
from pose_vocab.normalization import Clip
from pose_vocab.resampling import resample

FPS = 20
SECOND = FPS
"""Frames of the windows that `echo` and `still` compare."""
LEG_JOINTS = ("left_knee", "right_knee", "left_ankle", "right_ankle")
ECHO_STEP = FPS // 4
"""Frames from the start of one window of `echo` to the next."""
ECHO_MIN_APART = 2 * FPS
"""Frames between two windows that `echo` compares, at least: what is nearer is alike because motion is smooth."""
STILL_STEP = FPS // 2
"""Frames from the start of one window of `still` to the next."""
STILL_SHARE = 0.25
"""A second slower than this share of the real median counts as standing."""
REAL_PART = 10 * FPS
"""Frames of the parts that real dances are cut into: `echo` falls with the length of a dance."""
MIN_SEEN = 0.3
"""Parts of real dances in which fewer of the joints are seen are left out."""


@dataclass(frozen=True)
class Liveliness:
    """A new dance beside real ones; of the ratios 1 is right.

    Parameters
    ----------
    speed, legs, spread, echo : the figure of the new dance over the median of the real ones.
    still : share of the seconds of the new dance in which it stands.
    """

    speed: float
    legs: float
    spread: float
    echo: float
    still: float


def liveliness(dance: Clip, real: Sequence[Clip]) -> Liveliness:
    """Compare a new dance with real ones, which are cut into parts of `REAL_PART` frames.

    Raises
    ------
    PoseError : the clips differ in kind, are too short for one of the figures or show too little, or the real dances
        stand still or repeat exactly.
    """
    check_alike([dance, *real])
    joints, parts = steady_joints(dance), _parts(real)
    legs = [dance.poses.skeleton.index(joint) for joint in LEG_JOINTS]
    return Liveliness(
        speed=_ratio("speed", speed(joints), [speed(part) for part in parts]),
        legs=_ratio("speed of the legs", speed(joints[:, legs]), [speed(part[:, legs]) for part in parts]),
        spread=_ratio("spread", spread(joints), [spread(part) for part in parts]),
        echo=_ratio("echo", echo(joints), [echo(part) for part in parts]),
        still=still(joints, parts),
    )


def steady_joints(clip: Clip) -> Floats:
    """Return joints around the hips at `FPS`, (frames, joints, dims) in torso lengths; NaN where unseen.

    Smoothed by the mean of three frames, so that detector noise does not count as motion; the first and the last
    frame count twice in their own mean.
    """
    joints = resample(clip.poses, FPS).keypoints.astype(np.float64)
    padded = np.concatenate([joints[:1], joints, joints[-1:]])
    smoothed = mean_seen(np.stack([padded[:-2], padded[1:-1], padded[2:]]))
    return np.where(np.isnan(joints), np.nan, smoothed)


def speed(joints: Floats) -> float:
    """Return the mean speed of joints, in torso lengths per second.

    Raises
    ------
    PoseError : no joint is seen in two consecutive frames.
    """
    return _mean(_speeds(joints))


def spread(joints: Floats) -> float:
    """Return how far joints range around their mean position, in torso lengths.

    The root of the variance over time, the mean over joints and coordinates.

    Raises
    ------
    PoseError : no joint is seen.
    """
    return float(np.sqrt(_mean(mean_seen((joints - mean_seen(joints)) ** 2))))


def echo(joints: Floats) -> float:
    """Return the mean distance of a second to the most similar other one of the dance; low where the dance loops.

    A window of one second begins every `ECHO_STEP` frames; windows that begin less than `ECHO_MIN_APART` frames apart
    are not compared. The distance is the root mean square of the differences of the coordinates that both show, in
    torso lengths.

    Raises
    ------
    PoseError : the dance is shorter than two windows so far apart, or no two of them show the same joint.
    """
    begins = np.arange(0, len(joints) - SECOND, ECHO_STEP)
    if not len(begins) or begins[-1] < ECHO_MIN_APART:
        raise PoseError(
            f"echo compares seconds that begin {ECHO_MIN_APART / FPS:g} s apart, and a dance of "
            f"{len(joints) / FPS:g} s has none; measure a longer dance"
        )
    windows = np.stack([joints[begin : begin + SECOND].flatten() for begin in begins])
    nearest = []
    for begin, window in zip(begins, windows, strict=True):
        others = windows[np.abs(begins - begin) >= ECHO_MIN_APART]
        distances = np.sqrt(mean_seen(np.square(others - window).T))
        if not np.isnan(distances).all():
            nearest.append(np.nanmin(distances))
    return _mean(np.array(nearest))


def still(joints: Floats, real: Sequence[Floats]) -> float:
    """Return the share of the seconds of a dance that are slower than `STILL_SHARE` of the median of real dances.

    Raises
    ------
    PoseError : the dance or all real ones are shorter than a second, or no real one moves.
    """
    seconds = _speed_per_second(joints)
    if not len(seconds):
        raise PoseError(f"a dance of {len(joints) / FPS:g} s is shorter than a second; measure a longer dance")
    theirs = np.concatenate([np.empty(0), *map(_speed_per_second, real)])
    theirs = theirs[~np.isnan(theirs)]
    usual = np.median(theirs) if len(theirs) else 0.0
    if not usual > 0:
        raise PoseError(f"{len(real)} real dances never move for a second, so there is no usual speed to compare with")
    return float(np.mean(seconds < STILL_SHARE * usual))


def _parts(real: Sequence[Clip]) -> list[Floats]:
    """Cut real dances into whole parts that show enough joints; return them uncut where there is no such part."""
    whole = [steady_joints(clip) for clip in real]
    parts = [
        joints[begin : begin + REAL_PART]
        for joints in whole
        for begin in range(0, max(1, len(joints) - REAL_PART + 1), REAL_PART)
    ]
    return [part for part in parts if np.isfinite(part).mean() > MIN_SEEN] or whole


def _ratio(name: str, value: float, real: Sequence[float]) -> float:
    usual = float(np.median(real))
    if not usual > 0:
        raise PoseError(f"the {name} of the real dances is 0, so there is no ratio to it")
    return value / usual


def _speeds(joints: Floats) -> Floats:
    """Return the speed from frame to frame, (frames - 1, joints), in torso lengths per second."""
    return np.asarray(np.linalg.norm(np.diff(joints, axis=0), axis=2) * FPS)


def _speed_per_second(joints: Floats) -> Floats:
    """Return the mean speed of seconds that begin every `STILL_STEP` frames, (seconds,); NaN where nothing is seen."""
    speeds = _speeds(joints)
    begins = range(0, len(speeds) - SECOND + 1, STILL_STEP)
    return np.array([mean_seen(speeds[begin : begin + SECOND].flatten()) for begin in begins], np.float64)


def _mean(values: Floats) -> float:
    seen = values[~np.isnan(values)]
    if not len(seen):
        raise PoseError("too few joints are seen to measure motion; film the dancer from head to foot")
    return float(seen.mean())
