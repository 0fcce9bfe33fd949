"""The numbers that are clustered into words.

A feature space turns a motion into one row of numbers per frame, and such rows into a motion again. Nothing here
rescales a single frame, so a mean pose is quantized to its own word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from pose_vocab.errors import PoseError
from pose_vocab.motion import M
from pose_vocab.normalization import Clip, Placement
from pose_vocab.resampling import fill_missing
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


Parts = Mapping[str, tuple[str, ...]]
"""Names of the parts of a body, and the joints of each."""
WHOLE_BODY: Parts = {"pose": DANCER.joint_names}
"""One part with all joints."""


class FeatureSpace(Protocol[M]):
    """Frames of a motion as rows of numbers, and back."""

    @property
    def size(self) -> int:
        """Count of the numbers of a frame."""
        ...

    @property
    def columns(self) -> Mapping[str, NDArray[np.int64]]:
        """Return, by the name of each place of a row of words, the numbers of a frame that its words stand for."""
        ...

    def transform(self, clip: M) -> NDArray[np.float32]:
        """Return (frames, size) of a motion; NaN where something is unseen."""
        ...

    def inverse_transform(self, features: NDArray[np.float32], fps: float) -> M:
        """Return the motion that rows of features (frames, size) describe; what is NaN stays unseen."""
        ...


@dataclass(frozen=True)
class Pose2DFeatures:
    """Poses as the camera sees them, with the hips' speed across the picture and their height.

    Parameters
    ----------
    joint_names : the joints of the dancer skeleton that the words know. A source without toes has words without toes.
    parts : the joints that share a place in a row of words.
    """

    joint_names: tuple[str, ...] = DANCER.joint_names
    parts: Parts = field(default_factory=lambda: WHOLE_BODY)

    @property
    def size(self) -> int:
        return 2 * len(self.joint_names) + 2

    @property
    def columns(self) -> dict[str, NDArray[np.int64]]:
        """Return the numbers of each part that has a joint here; how the hips travel goes with the hips."""
        return columns_of(self.joint_names, self.parts, dims=2, size=self.size)

    def transform(self, clip: Clip) -> NDArray[np.float32]:
        """Return (frames, size) in torso lengths.

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
        """Return the clip that rows describe, around the middle of the floor."""
        speed, height = np.nan_to_num(features[:, -2]), fill_missing(features[:, -1])
        hip_path = np.column_stack([travel(speed / VELOCITY_WEIGHT_S, fps), height / HEIGHT_WEIGHT])
        return dancer_clip(features[:, :-2], self.joint_names, hip_path, fps)


def columns_of(joint_names: Sequence[str], parts: Parts, dims: int, size: int) -> dict[str, NDArray[np.int64]]:
    """Return the columns of each part, where a row holds `dims` numbers a joint and, behind them, how the hips travel.

    A part without a joint among `joint_names` is left out.
    """
    columns = {}
    for name, joints in parts.items():
        own = [i for i, joint_name in enumerate(joint_names) if joint_name in joints]
        of_joints = (dims * np.array(own, np.int64)[:, None] + np.arange(dims)).ravel()
        travels = np.arange(dims * len(joint_names), size) if HIPS & set(joints) else np.empty(0, np.int64)
        columns[name] = np.concatenate([of_joints, travels])
    return {name: own for name, own in columns.items() if len(own)}


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
