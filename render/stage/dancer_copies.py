"""What becomes of a dancer before the camera sees it: followed, delayed, mirrored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pose_vocab.resampling import fill_missing
from pose_vocab.sequence import PoseSequence
from render.body import HIPS, NECK
from render.stage.formation import Formation, Place, delayed

CALM_S = 1.2
"""A camera that follows sees no movement that is quicker: standard deviation of the Gaussian over the path."""


def hips_of(joints: NDArray[np.float32]) -> NDArray[np.float32]:
    """Between the hips, (..., dims) of joints (..., 16, dims); at the one that is seen where the other is missing."""
    left, right = joints[..., HIPS[0], :], joints[..., HIPS[1], :]
    one = np.where(np.isnan(left), right, left)
    between = (left + right) / 2
    return np.where(np.isnan(between), one, between)


def middle_of(joints: NDArray[np.float32]) -> NDArray[np.float32]:
    """Over which point of the floor a body is, (..., dims) of joints (..., 16, dims): its hips', or else its neck's."""
    hips = hips_of(joints)
    return np.where(np.isnan(hips), joints[..., NECK, :], hips)


def calm_path(dancers: Sequence[PoseSequence]) -> NDArray[np.float64]:
    """Where the dancers are, (frames, dims), as a camera follows them that never hurries; level."""
    middles = np.stack([middle_of(dancer.keypoints) for dancer in dancers]).astype(np.float64)
    seen = np.isfinite(middles)
    count = seen.sum(axis=0)
    mean = np.where(count > 0, np.where(seen, middles, 0).sum(axis=0) / np.maximum(count, 1), np.nan)
    path = ndimage.gaussian_filter1d(fill_missing(mean), CALM_S * dancers[0].fps, axis=0, mode="nearest")
    path[:, 1] = 0
    return np.asarray(path - path.mean(axis=0))


def shifted(poses: PoseSequence, by: NDArray[np.float64]) -> PoseSequence:
    """Moved by (dims,) or, frame by frame, by (frames, dims)."""
    return poses.with_keypoints(poses.keypoints + (by[:, None] if by.ndim == 2 else by))


def _mirrored(poses: PoseSequence, across: NDArray[np.float64]) -> PoseSequence:
    """As in a mirror that stands at right angles to `across`, (dims,), in the middle of the dancer's path."""
    order = poses.skeleton.mirror_order
    keypoints = poses.keypoints[:, order]
    along = keypoints @ across.astype(np.float32)
    path = middle_of(along[..., None])[:, 0]
    middle = np.float32(np.median(path[np.isfinite(path)])) if np.isfinite(path).any() else np.float32(0)
    turned = keypoints - 2 * (along - middle)[..., None] * across.astype(np.float32)
    return replace(poses, keypoints=turned, confidence=poses.confidence[:, order])


def copy_of(poses: PoseSequence, place: Place, formation: Formation, across: NDArray[np.float64]) -> PoseSequence:
    """The dancer of one place, who stands where the one does who is copied."""
    copy = delayed(poses, place.rank * formation.canon_s)
    return _mirrored(copy, across) if formation.mirror and place.mirrored else copy
