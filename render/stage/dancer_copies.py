"""Copies of a dancer, delayed and mirrored, and the path of a camera that follows dancers."""

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

FOLLOWING_S = 1.2
"""Standard deviation of the Gaussian that smooths the path of a following camera, in seconds."""


def hip_centre(joints: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the middle of the hips, (..., dims), of joints (..., 16, dims); where one is missing, the other one."""
    left, right = joints[..., HIPS[0], :], joints[..., HIPS[1], :]
    one = np.where(np.isnan(left), right, left)
    between = (left + right) / 2
    return np.where(np.isnan(between), one, between)


def body_position(joints: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the position of a body, (..., dims), of joints (..., 16, dims): its hips, or its neck without hips."""
    hips = hip_centre(joints)
    return np.where(np.isnan(hips), joints[..., NECK, :], hips)


def camera_path(dancers: Sequence[PoseSequence]) -> NDArray[np.float64]:
    """Return the horizontal path, (frames, dims), of a camera that follows the dancers' mean position smoothly."""
    middles = np.stack([body_position(dancer.keypoints) for dancer in dancers]).astype(np.float64)
    seen = np.isfinite(middles)
    count = seen.sum(axis=0)
    mean = np.where(count > 0, np.where(seen, middles, 0).sum(axis=0) / np.maximum(count, 1), np.nan)
    path = ndimage.gaussian_filter1d(fill_missing(mean), FOLLOWING_S * dancers[0].fps, axis=0, mode="nearest")
    path[:, 1] = 0
    return np.asarray(path - path.mean(axis=0))


def shifted(poses: PoseSequence, by: NDArray[np.float64]) -> PoseSequence:
    """Return the poses moved by (dims,), or by (frames, dims), frame by frame."""
    return poses.with_keypoints(poses.keypoints + (by[:, None] if by.ndim == 2 else by))


def _mirrored(poses: PoseSequence, across: NDArray[np.float64]) -> PoseSequence:
    """Return the poses mirrored at the plane through the middle of their path with the normal `across`, (dims,)."""
    order = poses.skeleton.mirror_order
    keypoints = poses.keypoints[:, order]
    along = keypoints @ across.astype(np.float32)
    path = body_position(along[..., None])[:, 0]
    middle = np.float32(np.median(path[np.isfinite(path)])) if np.isfinite(path).any() else np.float32(0)
    turned = keypoints - 2 * (along - middle)[..., None] * across.astype(np.float32)
    return replace(poses, keypoints=turned, confidence=poses.confidence[:, order])


def dancer_copy(poses: PoseSequence, place: Place, formation: Formation, across: NDArray[np.float64]) -> PoseSequence:
    """Return the copy of a dancer for one place of a formation, still at the position of the original."""
    copy = delayed(poses, place.rank * formation.canon_s)
    return _mirrored(copy, across) if formation.mirror and place.mirrored else copy
