"""Normalization of a clip: one scale and one ground line for the whole clip, every frame centred on the hips.

The path of the hips is kept beside the poses, so crouches, jumps and travel are not lost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import NobodyDancingError, PoseError
from pose_vocab.motion import Floats
from pose_vocab.resampling import fill_missing
from pose_vocab.sequence import PoseSequence

TORSO_PERCENTILE = 80
"""A torso that leans towards the camera looks shorter, never longer, so the scale is a high percentile."""
GROUND_PERCENTILE = 95
"""The lowest foot is on the ground in nearly all frames; the rest are detection errors."""
HIP_HEIGHT_TORSOS = 1.7
"""Height of a standing dancer's hips, in torso lengths; used only if no foot is ever seen."""
UP = 1
"""Index of the coordinate that points up."""
FEET = ("left_ankle", "right_ankle", "left_toe", "right_toe")


@dataclass(frozen=True, eq=False)
class Placement:
    """The scale and position that normalization removed.

    Parameters
    ----------
    scale : length of the torso, hips to neck, in the source's unit (pixels or metres).
    ground : vertical coordinate of the ground line, in the source's unit and direction.
    hip_path : float32 (frames, 2 or 3), torso lengths: across the picture, height above the ground (up is
        positive), and for 3D towards the viewer.
    """

    scale: float
    ground: float
    hip_path: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Clip:
    """A normalized dance.

    Parameters
    ----------
    poses : centred on the hips, in torso lengths, y up.
    placement : where the hips are, and the scale to the source's coordinates.

    Raises
    ------
    PoseError : the placement has another number of frames or dimensions.
    """

    poses: PoseSequence
    placement: Placement

    def __post_init__(self) -> None:
        if self.placement.hip_path.shape != (len(self.poses), self.poses.dims):
            raise PoseError(
                f"a hip path of {self.placement.hip_path.shape} does not fit "
                f"{len(self.poses)} frames in {self.poses.dims}D"
            )

    @property
    def fps(self) -> float:
        """Frames per second."""
        return self.poses.fps

    @property
    def begin_s(self) -> float:
        """Time of the first frame in the source, in seconds."""
        return self.poses.begin_s

    @property
    def kind(self) -> str:
        """Name the skeleton and the dimensions."""
        return f"{self.poses.skeleton.name} in {self.poses.dims}D"

    @property
    def centred(self) -> Floats:
        """Return the joints around the hips, (frames, joints, dims) in torso lengths; NaN where unseen."""
        return self.poses.keypoints.astype(np.float64)

    @property
    def grounded(self) -> Floats:
        """Return the joints with their height above the ground, (frames, joints, dims) in torso lengths."""
        points = self.centred
        points[..., UP] += self.placement.hip_path[:, None, UP]
        return points

    @property
    def placed(self) -> Floats:
        """Return the joints over the ground, travel included, (frames, joints, dims) in torso lengths."""
        return self.centred + self.placement.hip_path[:, None]

    @property
    def floor_path(self) -> NDArray[np.float32]:
        """Return the path of the hips over the floor, (frames, dims - 1) in torso lengths."""
        return np.delete(self.placement.hip_path, UP, axis=1)

    @property
    def values(self) -> Floats:
        """Return the joints and the path of the hips, (frames, (joints + 1) * dims)."""
        joints = self.poses.keypoints.reshape(len(self), -1)
        return np.concatenate([joints, self.placement.hip_path], axis=1, dtype=np.float64)

    def with_values(self, values: Floats) -> Clip:
        """Return the same dancer with other `values`, of any number of frames."""
        joints, hip_path = np.split(np.asarray(values, np.float32), [-self.poses.dims], axis=1)
        keypoints = joints.reshape(len(values), *self.poses.keypoints.shape[1:])
        same = len(values) == len(self)
        confidence = self.poses.confidence if same else np.ones(keypoints.shape[:2], np.float32)
        poses = replace(self.poses, keypoints=keypoints, confidence=confidence)
        return Clip(poses, replace(self.placement, hip_path=hip_path))

    def with_floor_path(self, path: NDArray[np.floating[Any]]) -> Clip:
        """Return the same motion along another path of the hips over the floor."""
        hip_path = np.insert(path, UP, self.placement.hip_path[:, UP], axis=1).astype(np.float32)
        return Clip(self.poses, replace(self.placement, hip_path=hip_path))

    def standing_like(self, other: Clip) -> Clip:
        """Return the same motion with the scale and the ground of `other`."""
        return Clip(self.poses, replace(other.placement, hip_path=self.placement.hip_path))

    def followed_by(self, *others: Clip) -> Clip:
        """Return this clip and others, one behind the other, with its own scale and ground."""
        parts = (self, *others)
        poses = replace(
            self.poses,
            keypoints=np.concatenate([part.poses.keypoints for part in parts]),
            confidence=np.concatenate([part.poses.confidence for part in parts]),
        )
        hip_path = np.concatenate([part.placement.hip_path for part in parts])
        return Clip(poses, replace(self.placement, hip_path=hip_path))

    def __len__(self) -> int:
        return len(self.poses)

    def __getitem__(self, frames: slice) -> Clip:
        return Clip(self.poses[frames], replace(self.placement, hip_path=self.placement.hip_path[frames]))

    def mirrored(self) -> Clip:
        """Return the mirrored dance: left and right are swapped."""
        flip = np.array([-1, 1, 1][: self.poses.dims], dtype=np.float32)
        order = self.poses.skeleton.mirror_order
        poses = replace(
            self.poses,
            keypoints=self.poses.keypoints[:, order] * flip,
            confidence=self.poses.confidence[:, order],
        )
        return Clip(poses, replace(self.placement, hip_path=self.placement.hip_path * flip))


def normalize(poses: PoseSequence) -> Clip:
    """Scale a clip to torso lengths and centre it on the hips; `denormalize` is the inverse.

    Raises
    ------
    NobodyDancingError : hips and neck are never seen together, so there is no scale.
    """
    up = _up(poses.dims)
    hips = hip_centres(poses)
    torsos = np.linalg.norm(poses.joint("neck") - hips, axis=1)
    torsos = torsos[np.isfinite(torsos)]
    if not len(torsos) or not (scale := float(np.percentile(torsos, TORSO_PERCENTILE))) > 0:
        raise NobodyDancingError(
            f"shoulders and hips are never seen together in {len(poses)} frames; film the dancer from head to foot"
        )
    hips = fill_missing(hips)
    ground = _ground(poses, hips, scale, up)
    origin = np.zeros(poses.dims, np.float32)
    origin[1] = ground
    centred = (poses.keypoints - hips[:, None]) * up / np.float32(scale)
    hip_path = (hips - origin) * up / np.float32(scale)
    return Clip(poses.with_keypoints(centred), Placement(scale, ground, hip_path.astype(np.float32)))


def denormalize(clip: Clip) -> PoseSequence:
    """Return a clip in the source's unit and position: the inverse of `normalize`."""
    poses, placement = clip.poses, clip.placement
    placed = (poses.keypoints + placement.hip_path[:, None]) * _up(poses.dims) * np.float32(placement.scale)
    placed[..., 1] += placement.ground
    return poses.with_keypoints(placed)


def hip_centres(poses: PoseSequence) -> NDArray[np.float32]:
    """Return the midpoints between the hips, (frames, dims); NaN where a hip is missing."""
    return (poses.joint("left_hip") + poses.joint("right_hip")) / 2


def _up(dims: int) -> NDArray[np.float32]:
    """Return the signs that make y point up: pixels count downwards."""
    return np.array([1, -1] if dims == 2 else [1, 1, 1], dtype=np.float32)


def _ground(poses: PoseSequence, hips: NDArray[np.float32], scale: float, up: NDArray[np.float32]) -> float:
    """Return the vertical coordinate of the ground line, in the source's unit and direction."""
    feet = np.stack([poses.joint(name)[:, 1] for name in FEET], axis=1) * up[1]
    feet = feet[np.isfinite(feet).any(axis=1)]
    if len(feet):
        return float(np.percentile(np.nanmin(feet, axis=1), 100 - GROUND_PERCENTILE) * up[1])
    return float((np.median(hips[:, 1] * up[1]) - HIP_HEIGHT_TORSOS * scale) * up[1])
