"""3D poses turned to the dancer's own facing direction, so that they do not depend on the camera."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.codec.features import (
    HEIGHT_WEIGHT,
    VELOCITY_WEIGHT_S,
    WHOLE_BODY,
    Parts,
    columns_of,
    dancer_clip,
    require_dancer,
    travel,
    velocity,
)
from pose_vocab.normalization import Clip
from pose_vocab.resampling import fill_missing
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

TURN_WEIGHT_S = 0.1
"""How much a radian per second of turning counts beside a torso length of one joint."""


@dataclass(frozen=True)
class Pose3DFeatures:
    """Joints in the dancer's own frame, the hips' velocity in that frame and height, and the turning speed.

    Parameters
    ----------
    joint_names, parts : as in `pose_vocab.codec.features.Pose2DFeatures`.
    """

    joint_names: tuple[str, ...] = DANCER.joint_names
    parts: Parts = field(default_factory=lambda: WHOLE_BODY)

    @property
    def size(self) -> int:
        return 3 * len(self.joint_names) + 4

    @property
    def columns(self) -> dict[str, NDArray[np.int64]]:
        """Return the numbers of each part that has a joint here; how the hips travel goes with the hips."""
        return columns_of(self.joint_names, self.parts, dims=3, size=self.size)

    def transform(self, clip: Clip) -> NDArray[np.float32]:
        """(frames, size) in torso lengths; NaN where a joint is missing.

        Raises
        ------
        PoseError : the clip is not a 3D one of the dancer skeleton.
        """
        require_dancer(clip, dims=3)
        fps, hip_path = clip.poses.fps, clip.placement.hip_path
        facing = facing_rad(clip.poses)
        joints = [DANCER.index(name) for name in self.joint_names]
        own = turn(clip.poses.keypoints[:, joints], -facing)
        moving = np.column_stack([velocity(hip_path[:, 0], fps), np.zeros(len(clip)), velocity(hip_path[:, 2], fps)])
        moving = turn(moving[:, None], -facing)[:, 0]
        return np.column_stack(
            [
                own.reshape(len(clip), -1),
                VELOCITY_WEIGHT_S * moving[:, [0, 2]],
                HEIGHT_WEIGHT * hip_path[:, 1],
                TURN_WEIGHT_S * velocity(facing, fps),
            ]
        ).astype(np.float32)

    def inverse_transform(self, features: NDArray[np.float32], fps: float) -> Clip:
        """The clip that rows of features describe: around the middle of the floor, at first facing the viewer."""
        along, height, turning = np.nan_to_num(features[:, -4:-2]), features[:, -2], np.nan_to_num(features[:, -1])
        facing = np.cumsum(turning / TURN_WEIGHT_S) / fps
        moving = np.zeros((len(features), 1, 3))
        moving[:, 0, [0, 2]] = along / VELOCITY_WEIGHT_S
        moving = turn(moving, facing)[:, 0]
        hip_path = np.column_stack(
            [travel(moving[:, 0], fps), fill_missing(height) / HEIGHT_WEIGHT, travel(moving[:, 2], fps)]
        )
        own = features[:, :-4].reshape(len(features), -1, 3)
        return dancer_clip(turn(own, facing).astype(np.float32), self.joint_names, hip_path, fps)


def facing_rad(poses: PoseSequence) -> NDArray[np.float64]:
    """(frames,) the direction the body faces, in radians about the vertical; 0 faces the viewer.

    Taken from the line through both hips and both shoulders; unwrapped, so a full turn counts 2 pi.
    """
    across = sum(poses.joint(f"left_{joint}") - poses.joint(f"right_{joint}") for joint in ("hip", "shoulder"))
    across = fill_missing(np.asarray(across))
    return np.unwrap(np.arctan2(-across[:, 2], across[:, 0]).astype(np.float64))


def turn(points: NDArray[np.floating[Any]], angle_rad: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Turn points (frames, joints, 3) about the vertical, each frame by its own angle (frames,)."""
    cos, sin = np.cos(angle_rad)[:, None], np.sin(angle_rad)[:, None]
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    return np.stack([cos * x + sin * z, y, -sin * x + cos * z], axis=-1)
