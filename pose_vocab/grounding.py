"""Feet on the ground: a dance put together from mean poses neither floats nor sinks, nor does it skate."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded
from scipy.ndimage import gaussian_filter1d, minimum_filter1d

from pose_vocab.normalization import FEET, Clip

MAX_LEAP_S = 0.5
"""Within this long every dancer touches the ground again: a leap of 0.3 m lasts half a second."""
SMOOTHING_S = 0.15
"""Standard deviation of the Gaussian that keeps the correction from jerking."""
CONTACT_TORSOS = 0.05
"""A foot no higher than this stands on the ground: 2 cm for a torso of 37 cm."""
LIFTED_TORSOS = 0.15
"""A foot as high as this has left the ground; in between it stands the less, the higher it is."""
HALF_WEIGHT_SPEED = 1.0
"""A low foot that slips by so much has half the say of one that stands: if it is faster still, it steps."""
ITERATIONS = 4
"""How often it is asked anew which feet stand: then it hardly changes any more."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Stiffness:
    """How far a part of the body goes along with its feet.

    Parameters
    ----------
    feet : weight of a foot that stands, beside that of moving as the words say.
    back_s : the time constant with which a shift fades where no foot stands.
    smooth_s : within this time a shift comes and goes: shorter jerks.
    """

    feet: float
    decay_s: float
    smooth_s: float


HIPS = _Stiffness(feet=4.0, decay_s=0.25, smooth_s=0.05)
"""The whole dancer: over a second and more it travels as the words say."""
LEG = _Stiffness(feet=5.0, decay_s=0.08, smooth_s=0.02)
"""One leg, for what its foot slips even so."""


def plant_feet(clip: Clip) -> Clip:
    """Shift the hips' height so that the lowest foot touches the ground about once in every `MAX_LEAP_S`.

    The lowest foot's height over the ground is followed from below (a rolling minimum) and taken
    away, so leaps stay as high as they are. Without any foot in the clip nothing changes.
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
    """Shift the hips, and then each leg, along the ground so that a foot that stands stays where it is.

    The footskate cleanup of L. Kovar, J. Schreiner & M. Gleicher (2002), but without constraints to be
    marked: how much a foot stands follows from its height and, again and again, from how fast it slips
    after the shift (iteratively reweighted least squares with Cauchy's weights; P. Holland & R. Welsch, 1977).
    Heights stay, the knee goes half as far as its foot, and what is not seen counts as no foot.

    Reconstructions of held-out salsa (takes 12 and 14) skate in 3.3 % of their frames instead of 12 %, dances
    of a GPT-2 in 6.8 % instead of 19 %, the real ones in 5.8 %. No foot goes from its hips
    by more than 0.11 torso lengths, and the error of the poses grows by 0.0003.
    """
    if len(clip) < 2:
        return clip
    fps, hip_path, keypoints = clip.poses.fps, clip.placement.hip_path.copy(), clip.poses.keypoints.copy()
    along = [axis for axis in range(clip.poses.dims) if axis != 1]
    contact, velocities_of_feet = _foot_motion(clip, along)
    of_hips = _shift(contact, velocities_of_feet, HIPS, fps)
    hip_path[:, along] += of_hips
    velocities_of_feet = velocities_of_feet + np.diff(of_hips, axis=0) * fps
    for leg, side in enumerate(("left", "right")):
        of_leg = _shift(contact[leg : leg + 1], velocities_of_feet[leg : leg + 1], LEG, fps)
        for joint, share in (("knee", 0.5), ("ankle", 1.0), ("toe", 1.0)):
            keypoints[:, clip.poses.skeleton.index(f"{side}_{joint}"), along] += share * of_leg
    return Clip(clip.poses.with_keypoints(keypoints), replace(clip.placement, hip_path=hip_path))


def _foot_motion(clip: Clip, along: list[int]) -> tuple[Floats, Floats]:
    """Of each foot from frame to frame: how much it stands by its height, (2, frames - 1), and how fast it is.

    A foot is its ankle or its toe, whichever is lower; its velocity, (2, frames - 1, axes along the
    ground), is in torso lengths a second.
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


def _shift(contact: Floats, velocities_of_feet: Floats, stiffness: _Stiffness, fps: float) -> Floats:
    """The shift (frames, axes) of what stands on the feet: as steady under them as `stiffness` lets it.

    It minimizes, summed over the frames, the squares of the slip that is left at each foot that stands,
    of the shift's velocity, of the shift itself and of its acceleration.
    """
    slipping = velocities_of_feet
    for _ in range(ITERATIONS):
        feet = stiffness.feet * contact / (1 + (np.linalg.norm(slipping, axis=2) / HALF_WEIGHT_SPEED) ** 2)
        pull = np.einsum("fs,fsa->sa", feet, velocities_of_feet) * fps
        shift = solveh_banded(_bands(feet.sum(axis=0), stiffness, fps), np.diff(pull, axis=0, prepend=0, append=0))
        slipping = velocities_of_feet + np.diff(shift, axis=0) * fps
    return np.asarray(shift)


def _bands(feet: Floats, stiffness: _Stiffness, fps: float) -> Floats:
    """The normal equations of `_shift`, symmetric: their diagonal, last, and the two above it."""
    speed = (feet + 1) * fps**2
    bend = np.full(max(0, len(feet) - 1), stiffness.smooth_s**2 * fps**4)
    bands = np.zeros((3, len(feet) + 1))
    bands[0, 2:] = bend
    bands[1, 1:] = -speed
    bands[1, 1:-1] -= 2 * bend
    bands[1, 2:] -= 2 * bend
    bands[2] = stiffness.decay_s**-2
    bands[2, :-1] += speed
    bands[2, 1:] += speed
    bands[2, :-2] += bend
    bands[2, 1:-1] += 4 * bend
    bands[2, 2:] += bend
    return bands
