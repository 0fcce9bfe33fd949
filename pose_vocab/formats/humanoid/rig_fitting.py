"""The motion of a dancer as rotations of a humanoid rig: bones of constant length that follow the joints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pose_vocab.errors import OutputError
from pose_vocab.formats.humanoid.inverse_kinematics import Rotations, Vectors, solve_rotations
from pose_vocab.formats.humanoid.rig import RigJoint, joint_paths, nose_offset
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.lift_2d import lift_to_3d
from pose_vocab.resampling import fill_missing
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

OPTIONAL_JOINTS = ("nose", "left_toe", "right_toe")
"""Without these joints the head and the feet stay as at rest; all others are required."""
NOTICE_ERROR_CM = 1.0
"""Largest joint error that needs no notice."""
CM_PER_M = 100.0
RIG_JOINTS = {
    "neck": "Neck",
    "*_shoulder": "*Arm",
    "*_elbow": "*ForeArm",
    "*_wrist": "*Hand",
    "*_hip": "*UpLeg",
    "*_knee": "*Leg",
    "*_ankle": "*Foot",
    "*_toe": "*Toe_end",
}
"""The rig's joint at each of the dancer's joints; the nose is fixed to the rig's head."""


@dataclass(frozen=True, eq=False)
class FittedRig:
    """A rig in motion.

    Parameters
    ----------
    rig : its joints at rest, parents first.
    root : (frames, 3) in metres, the position of the first joint.
    rotations : (frames, 3, 3) of each joint by name, from the axes at rest to those of the world.
    fps : frames per second.
    """

    rig: Sequence[RigJoint]
    root: Vectors
    rotations: Mapping[str, Rotations]
    fps: float

    def __len__(self) -> int:
        return len(self.root)

    def local_rotations(self, joint: RigJoint) -> Rotations:
        """Return a joint's rotations relative to its parent, (frames, 3, 3)."""
        rotation = self.rotations[joint.name]
        if joint.parent < 0:
            return rotation
        return np.asarray(np.swapaxes(self.rotations[self.rig[joint.parent].name], 1, 2) @ rotation)

    def positions(self) -> dict[str, Vectors]:
        """Return the position of each joint by name, (frames, 3) in metres."""
        at: dict[str, Vectors] = {}
        for joint in self.rig:
            parent = self.rig[joint.parent].name
            at[joint.name] = self.root if joint.parent < 0 else at[parent] + self.rotations[parent] @ joint.offset
        return at


def continuous_quaternions(rotations: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return rotations (frames, 3, 3) as quaternions x, y, z, w (frames, 4), each on the side of the one before."""
    quaternions = Rotation.from_matrix(rotations).as_quat()
    flips = np.concatenate([[1.0], np.where((quaternions[1:] * quaternions[:-1]).sum(axis=1) < 0, -1.0, 1.0)])
    return np.asarray(quaternions * np.cumprod(flips)[:, None], np.float32)


def complete_dancer(poses: PoseSequence, path: Path) -> tuple[PoseSequence, tuple[str, ...]]:
    """Return poses of any known skeleton as a dancer in 3D whose needed joints are all there.

    Gaps are interpolated, and poses in 2D are lifted. `OPTIONAL_JOINTS` that are never seen stay missing.

    Parameters
    ----------
    path : the file to write, for messages.

    Returns
    -------
    dancer : in metres.
    notices : what was guessed, one line each.

    Raises
    ------
    OutputError : a joint that the rig needs is never seen.
    PoseError : the skeleton's joints are unknown.
    """
    dancer = to_dancer(poses)
    seen = dancer.seen.any(axis=0)
    names = [
        name for name, ever in zip(DANCER.joint_names, seen, strict=True) if not ever and name not in OPTIONAL_JOINTS
    ]
    if names:
        raise OutputError(
            f"cannot write {path}: a rig needs all joints except nose and toes, and these are never seen: "
            f"{', '.join(name.replace('_', ' ') for name in names)}"
        )
    gaps = float((~dancer.seen[:, seen]).mean())
    notices = [f"{path}: {gaps:.1%} of the joints are missing; interpolated linearly in time"] if gaps else []
    dancer = PoseSequence.fully_seen(
        np.where(seen[:, None], fill_missing(dancer.keypoints), np.nan), dancer.fps, DANCER
    )
    if dancer.dims == 2:
        dancer = lift_to_3d(dancer)
        notices.append(f"{path}: the poses are in 2D; their depth is estimated from the apparent lengths of bones")
    return dancer, tuple(notices)


def fit_rig(rig: Sequence[RigJoint], dancer: PoseSequence) -> FittedRig:
    """Return the rig's motion that follows a dancer from `complete_dancer`."""
    at = {name: joint for name, joint in joint_paths(dancer).items() if np.isfinite(joint).all()}
    return FittedRig(rig, at["hips"], solve_rotations(rig, at, dancer.fps), dancer.fps)


def describe_error(motion: FittedRig, dancer: PoseSequence, path: Path) -> tuple[str, ...]:
    """Return a notice on how far the rig's joints are from the dancer's, if they are noticeably so."""
    errors_cm = CM_PER_M * _errors(motion, dancer)
    if np.nanmax(errors_cm) <= NOTICE_ERROR_CM:
        return ()
    return (
        f"{path}: bones have a constant length, so joints are {np.nanmean(errors_cm):.1f} cm off on average, "
        f"{np.nanmax(errors_cm):.1f} at worst",
    )


def _errors(motion: FittedRig, dancer: PoseSequence) -> NDArray[np.float64]:
    """Return the distance of the rig's joints from the dancer's, (frames, joints) in metres; NaN if never seen."""
    at = motion.positions()
    joints = joint_paths(dancer)
    found = {"nose": at["Head"] + motion.rotations["Head"] @ nose_offset(motion.rig)}
    for joint, rig_joint in RIG_JOINTS.items():
        for side in ("left", "right") if "*" in joint else ("",):
            found[joint.replace("*", side)] = at[rig_joint.replace("*", side.title())]
    return np.stack([np.linalg.norm(found[name] - joints[name], axis=1) for name in DANCER.joint_names], axis=1)
