"""The data of a dance for the player's page: points, sizes and extent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.camera import mean_facing_rad
from pose_vocab.errors import PoseError
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER
from render.body import FEET, HIPS, NECK
from render.stage.from_metres import FEET_PERCENTILE
from render.stage.from_pixels import body_size
from render.stage.layout import lay_out
from render.stage.viewport import EXTENT_PERCENTILES

MISSING = -32768
"""Stands for NaN among the 16-bit numbers."""
STEPS_ACROSS = 16_000
"""Quantization steps along the dance's longest side: 0.2 mm for 3 m, 0.07 pixels for 1080."""
DIRECTIONS = 512
"""Directions in which outermost points are searched: this number misses less than 0.5 % of the extent."""
EMPTY_STAGE = {2: ((0.0, 0.0), (1080.0, 1080.0)), 3: ((-0.5, 0.0, 0.0), (0.5, 1.7, 0.0))}
"""The visible box where nobody is seen, in pixels and in metres."""
PICTURE_PX = 1080
"""Side of the picture that gives the size of a dancer in pixels whose size is not seen."""
TORSO_M = 0.5
"""Torso length of a dancer in metres whose size is not seen: that of an adult."""


@dataclass(frozen=True, eq=False)
class PlayerScene:
    """The data of a dance for the player's page.

    Parameters
    ----------
    points : for each dancer float32 (frames, 17, 2) in pixels or (frames, 17, 3) in metres: the dancer's joints,
        and the point on the floor below the hips; NaN where missing.
    torsos : for each dancer the usual length of the torso.
    fps : frames per second.
    turn_rad : initial direction of the viewer of a 3D dance, about the vertical from +z towards +x.
    """

    points: tuple[NDArray[np.float32], ...]
    torsos: tuple[float, ...]
    fps: float
    turn_rad: float

    @classmethod
    def of(cls, people: Sequence[PoseSequence], yaw_deg: float = 0.0) -> PlayerScene:
        """Return the scene of people of any known skeleton.

        Raises
        ------
        PoseError : nobody, no frames, an unknown skeleton, mixed frame rates or dimensions.
        """
        dancers = [to_dancer(poses) for poses in people]
        if not any(len(dancer) for dancer in dancers):
            raise PoseError("there is nothing to play; give at least one dancer with at least one frame")
        kinds = {(dancer.dims, dancer.fps) for dancer in dancers}
        if len(kinds) > 1:
            found = ", ".join(f"{dims}D at {fps:g} frames per second" for dims, fps in sorted(kinds))
            raise PoseError(f"dancers of one player must be all 2D or all 3D, at one frame rate; got {found}")
        [(dims, fps)] = kinds
        standing = [_in_pixels(dancer) if dims == 2 else _in_metres(dancer) for dancer in dancers]
        turn_rad = 0.0 if dims == 2 else _facing_rad(dancers) + float(np.radians(yaw_deg))
        points, torsos = zip(*standing, strict=True)
        return cls(points, torsos, fps, turn_rad)

    @property
    def dims(self) -> int:
        """2 for pixels, 3 for metres."""
        return int(self.points[0].shape[2])

    def description(self) -> dict[str, Any]:
        """Return everything except the points, for JSON; lengths are in the points' unit."""
        joints, grounds = (
            np.concatenate([some.reshape(-1, self.dims) for some in points]) for points in self._joints_and_grounds
        )
        floor = grounds[np.isfinite(grounds[:, 1])]
        floor = np.where(np.isfinite(floor), floor, self._middle)
        return {
            "fps": self.fps,
            "frames": max(map(len, self.points)),
            "dims": self.dims,
            "joints": DANCER.joint_names,
            "torsos": _rounded(self.torsos),
            "middle": self._middle.tolist(),
            "step": self._step,
            "outermost": _rounded(self._box if self.dims == 2 else _outermost(joints, self._box)),
            "grounds": _rounded(_outermost(floor, self._box[:0])),
            "turn": self.turn_rad,
        }

    def quantize(self, points: NDArray[np.float32]) -> NDArray[np.int16]:
        """Return points as little-endian integer steps from the middle, clipped to the range of 16 bits."""
        steps = np.clip(np.rint((points - self._middle) / self._step), MISSING + 1, -MISSING - 1)
        return np.where(np.isnan(steps), MISSING, steps).astype("<i2")

    @property
    def _joints_and_grounds(self) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]:
        """Return the joints, and the points on the floor."""
        return [points[:, :-1] for points in self.points], [points[:, -1:] for points in self.points]

    @cached_property
    def _box(self) -> NDArray[np.float64]:
        """Return the lowest and highest coordinates of the dance, (2, dims); for pixels without outliers."""
        frames = max(map(len, self.points))
        lows, highs = np.full((2, len(self.points), frames, self.dims), np.nan, np.float32)
        for i, joints in enumerate(self._joints_and_grounds[0]):
            lows[i, : len(joints)] = np.fmin.reduce(joints, axis=1)
            highs[i, : len(joints)] = np.fmax.reduce(joints, axis=1)
        low, high = np.fmin.reduce(lows, axis=0), np.fmax.reduce(highs, axis=0)
        seen = np.isfinite(low).all(axis=1)
        if not seen.any():
            return np.array(EMPTY_STAGE[self.dims])
        first, last = EXTENT_PERCENTILES if self.dims == 2 else (0, 100)
        return np.stack([np.percentile(low[seen], first, axis=0), np.percentile(high[seen], last, axis=0)])

    @property
    def _middle(self) -> NDArray[np.float64]:
        return np.asarray(self._box.mean(axis=0))

    @property
    def _step(self) -> float:
        return max(float(np.ptp(self._box, axis=0).max()), 1e-3) / STEPS_ACROSS


def _in_pixels(dancer: PoseSequence) -> tuple[NDArray[np.float32], float]:
    """Return joints and ground, (frames, 17, 2), and the torso's length."""
    if not len(dancer):
        return np.empty((0, DANCER.n_joints + 1, 2), np.float32), 0.0
    [staged] = lay_out([dancer], PICTURE_PX, PICTURE_PX, as_filmed=True).dancers
    return np.concatenate([dancer.keypoints, staged.ground[:, None]], axis=1), float(staged.body[0])


def _in_metres(dancer: PoseSequence) -> tuple[NDArray[np.float32], float]:
    """Return joints and ground, (frames, 17, 3), and the torso's length."""
    joints = dancer.keypoints
    ground = joints[:, HIPS].mean(axis=1)
    lengths = np.linalg.norm(joints[:, NECK] - ground, axis=1)
    lengths = lengths[np.isfinite(lengths)]
    feet = np.fmin.reduce(joints[:, FEET, 1], axis=1)
    feet = feet[np.isfinite(feet)]
    ground[:, 1] = np.percentile(feet, FEET_PERCENTILE) if len(feet) else np.nan
    torso = float(np.median(lengths)) if len(lengths) else body_size(1000 * joints, 1000 * TORSO_M) / 1000
    return np.concatenate([joints, ground[:, None]], axis=1), torso


def _facing_rad(dancers: Sequence[PoseSequence]) -> float:
    """Return the mean facing direction of dancers in metres."""
    keypoints = np.concatenate([dancer.keypoints for dancer in dancers])
    return mean_facing_rad(PoseSequence.fully_seen(keypoints, dancers[0].fps, DANCER))


def _outermost(points: NDArray[Any], default: NDArray[Any]) -> NDArray[Any]:
    """Return the points of (n, dims) that are farthest in some direction; `default` where all are missing."""
    seen = points[np.isfinite(points).all(axis=1)]
    if not len(seen):
        return default
    directions = np.random.default_rng(0).normal(size=(DIRECTIONS, points.shape[1])).astype(np.float32)
    return np.asarray(seen[np.unique([np.argmax(seen @ direction) for direction in directions])])


def _rounded(lengths: Any) -> Any:
    return np.round(np.asarray(lengths, np.float64), 4).tolist()
