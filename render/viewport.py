"""Where a clip lies in the picture: one scale, one floor and one body size for all of its frames.

Nothing here looks at a single frame to place it: a crouch stays a crouch and a jump a jump.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pose_vocab.camera import Camera
from pose_vocab.mapping import to_dancer
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

MARGIN = 0.09
"""Share of the picture's shorter side that stays free on every side of the joints, for head, hands and shoes."""
EXTENT_PERCENTILES = (0.5, 99.5)
"""The clip's extent leaves out this much at both ends: one false keypoint must not shrink the dancer."""
FEET_PERCENTILE = 70
"""Of the lowest foot over the frames: above the middle, since a foot leaves the floor but never goes through it."""
TORSO_PERCENTILE = 85
"""Of the torso's length over the frames of a 2D clip: leaning towards the camera shortens it."""
HEIGHT_IN_TORSOS = 3.4
"""A standing dancer from toe to nose; used where no torso is seen."""

_FEET = [DANCER.index(f"{side}_{part}") for side in ("left", "right") for part in ("ankle", "toe")]
_HIPS = [DANCER.index("left_hip"), DANCER.index("right_hip")]
_NECK = DANCER.index("neck")


@dataclass(frozen=True, eq=False)
class StagedClip:
    """A dancer's clip in the coordinates of a picture.

    Parameters
    ----------
    joints : float32 (frames, 16, 2) in pixels, on the dancer skeleton; NaN where missing.
    depth : float32 (frames, 16) in pixels, larger is farther; None where the clip has none.
    body : float32 (frames,), the length of the torso in pixels.
    ground : float32 (frames, 2), the point on the floor below the hips; NaN where unknown.
    floor : the row of the picture on which the feet stand; None where no foot is seen.
    """

    joints: NDArray[np.float32]
    depth: NDArray[np.float32] | None
    body: NDArray[np.float32]
    ground: NDArray[np.float32]
    floor: float | None


@dataclass(frozen=True)
class Viewport:
    """The one scale and shift that put a 2D clip into a picture.

    Parameters
    ----------
    scale : picture pixels a clip pixel.
    shift : (x, y) in picture pixels, added after scaling.
    """

    scale: float
    shift: tuple[float, float]

    @classmethod
    def fit(cls, points: NDArray[np.float32], width: int, height: int) -> Viewport:
        """Fit the points of a whole clip, (frames, joints, 2), into a picture; centred, standing low."""
        seen = points[np.isfinite(points).all(axis=2)]
        if not len(seen):
            return cls(1.0, (0.0, 0.0))
        low, high = np.percentile(seen, EXTENT_PERCENTILES, axis=0)
        extent = np.maximum(high - low, 1.0)
        free = MARGIN * min(width, height)
        # The head ends above the nose, which is the highest joint there is.
        available = np.array([width - 2 * free, height - 3 * free])
        scale = float(np.min(available / extent))
        left_over = available - extent * scale
        x = free + left_over[0] / 2 - low[0] * scale
        y = 2 * free + left_over[1] * 0.7 - low[1] * scale
        return cls(scale, (float(x), float(y)))

    def apply(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Points (..., 2) of the clip in the picture."""
        return points * np.float32(self.scale) + np.array(self.shift, np.float32)


def stage(clip: PoseSequence, width: int, height: int, yaw_deg: float = 0.0) -> StagedClip:
    """Place a clip in a picture of `width` x `height`: pixels are fitted, metres are seen by a camera.

    Raises
    ------
    PoseError : the clip's skeleton is unknown.
    """
    dancer = to_dancer(clip)
    if dancer.dims == 2:
        return _stage_pixels(Viewport.fit(dancer.keypoints, width, height).apply(dancer.keypoints), height)
    return _stage_metres(dancer, Camera.facing(dancer, yaw_deg, width, height))


def body_size(joints: NDArray[np.float32], default: float) -> float:
    """The length of the torso in pixels over a whole clip, (frames, 16, 2); `default` where nobody is seen."""
    torso = np.linalg.norm(joints[:, _NECK] - joints[:, _HIPS].mean(axis=1), axis=1)
    torso = torso[np.isfinite(torso)]
    if len(torso):
        return max(float(np.percentile(torso, TORSO_PERCENTILE)), 1.0)
    rows = joints[..., 1][np.isfinite(joints[..., 1])]
    return max(float(np.ptp(rows)) / HEIGHT_IN_TORSOS, 1.0) if len(rows) else default


def _stage_pixels(joints: NDArray[np.float32], height: int) -> StagedClip:
    floor = _feet_line(joints[..., 1])
    ground = joints[:, _HIPS].mean(axis=1)
    ground[:, 1] = np.nan if floor is None else floor
    body = np.full(len(joints), body_size(joints, default=height / 5), np.float32)
    return StagedClip(joints, None, body, ground, floor)


def _stage_metres(dancer: PoseSequence, camera: Camera) -> StagedClip:
    points, depth_m = dancer.keypoints, camera.depth(dancer)
    hips = points[:, _HIPS].mean(axis=1)
    torso_m = np.linalg.norm(points[:, _NECK] - hips, axis=1)
    seen = np.isfinite(torso_m)
    if not seen.any():
        return _stage_pixels(camera.project(dancer).keypoints.copy(), camera.height)
    hips_depth_m = np.where(seen, depth_m[:, _HIPS].mean(axis=1), depth_m[seen][:, _HIPS].mean())
    px_per_m = camera.focal_px / hips_depth_m
    lowest = _feet_line(-points[..., 1])
    floor_m = np.nan if lowest is None else -lowest
    ground = camera.see(np.stack([hips[:, 0], np.full(len(hips), floor_m), hips[:, 2]], axis=1))
    return StagedClip(
        joints=camera.project(dancer).keypoints.copy(),
        depth=((depth_m - hips_depth_m[:, None]) * px_per_m[:, None]).astype(np.float32),
        body=(np.median(torso_m[seen]) * px_per_m).astype(np.float32),
        ground=ground.astype(np.float32),
        floor=None if lowest is None else float(np.median(ground[seen, 1])),
    )


def _feet_line(rows: NDArray[np.float32]) -> float | None:
    """Where the feet stand, from a coordinate (frames, 16) that grows downwards."""
    feet = rows[:, _FEET]
    feet = feet[np.isfinite(feet).any(axis=1)]
    return float(np.percentile(np.nanmax(feet, axis=1), FEET_PERCENTILE)) if len(feet) else None
