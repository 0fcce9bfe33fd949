"""Reading of BVH files, by forward kinematics.

The format: M. Meredith and S. Maddock, "Motion Capture File Formats Explained", 2001.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pose_vocab.errors import PoseError
from pose_vocab.formats.bvh.hierarchy import Joint, read_hierarchy
from pose_vocab.formats.parsed import Parsed, Space
from pose_vocab.skeletons import Skeleton

BINARY_CHECK_CHARS = 200
"""A binary file has a zero among this many characters at its beginning, a text has none."""

RIG_POSE_S = 0.075
"""A rig's T-pose and its blend into the motion last at most this long (9 frames at 120 fps)."""
RIG_POSE_SPEED = 12.0
"""Speed of a joint about the root, in reaches of the rig per second, that only such a blend has."""

PRINTED_FRAME_TIME_S = 1e-6
"""Frame times are printed with six digits: 0.008333 is 120 fps, not 120.0048."""


@dataclass(frozen=True)
class _NosePlacement:
    """Position of the nose on a rig: `up` and `forward` of the head joint, in lengths from it to `size_to`.

    The head's own axes follow from the rest skeleton: up from the neck to the head, left from the `right`
    to the `left` joint, forward perpendicular to both.
    """

    head: str
    size_to: str
    left: str
    right: str
    up: float
    forward: float


_NOSE_PLACEMENTS = (
    _NosePlacement("head", "leftEye", "lCollar", "rCollar", up=0.35, forward=0.95),
    _NosePlacement("Head", "Head_end", "LeftShoulder", "RightShoulder", up=0.1, forward=0.55),
)


def parse_bvh(path: Path) -> Parsed:
    """Return the motion of a BVH file, (frames, joints, 3) in its own unit and axes.

    The skeleton is called ``"bvh"`` and has the file's joints under their own names, an end site as
    ``<joint>_end``, and on rigs whose head is known a last joint ``nose``, which moves with the head. Left
    and right are paired by name (``LeftArm``, ``lShldr``, ``arm_L``).

    A rig's T-pose at the start is skipped together with the frames that blend into the motion; it is
    recognized by a speed that no dancer reaches.

    Raises
    ------
    PoseError : no such file, or a damaged one; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        raise PoseError(f"there is no file {path}") from None
    except OSError as error:
        raise PoseError(f"{path} cannot be read: {error.strerror or error}") from error
    if "\0" in text[:BINARY_CHECK_CHARS]:
        raise PoseError(f"{path} is not a BVH file: expected plain text that begins with HIERARCHY")
    lines = text.splitlines()
    joints, motion_line = read_hierarchy(path, lines)
    motion, fps = _read_motion(path, lines, motion_line, n_channels=sum(len(joint.channels) for joint in joints))

    positions, rotations = _forward_kinematics(joints, motion)
    names = [joint.name for joint in joints]
    bones = [(joint.parent, i) for i, joint in enumerate(joints) if joint.parent >= 0]
    for placement in _NOSE_PLACEMENTS:
        if {placement.head, placement.size_to, placement.left, placement.right} <= set(names) and "nose" not in names:
            head = names.index(placement.head)
            positions.append(positions[head] + rotations[head].apply(_nose_offset(placement, joints, names)))
            bones.append((head, len(names)))
            names.append("nose")
    keypoints = np.stack(positions, axis=1)
    keypoints = keypoints[_rig_pose_frames(keypoints, fps) :]
    skeleton = Skeleton("bvh", tuple(names), tuple(bones), _mirror_pairs(names))
    return Parsed(keypoints, skeleton, Space.WORLD, fps=fps, usual_units=("metres", "centimetres"), has_missing=False)


def _read_motion(
    path: Path, lines: Sequence[str], motion_line: int, n_channels: int
) -> tuple[NDArray[np.float64], float]:
    """Return the numbers under MOTION, (frames, n_channels), and the frames per second."""
    rows = [(number, line) for number, line in enumerate(lines[motion_line:], motion_line + 1) if line.strip()]
    frames = _header_value(path, rows[:1], motion_line, "Frames:")
    frame_time_s = _header_value(path, rows[1:2], motion_line + 1, "Frame Time:")
    if frame_time_s <= 0:
        raise PoseError(f"{path}, line {rows[1][0]}: the frame time must be positive, got {frame_time_s}")
    rows = rows[2:]
    if frames < 1 or frames != len(rows):
        raise PoseError(
            f"{path}, line {motion_line + 1}: {frames:.15g} frames are stated, {len(rows)} follow; "
            "the file must be complete and contain at least one"
        )
    try:
        motion = np.loadtxt([line for _, line in rows], comments=None, ndmin=2)
        sound = motion.shape == (len(rows), n_channels) and bool(np.isfinite(motion).all())
    except ValueError:
        sound = False
    if not sound:
        raise _row_error(path, rows, n_channels)
    fps = 1 / frame_time_s
    if round(fps) > 0 and abs(1 / round(fps) - frame_time_s) < PRINTED_FRAME_TIME_S:
        fps = round(fps)
    return motion, fps


def _header_value(path: Path, rows: Sequence[tuple[int, str]], line_before: int, label: str) -> float:
    """Return the number after a label; raise PoseError for another line."""
    number, line = rows[0] if rows else (line_before, "the end of the file")
    found = re.fullmatch(rf"\s*{label}\s*([\d.eE+-]+)\s*", line)
    try:
        value = float(found[1]) if found else np.nan
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        raise PoseError(f"{path}, line {number}: expected '{label}' and a number, got {line.strip()[:40]!r}")
    return value


def _row_error(path: Path, rows: Sequence[tuple[int, str]], n_channels: int) -> PoseError:
    """Return the error of the first row that is not `n_channels` finite numbers."""
    for number, line in rows:
        tokens = line.split()
        if len(tokens) != n_channels:
            return PoseError(
                f"{path}, line {number}: {len(tokens)} values, but the hierarchy has {n_channels} channels"
            )
        for word in tokens:
            try:
                finite = np.isfinite(float(word))
            except ValueError:
                finite = False
            if not finite:
                return PoseError(f"{path}, line {number}: expected a number, got {word[:40]!r}")
    return PoseError(f"{path}: the motion after line {rows[0][0]} cannot be read as numbers")


def _forward_kinematics(
    joints: Sequence[Joint], motion: NDArray[np.float64]
) -> tuple[list[NDArray[np.float64]], list[Rotation]]:
    """Return the world position (frames, 3) and world rotation of every joint.

    Channels are applied in the order in which they are written. A position channel replaces that coordinate
    of the offset, as the exporters of full-body rigs mean it.
    """
    positions: list[NDArray[np.float64]] = []
    rotations: list[Rotation] = []
    identity = Rotation.identity(len(motion))
    column = 0
    for joint in joints:
        local = np.tile(joint.offset, (len(motion), 1))
        rotation = identity
        for channel in joint.channels:
            axis, kind = channel[0], channel[1:]
            if kind == "position":
                local[:, "XYZ".index(axis)] = motion[:, column]
            else:
                rotation = rotation * Rotation.from_euler(axis, motion[:, column : column + 1], degrees=True)
            column += 1
        if joint.parent < 0:
            positions.append(local)
            rotations.append(rotation)
        else:
            positions.append(positions[joint.parent] + rotations[joint.parent].apply(local))
            rotations.append(rotations[joint.parent] * rotation if joint.channels else rotations[joint.parent])
    return positions, rotations


def _nose_offset(placement: _NosePlacement, joints: Sequence[Joint], names: Sequence[str]) -> NDArray[np.float64]:
    """Return the nose in the head's own axes, (3,)."""
    up = joints[names.index(placement.head)].offset
    left = joints[names.index(placement.left)].offset - joints[names.index(placement.right)].offset
    forward = np.cross(left, up)
    size = np.linalg.norm(joints[names.index(placement.size_to)].offset)
    return np.asarray(size * (placement.up * _unit(up) + placement.forward * _unit(forward)))


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a vector (3,) with length 1; a zero vector stays zero."""
    length = np.linalg.norm(vector)
    return vector / length if length > 0 else vector


def _rig_pose_frames(keypoints: NDArray[np.float64], fps: float) -> int:
    """Return how many frames at the start are the rig's T-pose and its blend into the motion."""
    blend = int(np.ceil(RIG_POSE_S * fps))
    if len(keypoints) <= blend + 1:
        return 0
    about_root = keypoints - keypoints[:, :1]
    reach = float(np.median(np.linalg.norm(about_root, axis=2).max(axis=1)))
    speeds = np.linalg.norm(np.diff(about_root[: blend + 1], axis=0), axis=2) * fps
    return blend if speeds.max() > RIG_POSE_SPEED * reach else 0


_LEFT = re.compile(r"left|Left|LEFT|^l(?=[A-Z_.:])|^L(?=[_.:])|(?<=[_.:])[lL]$")
_RIGHT_OF = {"left": "right", "Left": "Right", "LEFT": "RIGHT", "l": "r", "L": "R"}


def _mirror_pairs(names: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return the pairs of joints whose names differ in left and right."""
    at = {name: i for i, name in enumerate(names)}
    mirrored = {name: _LEFT.sub(lambda left: _RIGHT_OF[left[0]], name) for name in names}
    return tuple((at[name], at[other]) for name, other in mirrored.items() if other != name and other in at)
