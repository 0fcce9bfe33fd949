"""The numbers that are clustered into words: what a frame of dance is made of.

A feature space turns a normalized clip into one row of numbers a frame, and such rows into a clip
again. Nothing here rescales a frame by itself, so a mean pose is the pose of its own word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

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
HOMING_S = 3.0
"""Travel is summed up from velocities; what of the sum is slower than a Gaussian of this standard deviation is drift.
Words of held-out salsa (takes 12 and 14) give the hips' path with an error of 0.158, 0.134 and 0.126 torso lengths a
second at 2, 3 and 4 s; dances of a GPT-2 range over 3.0, 3.5 and 3.9 torso lengths in 10 s, real ones over 2.9."""
HIPS = frozenset({"left_hip", "right_hip"})
"""The joints with which the numbers of travel go."""


class FeatureSpace(Protocol):
    """Frames of a clip as rows of numbers, and back."""

    @property
    def size(self) -> int:
        """How many numbers a frame has."""
        ...

    def columns(self, joints: Sequence[str]) -> NDArray[np.int64]:
        """Which of the numbers are of those joints, those that it has; how the hips travel goes with the hips."""
        ...

    def transform(self, clip: Clip) -> NDArray[np.float32]:
        """(frames, size) of a normalized clip; NaN where a joint is missing."""
        ...

    def inverse_transform(self, features: NDArray[np.float32], fps: float) -> Clip:
        """The clip, travel included, that rows of features describe; around the middle of the floor."""
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

    def columns(self, joints: Sequence[str]) -> NDArray[np.int64]:
        return columns_of(self.joint_names, joints, dims=2, size=self.size)

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


def columns_of(joint_names: Sequence[str], joints: Sequence[str], dims: int, size: int) -> NDArray[np.int64]:
    """Columns of some joints where a row holds `dims` numbers a joint and, behind them, how the hips travel."""
    own = [i for i, name in enumerate(joint_names) if name in joints]
    columns = (dims * np.array(own, np.int64)[:, None] + np.arange(dims)).ravel()
    travels = np.arange(dims * len(joint_names), size) if HIPS & set(joints) else np.empty(0, np.int64)
    return np.concatenate([columns, travels])


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
    """Path (frames,) of a velocity per second, around zero: it goes to and fro without delay, but does not drift."""
    path = (np.cumsum(speed, dtype=np.float64) - speed / 2) / fps
    return np.asarray(path - gaussian_filter1d(path, HOMING_S * fps, mode="mirror"))
