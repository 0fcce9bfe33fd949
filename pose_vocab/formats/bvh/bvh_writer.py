"""Writing of a dancer's motion as a BVH file with a humanoid rig, for Blender and other animation programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pose_vocab.files import write_beside
from pose_vocab.formats.humanoid.rig import RigJoint, build_rest_rig, measure
from pose_vocab.formats.humanoid.rig_fitting import FittedRig, complete_dancer, describe_error, fit_rig
from pose_vocab.sequence import PoseSequence

CM = 100.0
"""Centimetres, the unit of the file, per metre."""
ROOT_POSITIONS = ("Xposition", "Yposition", "Zposition")
ROTATION_ORDER = "ZXY"
LEG_ROTATION_ORDER = "XYZ"
"""The second rotation must stay below 90 degrees or the curves jump, so it is the twist, the smallest one of a
limb."""
LEG_JOINTS = ("UpLeg", "Leg", "Foot", "Toe")


def save_bvh(poses: PoseSequence, path: Path) -> tuple[str, ...]:
    """Write poses of any known skeleton as a BVH file in centimetres; `load_bvh` reads it.

    The rig of `pose_vocab.formats.humanoid.rig` has the dancer's median bone lengths, left and right alike,
    so its joints match the dancer's as far as the dancer's bones keep their lengths. Poses in 2D are lifted
    first. The root's OFFSET is zero, because some readers add it to the root's positions, as three.js does,
    and others replace it.

    Returns
    -------
    tuple of str : what was guessed or lost, one line each.

    Raises
    ------
    OutputError : the file cannot be written, or a joint that the rig needs is never seen.
    PoseError : the skeleton's joints are unknown.
    """
    dancer, notices = complete_dancer(poses, path)
    motion = fit_rig(build_rest_rig(measure([dancer])), dancer)
    with write_beside(path) as beside:
        beside.write_text("".join(_lines(motion)), encoding="ascii")
    return (*notices, *describe_error(motion, dancer, path))


def _lines(motion: FittedRig) -> Iterator[str]:
    """Yield the text of the file."""
    yield "HIERARCHY\n"
    yield from _hierarchy(motion.rig, 0, "")
    yield f"MOTION\nFrames: {len(motion)}\nFrame Time: {1 / motion.fps!r}\n"
    angles = [_angles(motion.local_rotations(joint), _order(joint)) for joint in motion.rig if not joint.is_tip]
    for row in np.concatenate([motion.root * CM, *angles], axis=1):
        yield " ".join(f"{value:.5f}" for value in row) + "\n"


def _hierarchy(rig: Sequence[RigJoint], at: int, indent: str) -> Iterator[str]:
    """Yield the text of a joint and its children."""
    joint = rig[at]
    is_root = joint.parent < 0
    offset = " ".join(f"{value:.5f}" for value in (np.zeros(3) if is_root else joint.offset * CM))
    head = "End Site" if joint.is_tip else f"{'ROOT' if is_root else 'JOINT'} {joint.name}"
    yield f"{indent}{head}\n{indent}{{\n{indent}\tOFFSET {offset}\n"
    if not joint.is_tip:
        channels = (*(ROOT_POSITIONS if is_root else ()), *(f"{axis}rotation" for axis in _order(joint)))
        yield f"{indent}\tCHANNELS {len(channels)} {' '.join(channels)}\n"
    for child, other in enumerate(rig):
        if other.parent == at:
            yield from _hierarchy(rig, child, indent + "\t")
    yield f"{indent}}}\n"


def _order(joint: RigJoint) -> str:
    """Return the axes of a joint's rotations in the order of their application."""
    return LEG_ROTATION_ORDER if joint.name.endswith(LEG_JOINTS) else ROTATION_ORDER


def _angles(rotation: NDArray[np.float64], order: str) -> NDArray[np.float64]:
    """Return rotations (frames, 3, 3) as angles about the axes of `order`, (frames, 3) in degrees, without jumps."""
    return np.degrees(_continuous(_euler(rotation, *("XYZ".index(axis) for axis in order))))


def _euler(rotation: NDArray[np.float64], i: int, j: int, k: int) -> NDArray[np.float64]:
    """Return angles about the axes i, j, k, applied in turn about the rotated axes, (frames, 3) in radians.

    Only for cyclic orders such as x, y, z: K. Shoemake, "Euler Angle Conversion", Graphics Gems IV, 1994.
    In gimbal lock, of which scipy warns, any matching angles will do.
    """
    return np.stack(
        [
            np.arctan2(-rotation[:, j, k], rotation[:, k, k]),
            np.arcsin(np.clip(rotation[:, i, k], -1, 1)),
            np.arctan2(-rotation[:, i, j], rotation[:, i, i]),
        ],
        axis=1,
    )


def _continuous(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the same rotations by angles (frames, 3) without jumps between frames.

    Each rotation can be written in two ways; which one is closer to the frame before does not depend on how
    that frame is written.
    """
    other = angles * (1, -1, 1) + np.pi
    changes = _angle_difference(other[1:], angles[:-1]) < _angle_difference(angles[1:], angles[:-1])
    chosen = np.concatenate([[0], np.cumsum(changes)]) % 2
    return np.unwrap(np.where(chosen[:, None], other, angles), axis=0)


def _angle_difference(angles: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of the differences of three angles, modulo whole turns, (frames,)."""
    return np.asarray(np.abs((angles - others + np.pi) % (2 * np.pi) - np.pi).sum(axis=1))
