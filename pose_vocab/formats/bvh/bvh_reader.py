"""Reading of BVH files, by forward kinematics.

The format: M. Meredith and S. Maddock, "Motion Capture File Formats Explained", 2001.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pose_vocab.formats.bvh.bvh_text import read_lines
from pose_vocab.formats.bvh.hierarchy import Joint, read_hierarchy
from pose_vocab.formats.bvh.motion_table import read_motion
from pose_vocab.formats.interface import PoseInput
from pose_vocab.formats.parsed import Parsed, Space
from pose_vocab.formats.rig_motion import count_rig_pose_frames, move_joints
from pose_vocab.formats.rig_nose import with_nose
from pose_vocab.formats.rig_notices import rig_notices
from pose_vocab.rig_body import find_body
from pose_vocab.rig_names import mirror_pairs
from pose_vocab.sequence import check_coordinates
from pose_vocab.skeletons import Skeleton

UNITS = ("metres", "centimetres")
"""Units of most BVH files."""


def parse_bvh(path: Path, pose_input: PoseInput | None = None) -> Parsed:
    """Return the motion of a BVH file, (frames, joints, 3) in its own unit and axes.

    The skeleton is called ``"bvh"`` and has the file's joints under their own names, an end site as
    ``<joint>_end``, and on rigs whose head is known a last joint ``nose``, which moves with the head. Left
    and right are paired by name (``LeftArm``, ``lShldr``, ``arm_L``).

    A rig's T-pose at the start is skipped together with the frames that blend into the motion. Of several
    rigs in a file the first that has a body's limbs is read.

    Raises
    ------
    PoseError : no such file, too large, or a damaged one; the message names the line.
    """
    lines = read_lines(path)
    joints, motion_line, notices = read_hierarchy(path, lines)
    n_channels = sum(len(joint.channels) for joint in joints)
    motion, fps, more_notices = read_motion(path, lines, motion_line, n_channels, len(joints))
    notices += more_notices
    for values in (motion, np.stack([joint.offset for joint in joints])):
        check_coordinates(values, str(path))
    if any(channel.endswith("scale") for joint in joints for channel in joint.channels):
        notices += (f"{path} scales its bones; that is ignored",)
    motion, more_notices = _with_absolute_positions(path, joints, motion)
    notices += more_notices
    trees = _split_trees(joints, motion)
    joints, motion = trees[0]
    if len(trees) > 1:
        joints, motion = next((tree for tree in trees if _has_body(*tree)), trees[0])
        notices += (f"{path} contains {len(trees)} rigs; only the one of {joints[0].name!r} is read",)
    rig = with_nose(move_joints(joints, motion))
    notices += rig_notices(path, rig, pose_input or PoseInput())
    points = rig.positions[count_rig_pose_frames(rig.positions, fps) :]
    skeleton = Skeleton("bvh", tuple(rig.names), rig.bones, mirror_pairs(rig.names))
    return Parsed(points, skeleton, Space.WORLD, fps=fps, usual_units=UNITS, has_missing=False, notices=notices)


def _with_absolute_positions(
    path: Path, joints: Sequence[Joint], motion: NDArray[np.float64]
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return the motion with positions instead of shifts of the joints, and notices.

    Most programs write a joint's position in its position channels, some how far it is from its offset. These
    values are mostly nearer to zero than to the offset. Roots always have positions.
    """
    offsets = np.array(
        [
            joint.offset["XYZ".index(channel[0])] if joint.parent >= 0 and channel.endswith("position") else 0.0
            for joint in joints
            for channel in joint.channels
        ]
    )
    typical = np.median(motion, axis=0)[offsets != 0]
    if np.abs(typical).sum() >= np.abs(typical - offsets[offsets != 0]).sum():
        return motion, ()
    return motion + offsets, (f"{path}: position channels of joints are added to their offsets",)


def _split_trees(joints: Sequence[Joint], motion: NDArray[np.float64]) -> list[tuple[list[Joint], NDArray[np.float64]]]:
    """Return the joints and the motion below each root."""
    roots = [at for at, joint in enumerate(joints) if joint.parent < 0]
    columns = np.cumsum([0, *(len(joint.channels) for joint in joints)])
    return [
        (
            [
                Joint(joint.name, joint.parent - begin if joint.parent >= 0 else -1, joint.offset, joint.channels)
                for joint in joints[begin:end]
            ],
            motion[:, columns[begin] : columns[end]],
        )
        for begin, end in zip(roots, [*roots[1:], len(joints)], strict=True)
    ]


def _has_body(joints: Sequence[Joint], motion: NDArray[np.float64]) -> bool:
    """Return whether a rig has legs and arms."""
    rig = move_joints(joints, motion)
    return find_body(rig.names, rig.parents, rig.positions) is not None
