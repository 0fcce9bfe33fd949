"""Secondary motion of the robot: springs, the lamp and the eyelids, which depend on motion and time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from pose_vocab.resampling import fill_missing
from render.body import HIPS, head_centre
from render.stage.stage import StagedClip
from render.styles.robot.parts import Array

ANTENNA = 0.21
"""Its length, in torso lengths."""
BOUNCE_HZ, BOUNCE_DAMPING, MOST_STRETCH = 2.5, 0.6, 0.1
SWAY_HZ, SWAY_DAMPING, MOST_SWAY = 2.6, 0.2, 0.6
"""Springs: of the body, limited to a share of its length, and of the antenna, in its lengths in each direction."""
SHINE_S = 0.25
"""Time constant of the lamp, which follows the speed of the joints."""
LIVELY = 1.2
"""Torso lengths per second at which the lamp has two thirds of its brightness."""
BLINK_EVERY_S, BLINK_S = 3.4, 0.22
SHUT = 1.5
"""Amplitude of a blink before clipping to 1: the eyes stay closed for a third of it."""


@dataclass(frozen=True, eq=False)
class SecondaryMotion:
    """Quantities that depend on the motion and on time, not on a single pose.

    Parameters
    ----------
    stretch : (frames,), the share by which the body is longer, and thinner.
    sway : (frames, 2), the offset of the antenna's ball, in lengths of the antenna.
    shine : (frames,), the lamp's brightness, which grows with speed, 0..1.
    lids : (frames,), how far the eyes are closed, 0..1.
    """

    stretch: Array
    sway: Array
    shine: Array
    lids: Array

    def __getitem__(self, frames: NDArray[np.intp]) -> SecondaryMotion:
        return SecondaryMotion(self.stretch[frames], self.sway[frames], self.shine[frames], self.lids[frames])

    @classmethod
    def of(cls, dancer: StagedClip) -> SecondaryMotion:
        """Return the secondary motion of a whole clip of at least one frame."""
        body, fps = np.median(dancer.body), dancer.fps
        joints = fill_missing(dancer.joints) / body
        heights = -fill_missing(dancer.joints[:, HIPS, 1].mean(axis=1, keepdims=True)) / body
        heads = fill_missing(head_centre(dancer.joints, dancer.body)) / body
        speeds = np.zeros(len(joints))
        speeds[1:] = np.linalg.norm(np.diff(joints, axis=0), axis=2).mean(axis=1) * fps
        kept = np.exp(-1 / (SHINE_S * fps))
        speeds = signal.lfilter([1 - kept], [1, -kept], speeds)
        return cls(
            stretch=_bounded(spring_offset(heights, fps, BOUNCE_HZ, BOUNCE_DAMPING)[:, 0], MOST_STRETCH),
            sway=_bounded(spring_offset(heads, fps, SWAY_HZ, SWAY_DAMPING) / ANTENNA, MOST_SWAY),
            shine=np.asarray(1 - np.exp(-speeds / LIVELY), np.float32),
            lids=eyelids(dancer.begin_s + np.arange(len(joints)) / fps),
        )


def spring_offset(path: Array, fps: float, hz: float, damping: float) -> Array:
    """Return the offset of a mass on a damped spring that is carried along `path`, (frames, dims).

    x'' + 2 damping w x' + w**2 x = -path'' with w = 2 pi hz, exact for an acceleration that is constant within a
    frame. Before the first frame and after the last one the velocity is constant.
    """
    acceleration = np.zeros(path.shape)
    acceleration[1:-1] = np.diff(path.astype(np.float64), n=2, axis=0) * fps**2
    w = 2 * np.pi * hz
    numerator, denominator, _ = signal.cont2discrete(([-1], [1, 2 * damping * w, w**2]), 1 / fps, "zoh")
    return np.asarray(signal.lfilter(numerator[0], denominator, acceleration, axis=0), np.float32)


def eyelids(times_s: NDArray[np.float64]) -> Array:
    """Return how far the eyes are closed, 0..1: one blink per `BLINK_EVERY_S`, with pseudo-random offsets."""
    count = np.floor(times_s / BLINK_EVERY_S)
    blinks_s = (count + 0.2 + 0.6 * (count * (np.sqrt(5) - 1) / 2 % 1)) * BLINK_EVERY_S
    shut = np.clip(SHUT * (1 - np.abs(times_s - blinks_s) / (BLINK_S / 2)), 0, 1)
    return np.asarray(shut**2 * (3 - 2 * shut), np.float32)


def _bounded(values: Array, most: float) -> Array:
    return np.asarray(most * np.tanh(values / most), np.float32)
