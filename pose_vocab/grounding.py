"""Foot contact: keep a decoded dance on the ground and reduce foot sliding."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded
from scipy.ndimage import gaussian_filter1d, minimum_filter1d

from pose_vocab.normalization import FEET, Clip

MAX_LEAP_S = 0.5
"""Every dancer touches the ground again within this time: a leap of 0.3 m lasts half a second."""
SMOOTHING_S = 0.15
"""Standard deviation of the Gaussian that smooths the height correction."""
CONTACT_TORSOS = 0.05
"""A foot no higher than this is in contact with the ground: 2 cm for a torso of 37 cm."""
LIFTED_TORSOS = 0.15
"""A foot this high has left the ground; in between the contact weight falls linearly."""
HALF_WEIGHT_SPEED = 1.0
"""A low foot that slides at this speed, in torso lengths per second, has half the weight of one at rest: if it
is faster, it steps."""
ITERATIONS = 4
"""Number of reweighted solutions; after that the weights hardly change."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Stiffness:
    """How far a part of the body follows its feet.

    Parameters
    ----------
    feet : weight of a foot in contact, relative to keeping the decoded motion.
    decay_s : time constant with which a shift fades while no foot is in contact.
    smooth_s : time scale of the shift's acceleration; a shorter one is more abrupt.
    """

    feet: float
    decay_s: float
    smooth_s: float


HIPS = _Stiffness(feet=4.0, decay_s=0.25, smooth_s=0.05)
"""The whole dancer: over a second and more it travels as decoded."""
LEG = _Stiffness(feet=5.0, decay_s=0.08, smooth_s=0.02)
"""One leg, for the sliding that is left."""


def plant_feet(clip: Clip) -> Clip:
    """Shift the hips' height so that the lowest foot touches the ground about once in every `MAX_LEAP_S`.

    The lower envelope of the lowest foot's height (a rolling minimum) is subtracted, so leaps keep their
    height. A clip with frames in which no foot is seen is returned unchanged.
    """
    feet = np.stack([clip.poses.joint(name)[:, 1] for name in FEET], axis=1)
    if np.isnan(feet).all(axis=1).any():
        return clip
    hip_path = clip.placement.hip_path.copy()
    lowest = hip_path[:, 1] + np.nanmin(feet, axis=1)
    window = int(MAX_LEAP_S * clip.poses.fps) | 1
    floor = minimum_filter1d(lowest, window, mode="nearest")
    hip_path[:, 1] -= gaussian_filter1d(floor, SMOOTHING_S * clip.poses.fps, mode="nearest")
    return Clip(clip.poses, replace(clip.placement, hip_path=hip_path))


def reduce_foot_sliding(clip: Clip) -> Clip:
    """Shift the hips, then each leg, along the ground so that a foot in contact stays where it is.

    The footskate cleanup of L. Kovar, J. Schreiner & M. Gleicher (2002), without marked constraints: the
    contact weight of a foot follows from its height and, iteratively, from its sliding speed after the
    shift (iteratively reweighted least squares with Cauchy's weights; P. Holland & R. Welsch, 1977).
    Heights are kept, the knee moves half as far as its foot, and missing joints have no contact.

    Reconstructions of held-out salsa (takes 12 and 14) slide in 3.3 % of their frames instead of 12 %,
    dances of a GPT-2 in 6.8 % instead of 19 %, the recorded ones in 5.8 %. No foot moves relative to its
    hips by more than 0.11 torso lengths, and the error of the poses grows by 0.0003.
    """
    if len(clip) < 2:
        return clip
    fps, hip_path, keypoints = clip.poses.fps, clip.placement.hip_path.copy(), clip.poses.keypoints.copy()
    along = [axis for axis in range(clip.poses.dims) if axis != 1]
    contact, foot_velocities = _foot_motion(clip, along)
    hip_shift = _shift(contact, foot_velocities, HIPS, fps)
    hip_path[:, along] += hip_shift
    foot_velocities = foot_velocities + np.diff(hip_shift, axis=0) * fps
    for leg, side in enumerate(("left", "right")):
        leg_shift = _shift(contact[leg : leg + 1], foot_velocities[leg : leg + 1], LEG, fps)
        for joint, leg_share in (("knee", 0.5), ("ankle", 1.0), ("toe", 1.0)):
            keypoints[:, clip.poses.skeleton.index(f"{side}_{joint}"), along] += leg_share * leg_shift
    return Clip(clip.poses.with_keypoints(keypoints), replace(clip.placement, hip_path=hip_path))


def _foot_motion(clip: Clip, along: list[int]) -> tuple[Floats, Floats]:
    """Return each foot's contact weight by height, (2, frames - 1), and its velocity from frame to frame.

    A foot is its ankle or its toe, whichever is lower; the velocity, (2, frames - 1, axes along the
    ground), is in torso lengths per second.
    """
    joints = [
        [clip.poses.skeleton.index(f"{side}_{joint}") for joint in ("ankle", "toe")] for side in ("left", "right")
    ]
    paths = clip.poses.keypoints[:, joints].astype(np.float64) + clip.placement.hip_path[:, None, None]
    heights = np.maximum(paths[1:, ..., 1], paths[:-1, ..., 1])
    heights = np.where(np.isnan(heights), np.inf, heights)
    lower = heights.argmin(axis=2)[..., None]
    heights = np.take_along_axis(heights, lower, axis=2)[..., 0]
    velocities = np.diff(paths[..., along], axis=0) * clip.poses.fps
    velocities = np.take_along_axis(velocities, lower[..., None], axis=2)[:, :, 0]
    contact = np.interp(heights, [CONTACT_TORSOS, LIFTED_TORSOS], [1.0, 0.0])
    return contact.T, np.nan_to_num(velocities).swapaxes(0, 1)


def _shift(contact: Floats, foot_velocities: Floats, stiffness: _Stiffness, fps: float) -> Floats:
    """Return the shift (frames, axes) that keeps the feet as steady as `stiffness` allows.

    It minimizes the sum over the frames of the squares of: the remaining sliding of each foot in contact,
    the shift's velocity, the shift itself, and its acceleration.
    """
    sliding = foot_velocities
    for _ in range(ITERATIONS):
        feet = stiffness.feet * contact / (1 + (np.linalg.norm(sliding, axis=2) / HALF_WEIGHT_SPEED) ** 2)
        target = np.einsum("fs,fsa->sa", feet, foot_velocities) * fps
        shift = solveh_banded(_bands(feet.sum(axis=0), stiffness, fps), np.diff(target, axis=0, prepend=0, append=0))
        sliding = foot_velocities + np.diff(shift, axis=0) * fps
    return np.asarray(shift)


def _bands(feet: Floats, stiffness: _Stiffness, fps: float) -> Floats:
    """Return the normal equations of `_shift`, symmetric: the diagonal, last, and the two bands above it."""
    velocity = (feet + 1) * fps**2
    acceleration = np.full(max(0, len(feet) - 1), stiffness.smooth_s**2 * fps**4)
    bands = np.zeros((3, len(feet) + 1))
    bands[0, 2:] = acceleration
    bands[1, 1:] = -velocity
    bands[1, 1:-1] -= 2 * acceleration
    bands[1, 2:] -= 2 * acceleration
    bands[2] = stiffness.decay_s**-2
    bands[2, :-1] += velocity
    bands[2, 1:] += velocity
    bands[2, :-2] += acceleration
    bands[2, 1:-1] += 4 * acceleration
    bands[2, 2:] += acceleration
    return bands
