"""Acclaim motion files (.amc) with their skeleton (.asf), as the CMU motion capture database has them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pose_vocab.errors import PoseError
from pose_vocab.formats.asf_skeleton import AsfSkeleton, Bone, read_lines, read_skeleton
from pose_vocab.formats.bvh.bvh_text import to_number
from pose_vocab.formats.interface import FormatNotes, PoseInput
from pose_vocab.formats.parsed import Parsed, Space
from pose_vocab.formats.rig_motion import RigMotion, count_rig_pose_frames
from pose_vocab.formats.rig_nose import with_nose
from pose_vocab.formats.rig_notices import rig_notices
from pose_vocab.rig_names import mirror_pairs
from pose_vocab.sequence import check_coordinates
from pose_vocab.skeletons import Skeleton

FPS = 120.0
"""Frames per second of most of CMU's files; none states its own."""
MAX_BYTES = 2**29
"""Maximum size of a motion file: an hour at 120 frames per second is smaller."""
MAX_BONE_FRAMES = 2**22
"""Maximum number of frames times bones: 19 minutes of 30 bones at 120 frames per second."""


class AsfAmc:
    """Reads one rig; the skeleton file lies beside the motion file. Not written."""

    name = "amc"
    title = "Acclaim motion capture, .amc with its .asf"
    suffixes = (".amc", ".asf")
    notes = FormatNotes(
        reads="one skeleton of any names, the `.asf` beside the `.amc`",
        guesses="120 frames a second, which the format does not state; a last frame that is cut short",
    )

    def recognizes(self, path: Path) -> bool:
        """Return whether it is a motion: a skeleton alone is found in folders, too, and is no dance."""
        return path.is_file() and path.suffix.lower() == ".amc"

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return the motion of the bones, each from where it begins; the ends of the last ones are ``<bone>_end``.

        Raises
        ------
        PoseError : a skeleton without a motion or a motion without a skeleton; a damaged file.
        """
        if path.suffix.lower() == ".asf":
            raise PoseError(f"{path} is a skeleton without a motion; name the .amc file that moves it")
        skeleton_path = find_skeleton(path)
        skeleton = read_skeleton(skeleton_path)
        motion, degrees, notices = _read_motion(path, skeleton, skeleton_path)
        for values in (*motion.values(), *(bone.vector for bone in skeleton.bones)):
            check_coordinates(values, str(path))
        rig = with_nose(_move_bones(skeleton.bones, motion, degrees))
        notices += rig_notices(path, rig, pose_input)
        points = rig.positions[count_rig_pose_frames(rig.positions, pose_input.fps or FPS) :]
        if pose_input.fps is None:
            notices += (
                f"{path} states no frame rate; read as {FPS:g} per second, as most of CMU's files are "
                "(--source-fps sets another)",
            )
        return Parsed(
            points,
            Skeleton("asf", tuple(rig.names), rig.bones, mirror_pairs(rig.names)),
            Space.WORLD,
            fps=FPS,
            metres_per_unit=skeleton.metres_per_unit,
            has_missing=False,
            notices=notices,
        )


def find_skeleton(path: Path) -> Path:
    """Return the skeleton of a motion file: of the same name, the only one beside it, or one that its name begins with.

    Raises
    ------
    PoseError : there is none, or several fit equally.
    """
    try:
        beside = sorted(other for other in path.parent.iterdir() if other.suffix.lower() == ".asf")
    except OSError as error:
        raise PoseError(f"{path.parent} cannot be read: {error.strerror or error}") from error
    stem = path.stem.lower()
    same = [other for other in beside if other.stem.lower() == stem]
    begins = sorted(
        (other for other in beside if stem.startswith(other.stem.lower())), key=lambda other: len(other.stem)
    )
    found = same or (beside if len(beside) == 1 else begins[-1:])
    if found:
        return found[0]
    names = ", ".join(other.name for other in beside[:5]) or "none"
    raise PoseError(f"{path} needs its skeleton beside it, as {path.stem}.asf; skeletons there: {names}")


def _read_motion(
    path: Path, skeleton: AsfSkeleton, skeleton_path: Path
) -> tuple[dict[str, NDArray[np.float64]], bool, tuple[str, ...]]:
    """Return the channels of each bone that moves, (frames, channels), whether angles are in degrees, and notices."""
    widths = {bone.name: len(bone.channels) for bone in skeleton.bones}
    degrees = skeleton.degrees
    frames: list[dict[str, list[float]]] = []
    problem = ""
    for number, line in enumerate(read_lines(path, MAX_BYTES), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        if problem:  # not in the last line
            raise PoseError(problem)
        if words[0].startswith(":"):
            if words[0].upper() in (":DEGREES", ":RADIANS"):
                degrees = words[0].upper() == ":DEGREES"
        elif len(words) == 1 and words[0].isdigit():
            frames.append({})
            if len(frames) * len(widths) > MAX_BONE_FRAMES:
                raise PoseError(f"{path} has more than {MAX_BONE_FRAMES} frames times bones; split it")
        elif not frames:
            raise PoseError(f"{path}, line {number}: expected the number of a frame, got {words[0][:40]!r}")
        else:
            name, values = words[0], [to_number(word) for word in words[1:]]
            if name not in widths:
                problem = f"{path}, line {number}: {skeleton_path.name} has no bone {name[:40]!r}"
            elif len(values) != widths[name] or not np.isfinite(values).all():
                problem = (
                    f"{path}, line {number}: expected {widths[name]} numbers for {name!r} as in {skeleton_path.name}, "
                    f"got {' '.join(words[1:])[:60]!r}"
                )
            else:
                frames[-1][name] = values
    notices: tuple[str, ...] = ()
    if frames and (problem or frames[-1].keys() != frames[0].keys()):
        frames.pop()
        notices = (f"{path} is cut short; its last frame is left out",)
    if not frames or not frames[0]:
        raise PoseError(f"{path} has no whole frame; it must contain at least one")
    for number, frame in enumerate(frames, 1):
        if frame.keys() != frames[0].keys():
            raise PoseError(f"{path}: frame {number} has other bones than the first")
    motion = {name: np.array([frame[name] for frame in frames]) for name in frames[0]}
    return motion, degrees, notices


def _move_bones(bones: Sequence[Bone], motion: dict[str, NDArray[np.float64]], degrees: bool) -> RigMotion:
    """Return the motion of the joints at which bones begin, and of the ends of the last ones."""
    n_frames = len(next(iter(motion.values())))
    has_children = {bone.parent for bone in bones}
    names, parents = [bone.name for bone in bones], [bone.parent for bone in bones]
    rest = [np.zeros(3) if bone.parent < 0 else bones[bone.parent].vector for bone in bones]
    positions: list[NDArray[np.float64]] = []
    rotations: list[Rotation] = []
    for bone, offset in zip(bones, rest, strict=True):
        values = motion.get(bone.name, np.zeros((n_frames, len(bone.channels))))
        shift, turn = _channels(bone, values, degrees)
        local = bone.axis * turn * bone.axis.inv()
        if bone.parent < 0:
            positions.append(shift)
            rotations.append(local)
        else:
            above = rotations[bone.parent]
            positions.append(positions[bone.parent] + above.apply(offset + shift))
            rotations.append(above * local)
    for at, bone in enumerate(bones):
        if at not in has_children:
            names.append(f"{bone.name}_end")
            parents.append(at)
            rest.append(bone.vector)
            positions.append(positions[at] + rotations[at].apply(bone.vector))
            rotations.append(rotations[at])
    return RigMotion(names, parents, np.stack(rest), np.stack(positions, axis=1), rotations)


def _channels(bone: Bone, values: NDArray[np.float64], degrees: bool) -> tuple[NDArray[np.float64], Rotation]:
    """Return the shift (frames, 3) and the rotation about the bone's axes that channel values state."""
    shift = np.zeros((len(values), 3))
    turn = Rotation.identity(len(values))
    for channel, column in zip(bone.channels, values.T, strict=True):
        axis = channel[-1]
        if channel.startswith("t"):
            shift[:, "xyz".index(axis)] = column
        elif channel.startswith("r"):
            # Channels turn about the fixed axes, so the first is applied first.
            turn = Rotation.from_euler(axis, column[:, None], degrees=degrees) * turn
    return shift, turn
