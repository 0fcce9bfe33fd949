"""Projection from metres to pixels by a pinhole camera."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.sequence import PoseSequence

FIELD_OF_VIEW_DEG = 36.0
"""Angle across the longer side of the picture: that of a phone held a few metres away."""
PITCH_DEG = 6.0
"""A framing camera looks down by this angle, so that the floor is visible as a floor."""
MARGIN = 0.16
"""Share of the half picture that stays free around the joints, for hands, head and shoes."""
NEAR_PLANE_M = 0.05
"""Points closer to the camera than this, or behind it, are not visible."""

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Camera:
    """A pinhole camera without roll.

    Parameters
    ----------
    position, target : where it is and what it points at, metres (x right, y up, z to the viewer).
    focal_px : focal length in pixels.
    width, height : size of the picture in pixels; the target is in its middle.

    Raises
    ------
    PoseError : the camera is at its target, or exactly above or below it.
    """

    position: Point
    target: Point
    focal_px: float
    width: int
    height: int

    def __post_init__(self) -> None:
        away = np.subtract(self.position, self.target)
        if not np.hypot(away[0], away[2]) > 0:
            raise PoseError(
                f"a camera at {self.position} cannot look at {self.target}; move it to the side of its target"
            )

    @classmethod
    def facing(cls, poses: PoseSequence, yaw_deg: float, width: int, height: int) -> Camera:
        """Return a camera that keeps the whole clip in the picture, the dancer's path included.

        At `yaw_deg` 0 it looks at the dancer's front on average, at 90 at the dancer's left, at 180 at the
        back. Left and right come from the skeleton's mirror pairs; without any, and without a pose, the
        camera is on the +z side.

        Raises
        ------
        PoseError : the poses are not in metres.
        """
        return cls.framing(poses, mean_facing_rad(poses) + np.radians(yaw_deg), width, height)

    @classmethod
    def framing(cls, poses: PoseSequence, turn_rad: float, width: int, height: int) -> Camera:
        """Return a camera that keeps the whole clip in the picture, turned by `turn_rad` about the vertical
        from +z to +x.

        Raises
        ------
        PoseError : the poses are not in metres.
        """
        _check_metres(poses)
        pitch = np.radians(PITCH_DEG)
        towards = np.array([np.sin(turn_rad) * np.cos(pitch), np.sin(pitch), np.cos(turn_rad) * np.cos(pitch)])
        focal_px = max(width, height) / 2 / np.tan(np.radians(FIELD_OF_VIEW_DEG) / 2)
        points = poses.keypoints[poses.seen].astype(np.float64)
        if not len(points):
            points = np.array([[-0.5, 0, 0], [0.5, 1.7, 0]])
        target = (points.min(axis=0) + points.max(axis=0)) / 2
        near = cls(_point(target + towards), _point(target), focal_px, width, height)
        across, up, depth = near._view(points).T
        free = (1 - MARGIN) / 2 / focal_px
        distance = np.max(1 - depth + np.maximum(np.abs(across) / (free * width), np.abs(up) / (free * height)))
        return cls(_point(target + towards * max(distance, 1.0)), _point(target), focal_px, width, height)

    def project(self, poses: PoseSequence) -> PoseSequence:
        """Return the poses in the picture, (frames, joints, 2) in pixels, y down; joints behind the camera are
        missing.

        Raises
        ------
        PoseError : the poses are not in metres.
        """
        _check_metres(poses)
        return poses.with_keypoints(self.see(poses.keypoints))

    def see(self, points: NDArray[np.float32] | NDArray[np.float64]) -> NDArray[np.float64]:
        """Project points (..., 3) in metres to pixels (..., 2); NaN where a point is behind the camera."""
        across, up, depth = np.moveaxis(self._view(points), -1, 0)
        scale = self.focal_px / np.where(depth > NEAR_PLANE_M, depth, np.nan)
        return np.stack([self.width / 2 + across * scale, self.height / 2 - up * scale], axis=-1)

    def depth(self, poses: PoseSequence) -> NDArray[np.float32]:
        """Return the distance of each joint along the camera's axis, (frames, joints) in metres."""
        return self._view(poses.keypoints)[..., 2].astype(np.float32)

    @property
    def matrix(self) -> NDArray[np.float64]:
        """(3, 3): from metres relative to the camera's position to homogeneous pixels."""
        lens = np.array([[self.focal_px, 0, self.width / 2], [0, -self.focal_px, self.height / 2], [0, 0, 1]])
        return np.asarray(lens @ self._axes)

    @cached_property
    def _axes(self) -> NDArray[np.float64]:
        """Rows: to the right in the picture, up in it, into it."""
        into = np.subtract(self.target, self.position)
        into = into / np.linalg.norm(into)
        across = np.cross(into, (0.0, 1.0, 0.0))
        across = across / np.linalg.norm(across)
        return np.stack([across, np.cross(across, into), into])

    def _view(self, points: NDArray[np.float32] | NDArray[np.float64]) -> NDArray[np.float64]:
        """Return points (..., 3) as metres across, up and into the picture."""
        return np.asarray((points - np.array(self.position)) @ self._axes.T)


def _point(xyz: NDArray[np.float64]) -> Point:
    """Return an array of three values as a tuple."""
    return float(xyz[0]), float(xyz[1]), float(xyz[2])


def mean_facing_rad(poses: PoseSequence) -> float:
    """Return the direction a dancer faces on average: the angle about the vertical from +z towards +x.

    Raises
    ------
    PoseError : the poses are not in metres.
    """
    _check_metres(poses)
    pairs = np.array(poses.skeleton.mirror_pairs, dtype=np.intp).reshape(-1, 2)
    to_left = poses.keypoints[:, pairs[:, 0]] - poses.keypoints[:, pairs[:, 1]]
    x, _, z = np.nansum(to_left, axis=(0, 1), dtype=np.float64)
    return float(np.arctan2(-z, x))


def _check_metres(poses: PoseSequence) -> None:
    """Raise PoseError for poses in 2D."""
    if poses.dims != 3:
        raise PoseError("a camera needs poses in metres (3D); these are in pixels (2D)")
