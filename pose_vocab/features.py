"""The numbers that are clustered into words: what a frame of dance is made of.

A feature space turns a normalized clip into one row of numbers a frame, and such rows into a clip
again. Nothing here rescales a frame by itself, so a mean pose is the pose of its own word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import lfilter

from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip, Placement
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

VELOCITY_WINDOW_S = 0.1
"""Standard deviation of the Gaussian under which a velocity is taken: shorter is noise."""
VELOCITY_WEIGHT_S = 0.25
"""How much a torso length per second counts beside a torso length of one joint."""
HEIGHT_WEIGHT = 2.0
"""How much the hips' height counts: it moves every joint of the drawn dancer at once."""
HOMING_S = 10.0
"""Travel is summed up from velocities; the sum sinks back to the middle with this time constant."""


class FeatureSpace(Protocol):
    """Frames of a clip as rows of numbers, and back."""

    @property
    def size(self) -> int:
        """How many numbers a frame has."""
        ...

    def transform(self, clip: Clip) -> NDArray[np.float32]:
        """(frames, size) of a normalized clip; NaN where a joint is missing."""
        ...

    def inverse_transform(self, features: NDArray[np.float32], fps: float) -> Clip:
        """The clip, travel included, that rows of features describe; starts at the middle of the floor."""
        ...


@dataclass(frozen=True)
class PictureFeatures:
    """Poses as the camera sees them (2D), with the hips' speed across the picture and their height.

    `joint_names` are the joints of the dancer skeleton that words know; a source without toes has
    words without toes.
    """

    joint_names: tuple[str, ...] = DANCER.joint_names

    @property
    def size(self) -> int:
        return 2 * len(self.joint_names) + 2

    def transform(self, clip: Clip) -> NDArray[np.float32]:
        """(frames, size) in torso lengths.

        Raises
        ------
        PoseError : the clip is not a 2D one of the dancer skeleton.
        """
        require_dancer(clip, dims=2)
        joints = [DANCER.index(name) for name in self.joint_names]
        hip_path = clip.placement.hip_path
        return np.column_stack(
            [
                clip.poses.keypoints[:, joints].reshape(len(clip), -1),
                VELOCITY_WEIGHT_S * velocity(hip_path[:, 0], clip.poses.fps),
                HEIGHT_WEIGHT * hip_path[:, 1],
            ]
        ).astype(np.float32)

    def inverse_transform(self, features: NDArray[np.float32], fps: float) -> Clip:
        across = travel(features[:, -2] / VELOCITY_WEIGHT_S, fps)
        hip_path = np.column_stack([across, features[:, -1] / HEIGHT_WEIGHT])
        return dancer_clip(features[:, :-2], self.joint_names, hip_path, fps)


def require_dancer(clip: Clip, dims: int) -> None:
    """Raises PoseError unless the clip is on the dancer skeleton and has `dims` dimensions."""
    if clip.poses.skeleton != DANCER or clip.poses.dims != dims:
        raise PoseError(
            f"words of {dims}D poses need {dims}D clips on the dancer skeleton, "
            f"got {clip.poses.dims}D on {clip.poses.skeleton.name!r}"
        )


def dancer_clip(
    flat_poses: NDArray[np.float32], joint_names: tuple[str, ...], hip_path: NDArray[np.float32], fps: float
) -> Clip:
    """A clip of scale 1 from flattened joints (frames, joints * dims) and the path of the hips."""
    dims = hip_path.shape[1]
    keypoints = np.full((len(flat_poses), DANCER.n_joints, dims), np.nan, dtype=np.float32)
    joints = [DANCER.index(name) for name in joint_names]
    keypoints[:, joints] = flat_poses.reshape(len(flat_poses), len(joints), dims)
    poses = PoseSequence.fully_seen(keypoints, fps, DANCER)
    return Clip(poses, Placement(scale=1.0, ground=0.0, hip_path=hip_path.astype(np.float32)))


def velocity(path: NDArray[np.floating[Any]], fps: float) -> NDArray[np.float64]:
    """Velocity per second of a path (frames,): the derivative under a Gaussian."""
    derivative = gaussian_filter1d(path.astype(np.float64), VELOCITY_WINDOW_S * fps, order=1, mode="nearest")
    return np.asarray(derivative * fps)


def travel(speed: NDArray[np.floating[Any]], fps: float) -> NDArray[np.float64]:
    """Path (frames,) of a velocity per second; it sinks back to zero with the constant `HOMING_S`."""
    return np.asarray(lfilter([1 / fps], [1, -np.exp(-1 / (fps * HOMING_S))], speed))
