"""Where a clip lies in the picture: one scale, one floor and one body size for all of its frames.

Nothing here looks at a single frame to place it: a crouch stays a crouch and a jump a jump.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pose_vocab.camera import Camera
from pose_vocab.mapping import to_dancer
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER
from render.body import HIPS, NECK, SHOULDERS

MARGIN = 0.09
"""Share of the picture's shorter side that stays free on every side of the joints, for head, hands and shoes."""
EXTENT_PERCENTILES = (1, 99)
"""Of the outermost joints over the frames: one false keypoint must not shrink the dancer."""
FEET_PERCENTILE = 30
"""Of the lower foot's height over the frames: below the middle, since it leaves the floor but never goes through."""
LONGEST_JUMP_S = 0.8
"""A foot line that is higher for no longer than this is a jump; for longer, the dancer stands farther back."""
TORSO_PERCENTILE = 85
"""Of the torso's length over the frames of a 2D clip: leaning towards the camera shortens it."""
SHOULDERS_IN_TORSOS = 0.66
"""Width of the shoulders, from which the body's size follows where no hips are seen."""

_FEET = [DANCER.index(f"{side}_{part}") for side in ("left", "right") for part in ("ankle", "toe")]


@dataclass(frozen=True, eq=False)
class StagedClip:
    """A dancer's clip in the coordinates of a picture.

    Parameters
    ----------
    joints : float32 (frames, 16, 2) in pixels, on the dancer skeleton; NaN where missing.
    depth : float32 (frames, 16) in pixels, larger is farther; None where the clip has none.
    body : float32 (frames,), the length of the torso in pixels.
    ground : float32 (frames, 2), the point on the floor below the hips; NaN where unknown.
    floor : the highest row of the picture on which the dancer stands; None where no foot is seen.
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
        seen = points[np.isfinite(points).all(axis=2).any(axis=1)]
        if not len(seen):
            return cls(1.0, (0.0, 0.0))
        low = np.percentile(np.fmin.reduce(seen, axis=1), EXTENT_PERCENTILES[0], axis=0)
        high = np.percentile(np.fmax.reduce(seen, axis=1), EXTENT_PERCENTILES[1], axis=0)
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
        return _stage_pixels(Viewport.fit(dancer.keypoints, width, height).apply(dancer.keypoints), height, dancer.fps)
    return _stage_metres(dancer, Camera.facing(dancer, yaw_deg, width, height))


def body_size(joints: NDArray[np.float32], default: float) -> float:
    """The length of the torso in pixels over a whole clip, (frames, 16, 2); `default` where none is seen."""
    torso = joints[:, NECK] - joints[:, HIPS].mean(axis=1)
    across = (joints[:, SHOULDERS[0]] - joints[:, SHOULDERS[1]]) / SHOULDERS_IN_TORSOS
    for bones in (torso, across):
        lengths = np.linalg.norm(bones, axis=1)
        lengths = lengths[np.isfinite(lengths)]
        if len(lengths):
            return max(float(np.percentile(lengths, TORSO_PERCENTILE)), 1.0)
    return default


def _stage_pixels(joints: NDArray[np.float32], height: int, fps: float) -> StagedClip:
    ground = joints[:, HIPS].mean(axis=1)
    ground[:, 1] = _ground_rows(joints[..., 1], fps)
    body = np.full(len(joints), body_size(joints, default=height / 5), np.float32)
    return StagedClip(joints, None, body, ground, _farthest(ground[:, 1]))


def _ground_rows(rows: NDArray[np.float32], fps: float) -> NDArray[np.float32]:
    """The row on which the dancer stands, or over which he jumps, frame by frame; NaN where no foot is ever seen."""
    lowest = np.asarray(np.fmax.reduce(rows[:, _FEET], axis=1))
    seen = np.flatnonzero(np.isfinite(lowest))
    if not len(seen):
        return lowest
    lowest = np.interp(np.arange(len(rows)), seen, lowest[seen])
    window = 1 + round(LONGEST_JUMP_S * fps)
    standing = ndimage.grey_closing(lowest, size=window, mode="nearest")
    return np.asarray(ndimage.uniform_filter1d(standing, window, mode="nearest"), np.float32)


def _farthest(ground_rows: NDArray[np.float32]) -> float | None:
    rows = ground_rows[np.isfinite(ground_rows)]
    return float(rows.min()) if len(rows) else None


def _stage_metres(dancer: PoseSequence, camera: Camera) -> StagedClip:
    points, depth_m = dancer.keypoints, camera.depth(dancer)
    hips = points[:, HIPS].mean(axis=1)
    torso_m = np.linalg.norm(points[:, NECK] - hips, axis=1)
    seen = np.isfinite(torso_m)
    if not seen.any():
        return _stage_pixels(camera.project(dancer).keypoints.copy(), camera.height, dancer.fps)
    hips_depth_m = np.where(seen, depth_m[:, HIPS].mean(axis=1), depth_m[seen][:, HIPS].mean())
    px_per_m = camera.focal_px / hips_depth_m
    feet_m = np.fmin.reduce(points[:, _FEET, 1], axis=1)
    feet_m = feet_m[np.isfinite(feet_m)]
    floor_m = np.percentile(feet_m, FEET_PERCENTILE) if len(feet_m) else np.nan
    ground = camera.see(np.stack([hips[:, 0], np.full(len(hips), floor_m), hips[:, 2]], axis=1)).astype(np.float32)
    return StagedClip(
        joints=camera.project(dancer).keypoints.copy(),
        depth=((depth_m - hips_depth_m[:, None]) * px_per_m[:, None]).astype(np.float32),
        body=(np.median(torso_m[seen]) * px_per_m).astype(np.float32),
        ground=ground,
        floor=_farthest(ground[:, 1]),
    )
