"""The motion of a rig by forward kinematics, for the formats that store rotations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pose_vocab.formats.bvh.hierarchy import Joint

RIG_POSE_S = 0.075
"""A rig's T-pose and its blend into the motion last at most this long (9 frames at 120 fps)."""
RIG_POSE_SPEED = 12.0
"""Speed of a joint about the root, in reaches of the body per second, that only such a blend has."""


@dataclass(frozen=True, eq=False)
class RigMotion:
    """The motion of a rig's joints in the world of its file.

    Parameters
    ----------
    names : one per joint.
    parents : index of the parent of each joint, -1 for a root; parents come before their children.
    rest : (joints, 3), from the parent to the joint, in the parent's axes.
    positions : (frames, joints, 3).
    rotations : of each joint, from its own axes to the world's, one per frame.
    """

    names: Sequence[str]
    parents: Sequence[int]
    rest: NDArray[np.float64]
    positions: NDArray[np.float64]
    rotations: Sequence[Rotation]

    @property
    def bones(self) -> tuple[tuple[int, int], ...]:
        """Pairs of joints, parent first."""
        return tuple((parent, at) for at, parent in enumerate(self.parents) if parent >= 0)


def move_joints(joints: Sequence[Joint], motion: NDArray[np.float64]) -> RigMotion:
    """Return the motion of joints whose channels have the values `motion`, (frames, channels).

    Channels are applied in the order in which they are written. A position channel replaces that coordinate
    of the offset, as the exporters of full-body rigs mean it; scales are ignored.
    """
    positions = np.empty((len(motion), len(joints), 3))
    rotations: list[Rotation] = []
    identity = Rotation.identity(len(motion))
    column = 0
    for at, joint in enumerate(joints):
        local = np.tile(joint.offset, (len(motion), 1))
        rotation = identity
        for channel in joint.channels:
            axis, kind = channel[0], channel[1:]
            if kind == "position":
                local[:, "XYZ".index(axis)] = motion[:, column]
            elif kind == "rotation":
                rotation = rotation * Rotation.from_euler(axis, motion[:, column : column + 1], degrees=True)
            column += 1
        if joint.parent < 0:
            positions[:, at] = local
            rotations.append(rotation)
        else:
            positions[:, at] = positions[:, joint.parent] + rotations[joint.parent].apply(local)
            rotations.append(rotations[joint.parent] * rotation if joint.channels else rotations[joint.parent])
    return RigMotion(
        [joint.name for joint in joints],
        [joint.parent for joint in joints],
        np.stack([joint.offset for joint in joints]),
        positions,
        rotations,
    )


def count_rig_pose_frames(positions: NDArray[np.float64], fps: float) -> int:
    """Return how many frames at the start of (frames, joints, 3) are the rig's T-pose and its blend into the motion.

    It is recognized by a speed that no dancer reaches.
    """
    blend = int(np.ceil(RIG_POSE_S * fps))
    if len(positions) <= blend + 1:
        return 0
    about_root = positions - positions[:, :1]
    reach = float(np.median(np.linalg.norm(about_root, axis=2).max(axis=1)))
    speeds = np.linalg.norm(np.diff(about_root[: blend + 1], axis=0), axis=2) * fps
    return blend if speeds.max() > RIG_POSE_SPEED * reach else 0
