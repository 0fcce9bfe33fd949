"""A live dancer as the bones of Unity's humanoid: local positions and rotations, frame by frame."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from bopbot.live.frames import Joints
from pose_vocab.errors import OutputError
from pose_vocab.formats.humanoid.inverse_kinematics import solve_rotations
from pose_vocab.formats.humanoid.rig import SIDES, build_rest_rig, joint_paths, measure
from pose_vocab.lift_2d import TORSO_M, lift_to_3d
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

WINDOW_S = 0.5
"""Earlier frames that decide the twist of a straight limb: three standard deviations of the solver's smoothing."""
MEASURED_S = 2.0
"""Earlier frames of which the lengths of the bones are the median."""
DEPTH_DELAY_S = 0.15
"""How far the humanoid is behind a dancer in 2D: the estimated depth is as steady as that of a recorded dance only
where some frames follow."""
PATIENCE_S = 2.0
"""How long after a dancer's first frame the joints of all bones must have been seen."""
OPTIONAL_JOINTS = ("nose", "left_toe", "right_toe")
"""Without these joints the head and the feet stay as at rest; all others are required."""

UNITY_BONES = {name: name for name in ("Hips", "Spine", "Chest", "Neck", "Head")} | {
    side + rig: side + unity
    for side in SIDES
    for rig, unity in {
        "Shoulder": "Shoulder", "Arm": "UpperArm", "ForeArm": "LowerArm", "Hand": "Hand",
        "UpLeg": "UpperLeg", "Leg": "LowerLeg", "Foot": "Foot", "Toe": "Toes",
    }.items()
}  # fmt: skip
"""Joint of the rig -> its name in Unity's HumanBodyBones."""

PIXELS = 100.0
"""A torso length in the pictures of which depth is estimated."""

_REQUIRED = np.array([name not in OPTIONAL_JOINTS for name in DANCER.joint_names])
_HIPS = [DANCER.index("left_hip"), DANCER.index("right_hip")]
_MIRROR_POSITION = np.array([-1.0, 1.0, 1.0])
_MIRROR_QUATERNION = np.array([1.0, -1.0, -1.0, 1.0])
"""From x to the dancer's left to Unity's x to the right: a mirror image, in which axes of rotation are mirrored and
turn the other way."""


@dataclass(frozen=True, eq=False)
class Bone:
    """One bone of the humanoid relative to its parent, in Unity's axes: x to its right, y up, z forward.

    Parameters
    ----------
    name : in Unity's HumanBodyBones.
    position : (3,) metres; that of the hips is relative to the middle of the floor.
    rotation : (4,) quaternion x, y, z, w; the identity in the T-pose.
    """

    name: str
    position: NDArray[np.float64]
    rotation: NDArray[np.float64]


class LiveHumanoid:
    """The humanoid that follows one dancer.

    Rotations come from the inverse kinematics of the BVH writer, solved for the last frames. A joint that is missing
    keeps its last place relative to the hips. The depth of 2D poses is estimated, as `bopbot convert` does, from the
    last frames.
    """

    def __init__(self) -> None:
        self._recent: deque[tuple[float, Joints]] = deque()
        self._first_s: float | None = None

    def follow(self, joints: Joints, time_s: float) -> list[Bone]:
        """Return the bones at the dancer's next frame; none while the dancer is missing or not yet seen in full.

        Parameters
        ----------
        joints : (16, 2 or 3), as in `bopbot.live.frames.Frame`.
        time_s : later than that of the frame before.

        Raises
        ------
        OutputError : a joint that a bone needs was not seen for `PATIENCE_S`.
        """
        if np.isnan(joints[_HIPS]).any():
            return []
        self._first_s = time_s if self._first_s is None else self._first_s
        self._recent.append((time_s, self._completed(joints)))
        while self._recent[0][0] < time_s - MEASURED_S:
            self._recent.popleft()
        missing = np.isnan(self._recent[-1][1]).any(axis=1) & _REQUIRED
        if missing.any():
            if time_s - self._first_s > PATIENCE_S:
                names = (name.replace("_", " ") for name, out in zip(DANCER.joint_names, missing, strict=True) if out)
                raise OutputError(
                    f"a humanoid needs all joints except nose and toes, and these are never seen: {', '.join(names)}; "
                    "film the dancer from head to foot"
                )
            return []
        return self._solve()

    def _completed(self, joints: Joints) -> Joints:
        """Return the joints; missing ones stay where they last were, relative to the hips."""
        if not self._recent:
            return joints
        before = self._recent[-1][1]
        moved = before - before[_HIPS].mean(axis=0) + joints[_HIPS].mean(axis=0)
        return np.where(np.isnan(joints), moved, joints)

    def _solve(self) -> list[Bone]:
        """Return the bones at the last frame, or at the one `DEPTH_DELAY_S` before it."""
        times_s = np.array([time_s for time_s, _ in self._recent])
        everything = _in_space([joints for _, joints in self._recent], times_s)
        rig = build_rest_rig(measure([everything]))
        complete = ~np.isnan(everything.keypoints[:, _REQUIRED]).any(axis=(1, 2)) & (times_s >= times_s[-1] - WINDOW_S)
        flat = self._recent[-1][1].shape[1] == 2
        due_s = times_s[-1] - DEPTH_DELAY_S if flat else times_s[-1]
        now = max(0, int((times_s[complete] <= due_s).sum()) - 1)
        paths = joint_paths(everything)
        at = {name: path[complete] for name, path in paths.items() if np.isfinite(path[complete]).all()}
        turned = {name: rotations[now] for name, rotations in solve_rotations(rig, at, everything.fps).items()}
        bones = []
        for joint in rig:
            if joint.name in UNITY_BONES:
                root = joint.parent < 0
                local = turned[joint.name] if root else turned[rig[joint.parent].name].T @ turned[joint.name]
                bones.append(
                    Bone(
                        UNITY_BONES[joint.name],
                        (at["hips"][now] if root else joint.offset) * _MIRROR_POSITION,
                        Rotation.from_matrix(local).as_quat() * _MIRROR_QUATERNION,
                    )
                )
        return bones


def _in_space(joints: list[Joints], times_s: NDArray[np.float64]) -> PoseSequence:
    """Return frames as poses in metres; where the required joints of one are missing, its depth is too."""
    interval_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 1.0
    keypoints = np.stack(joints).astype(np.float32)
    if keypoints.shape[2] == 2:
        keypoints = np.concatenate([keypoints, _depth(keypoints, 1 / interval_s)], axis=2)
    confidence = np.isfinite(keypoints).all(axis=2).astype(np.float32)
    return PoseSequence(keypoints * np.float32(TORSO_M), confidence, 1 / interval_s, DANCER)


def _depth(keypoints: NDArray[np.float32], fps: float) -> NDArray[np.float32]:
    """Return the estimated depth of poses (frames, joints, 2), (frames, joints, 1) in torso lengths."""
    in_picture = PoseSequence.fully_seen(keypoints * np.array([PIXELS, -PIXELS], np.float32), fps, DANCER)
    return lift_to_3d(in_picture).keypoints[..., 2:] / np.float32(TORSO_M)
