"""A dancer's motion as a BVH file of a humanoid rig, for Blender and other animation programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import OutputError
from pose_vocab.files import write_beside
from pose_vocab.formats.bvh.bvh_reader import load_bvh
from pose_vocab.formats.bvh.hierarchy import Joint
from pose_vocab.formats.bvh.inverse_kinematics import solve_rotations
from pose_vocab.formats.bvh.rig import build_rest_rig, joint_paths, measure
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.lift_2d import lift_to_3d
from pose_vocab.resampling import fill_missing
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

CM = 100.0
"""A metre, in the unit of the file."""
OPTIONAL_JOINTS = ("nose", "left_toe", "right_toe")
"""Joints without which the head and the feet stay as at rest; all others are needed."""
NOTICE_ERROR_CM = 1.0
"""Where no joint of the rig is further off than this, nothing is said of it."""


def save_bvh(poses: PoseSequence, path: Path) -> tuple[str, ...]:
    """Write poses of any known skeleton as a BVH file in centimetres; `load_bvh` reads it.

    The rig of `pose_vocab.formats.bvh.rig` has the dancer's median bone lengths, left and right alike, so joints
    lie where the dancer's do as far as those kept their lengths. Poses in 2D are lifted first.

    Returns
    -------
    tuple of str : what was guessed or lost, a line each.

    Raises
    ------
    OutputError : the file cannot be written, or a joint that the rig needs is never seen.
    PoseError : nobody knows the skeleton.
    """
    dancer = to_dancer(poses)
    seen = dancer.seen.any(axis=0)
    names = [
        name for name, ever in zip(DANCER.joint_names, seen, strict=True) if not ever and name not in OPTIONAL_JOINTS
    ]
    if names:
        raise OutputError(
            f"cannot write {path}: a rig needs all joints but nose and toes, and these are never seen: "
            f"{', '.join(name.replace('_', ' ') for name in names)}"
        )
    gaps = float((~dancer.seen[:, seen]).mean())
    notices = [f"{path}: {gaps:.1%} of the joints are missing; bridged by straight lines in time"] if gaps else []
    dancer = PoseSequence.fully_seen(
        np.where(seen[:, None], fill_missing(dancer.keypoints), np.nan), dancer.fps, DANCER
    )
    if dancer.dims == 2:
        dancer = lift_to_3d(dancer)
        notices.append(f"{path}: the poses are in 2D; their depth is guessed from how long bones look")
    rig = build_rest_rig(measure(dancer))
    at = {name: joint for name, joint in joint_paths(dancer).items() if np.isfinite(joint).all()}
    rotations = solve_rotations(rig, at, dancer.fps)
    with write_beside(path) as beside:
        beside.write_text("".join(_lines(rig, at["hips"], rotations, dancer.fps)), encoding="ascii")
        off_cm = _errors_cm(beside, dancer)
    if np.nanmax(off_cm) > NOTICE_ERROR_CM:
        notices.append(
            f"{path}: bones of one length: joints are {np.nanmean(off_cm):.1f} cm off on average, "
            f"{np.nanmax(off_cm):.1f} at worst"
        )
    return tuple(notices)


def _errors_cm(path: Path, dancer: PoseSequence) -> NDArray[np.float32]:
    """How far the joints in a written file are from the dancer's, (frames, joints); NaN where never seen."""
    written = to_dancer(load_bvh(path)).keypoints
    return np.asarray(CM * np.linalg.norm(written - dancer.keypoints[-len(written) :], axis=2), np.float32)


def _lines(
    rig: Sequence[Joint], root: NDArray[np.float64], rotations: Mapping[str, NDArray[np.float64]], fps: float
) -> Iterator[str]:
    yield "HIERARCHY\n"
    yield from _hierarchy(rig, 0, "")
    yield f"MOTION\nFrames: {len(root)}\nFrame Time: {1 / fps!r}\n"
    angles = [_angles(joint, rig, rotations) for joint in rig if joint.channels]
    for row in np.concatenate([root * CM, *angles], axis=1):
        yield " ".join(f"{value:.5f}" for value in row) + "\n"


def _hierarchy(rig: Sequence[Joint], at: int, indent: str) -> Iterator[str]:
    """A joint and what hangs on it."""
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
    """The joint's own turns as its rotation channels, (frames, 3) in degrees, without jumps."""
    turn = rotations[joint.name]
    if joint.parent >= 0:
        turn = np.swapaxes(rotations[rig[joint.parent].name], 1, 2) @ turn
    i, j, k = ("XYZ".index(channel[0]) for channel in joint.channels[-3:])
    return np.degrees(_continuous(_euler(turn, i, j, k)))


def _euler(turn: NDArray[np.float64], i: int, j: int, k: int) -> NDArray[np.float64]:
    """Angles about the axes i, j, k, one after the other about the turned ones, (frames, 3) in radians.

    Only for orders like x, y, z, which follow each other round: K. Shoemake, "Euler Angle Conversion",
    Graphics Gems IV, 1994. In gimbal lock, of which scipy warns, any of the angles that fit will do.
    """
    return np.stack(
        [
            np.arctan2(-turn[:, j, k], turn[:, k, k]),
            np.arcsin(np.clip(turn[:, i, k], -1, 1)),
            np.arctan2(-turn[:, i, j], turn[:, i, i]),
        ],
        axis=1,
    )


def _continuous(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same turns by angles (frames, 3) that go on from frame to frame.

    Each turn can be written in two ways; which is nearer to the frame before does not hang on how that is written.
    """
    other = angles * (1, -1, 1) + np.pi
    changes = _apart(other[1:], angles[:-1]) < _apart(angles[1:], angles[:-1])
    chosen = np.concatenate([[0], np.cumsum(changes)]) % 2
    return np.unwrap(np.where(chosen[:, None], other, angles), axis=0)


def _apart(angles: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of how far three angles are from three others, whole turns left out, (frames,)."""
    return np.asarray(np.abs((angles - others + np.pi) % (2 * np.pi) - np.pi).sum(axis=1))
