"""Writing of a dancer's motion as a BVH file with a humanoid rig, for Blender and other animation programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import OutputError
from pose_vocab.files import write_beside
from pose_vocab.formats.bvh.hierarchy import Joint
from pose_vocab.formats.bvh.inverse_kinematics import solve_rotations
from pose_vocab.formats.bvh.load import load_bvh
from pose_vocab.formats.bvh.rig import build_rest_rig, joint_paths, measure
from pose_vocab.formats.interface import PoseInput
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.lift_2d import lift_to_3d
from pose_vocab.resampling import fill_missing
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

CM = 100.0
"""Centimetres, the unit of the file, per metre."""
OPTIONAL_JOINTS = ("nose", "left_toe", "right_toe")
"""Without these joints the head and the feet stay as at rest; all others are required."""
NOTICE_ERROR_CM = 1.0
"""Largest joint error that needs no notice."""


def save_bvh(poses: PoseSequence, path: Path) -> tuple[str, ...]:
    """Write poses of any known skeleton as a BVH file in centimetres; `load_bvh` reads it.

    The rig of `pose_vocab.formats.bvh.rig` has the dancer's median bone lengths, left and right alike, so
    its joints match the dancer's as far as the dancer's bones keep their lengths. Poses in 2D are lifted
    first.

    Returns
    -------
    tuple of str : what was guessed or lost, one line each.

    Raises
    ------
    OutputError : the file cannot be written, or a joint that the rig needs is never seen.
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
    rig = build_rest_rig(measure(dancer))
    at = {name: joint for name, joint in joint_paths(dancer).items() if np.isfinite(joint).all()}
    rotations = solve_rotations(rig, at, dancer.fps)
    with write_beside(path) as beside:
        beside.write_text("".join(_lines(rig, at["hips"], rotations, dancer.fps)), encoding="ascii")
        errors_cm = _errors_cm(beside, dancer)
    if np.nanmax(errors_cm) > NOTICE_ERROR_CM:
        notices.append(
            f"{path}: bones have a constant length, so joints are {np.nanmean(errors_cm):.1f} cm off on average, "
            f"{np.nanmax(errors_cm):.1f} at worst"
        )
    return tuple(notices)


def _errors_cm(path: Path, dancer: PoseSequence) -> NDArray[np.float32]:
    """Return the distance of the joints in a written file from the dancer's, (frames, joints); NaN if never seen."""
    written = to_dancer(load_bvh(path, PoseInput(up="y"))).keypoints
    return np.asarray(CM * np.linalg.norm(written - dancer.keypoints[-len(written) :], axis=2), np.float32)


def _lines(
    rig: Sequence[Joint], root: NDArray[np.float64], rotations: Mapping[str, NDArray[np.float64]], fps: float
) -> Iterator[str]:
    """Yield the text of the file."""
    yield "HIERARCHY\n"
    yield from _hierarchy(rig, 0, "")
    yield f"MOTION\nFrames: {len(root)}\nFrame Time: {1 / fps!r}\n"
    angles = [_angles(joint, rig, rotations) for joint in rig if joint.channels]
    for row in np.concatenate([root * CM, *angles], axis=1):
        yield " ".join(f"{value:.5f}" for value in row) + "\n"


def _hierarchy(rig: Sequence[Joint], at: int, indent: str) -> Iterator[str]:
    """Yield the text of a joint and its children."""
    joint = rig[at]
    offset = " ".join(f"{value:.5f}" for value in joint.offset * CM)
    head = f"{'ROOT' if joint.parent < 0 else 'JOINT'} {joint.name}" if joint.channels else "End Site"
    yield f"{indent}{head}\n{indent}{{\n{indent}\tOFFSET {offset}\n"
    if joint.channels:
        yield f"{indent}\tCHANNELS {len(joint.channels)} {' '.join(joint.channels)}\n"
    for child, other in enumerate(rig):
        if other.parent == at:
            yield from _hierarchy(rig, child, indent + "\t")
    yield f"{indent}}}\n"


def _angles(joint: Joint, rig: Sequence[Joint], rotations: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the joint's local rotations as its rotation channels, (frames, 3) in degrees, without jumps."""
    rotation = rotations[joint.name]
    if joint.parent >= 0:
        rotation = np.swapaxes(rotations[rig[joint.parent].name], 1, 2) @ rotation
    i, j, k = ("XYZ".index(channel[0]) for channel in joint.channels[-3:])
    return np.degrees(_continuous(_euler(rotation, i, j, k)))


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
