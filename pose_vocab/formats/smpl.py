"""SMPL rotations, as in AIST++ motions, EDGE's results and AMASS: moved on a body of BopBot's own measure.

The order of the joints is SMPL's: M. Loper et al., "SMPL: A Skinned Multi-Person Linear Model", 2015. No body model
is needed, as only joints are wanted.
"""

from __future__ import annotations

import mmap
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pose_vocab.errors import PoseError
from pose_vocab.formats.array_pickle import load_arrays
from pose_vocab.formats.interface import FormatNotes, PoseInput
from pose_vocab.formats.parsed import Parsed, Space
from pose_vocab.formats.rig_motion import RigMotion
from pose_vocab.formats.rig_nose import with_nose
from pose_vocab.input_files import ARCHIVE_ERRORS, archive_names
from pose_vocab.rig_names import mirror_pairs
from pose_vocab.sequence import check_coordinates
from pose_vocab.skeletons import Skeleton

AIST_FPS, EDGE_FPS = 60.0, 30.0
"""Frames per second of AIST++ motions and of EDGE's results, which state none."""
MAX_BYTES = 2**29
"""Maximum size of the arrays in an archive."""
MAX_FRAMES = 500_000
"""Maximum number of frames: two hours at 60 per second."""

Vector = tuple[float, float, float]

_MIDDLE: tuple[tuple[str, str, Vector], ...] = (
    ("pelvis", "", (0, 0, 0)),
    ("spine1", "pelvis", (0, 0.1, -0.02)),
    ("spine2", "spine1", (0, 0.12, 0)),
    ("spine3", "spine2", (0, 0.06, 0.02)),
    ("neck", "spine3", (0, 0.2, -0.02)),
    ("head", "neck", (0, 0.08, 0.04)),
)
_LEFT: tuple[tuple[str, str, Vector], ...] = (
    ("left_hip", "pelvis", (0.09, -0.08, 0)),
    ("left_knee", "left_hip", (0, -0.42, 0)),
    ("left_ankle", "left_knee", (0, -0.42, -0.02)),
    ("left_foot", "left_ankle", (0.02, -0.05, 0.13)),
    ("left_collar", "spine3", (0.07, 0.11, 0)),
    ("left_shoulder", "left_collar", (0.1, 0.03, 0)),
    ("left_elbow", "left_shoulder", (0.28, 0, 0)),
    ("left_wrist", "left_elbow", (0.25, 0, 0)),
    ("left_hand", "left_wrist", (0.08, 0, 0)),
)
"""An adult of 1.7 m with average proportions in a T-pose, chosen for BopBot: name, parent, and the way from it in
metres, x to the left, y up, z forward."""

_ORDER = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle",
    "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hand", "right_hand",
)  # fmt: skip
N_BODY_JOINTS = 22
"""SMPL and its successors share the joints before the hands."""


class Smpl:
    """Reads one dancer from rotations of SMPL's joints; of EDGE's results the joints themselves. Not written."""

    name = "smpl"
    title = "SMPL rotations: AIST++ motion or EDGE pickle, AMASS .npz"
    suffixes = (".pkl", ".npz")
    notes = FormatNotes(
        reads="rotations of AIST++, EDGE and AMASS, on a body of average proportions; EDGE's joints as they are",
        guesses="60 frames a second of AIST++, 30 of EDGE; the proportions of the body",
    )

    def recognizes(self, path: Path) -> bool:
        """Return whether it is a pickle that holds ``smpl_poses``, or an archive with rotations and translations."""
        if path.suffix.lower() == ".npz":
            names = archive_names(path)
            return "trans" in names and ("poses" in names or {"root_orient", "pose_body"} <= names)
        try:
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return data.find(b"smpl_poses") >= 0
        except (OSError, ValueError):  # an empty file cannot be mapped
            return False

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return the dancer in metres; no code in the file is executed.

        Raises
        ------
        PoseError : the file contains code, is damaged, or has other arrays.
        """
        if path.suffix.lower() == ".npz":
            arrays = _load_archive(path)
            poses, trans = _amass_poses(arrays), arrays.get("trans")
            fps, expected_up, source = _amass_fps(arrays), "z", "AMASS"
        else:
            arrays = load_arrays(path)
            poses, trans = arrays.get("smpl_poses"), arrays.get("smpl_trans")
            is_edge = "full_pose" in arrays
            fps, expected_up, source = (EDGE_FPS, "z", "EDGE") if is_edge else (AIST_FPS, "y", "AIST++")
        rotations = _checked_rotations(poses, arrays, path)
        moved = _checked(trans, (len(rotations), 3), "trans", path)
        scaling = arrays.get("smpl_scaling")
        if scaling is not None and scaling.size and scaling.flat[0] > 0:
            moved = moved / float(scaling.flat[0])
        rig = move_body(rotations, moved)
        if "full_pose" in arrays:
            joints = _checked(arrays["full_pose"], (len(rotations), len(_ORDER), 3), "full_pose", path)
            rig = replace(rig, positions=joints[:, : len(rig.names)])
            notices: tuple[str, ...] = ()
        else:
            notices = (f"{path} has rotations of {source}'s body; they move a body of average proportions",)
        rig = with_nose(rig)
        if pose_input.fps is None and not (source == "AMASS" and fps):
            notices += (f"{path} states no frame rate; read as {fps:g} per second, as {source} has",) if fps else ()
        skeleton = Skeleton("smpl", tuple(rig.names), rig.bones, mirror_pairs(rig.names))
        return Parsed(
            rig.positions,
            skeleton,
            Space.WORLD,
            fps=fps,
            metres_per_unit=1.0,
            expected_up=expected_up,
            has_missing=False,
            notices=notices,
        )


def move_body(rotations: NDArray[np.float64], moved: NDArray[np.float64]) -> RigMotion:
    """Return the motion of the body of BopBot's own measure.

    Parameters
    ----------
    rotations : (frames, 22 or 24, 3), rotation vectors in SMPL's order, each relative to the parent joint.
    moved : (frames, 3), the position of the pelvis in metres.
    """
    offsets = {name: (parent, offset) for name, parent, offset in (*_MIDDLE, *_LEFT)}
    for name, above, (x, y, z) in _LEFT:
        mirrored: Vector = (-x, y, z)
        offsets[name.replace("left", "right")] = above.replace("left", "right"), mirrored
    names = _ORDER[: rotations.shape[1]]
    parents = [names.index(offsets[name][0]) if offsets[name][0] else -1 for name in names]
    rest = np.array([offsets[name][1] for name in names], np.float64)
    positions = np.empty((len(rotations), len(names), 3))
    turned: list[Rotation] = []
    for at, parent in enumerate(parents):
        own = Rotation.from_rotvec(rotations[:, at])
        turned.append(own if parent < 0 else turned[parent] * own)
        positions[:, at] = moved if parent < 0 else positions[:, parent] + turned[parent].apply(rest[at])
    return RigMotion(names, parents, rest, positions, turned)


def _load_archive(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of numbers in an archive; nothing in it is executed."""
    wanted = ("poses", "root_orient", "pose_body", "trans", "mocap_framerate", "mocap_frame_rate")
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()}
        if sum(sizes.get(f"{name}.npy", 0) for name in wanted) > MAX_BYTES:
            raise PoseError(f"{path} has more than {MAX_BYTES // 2**20} MiB of arrays; split it into shorter takes")
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in wanted if name in arrays.files}
    except ARCHIVE_ERRORS as error:
        raise PoseError(f"{path} is not an archive of arrays, or is damaged: {str(error)[:80]}") from error


def _amass_poses(arrays: Mapping[str, NDArray[Any]]) -> NDArray[Any] | None:
    """Return the rotations of the body, (frames, >= 66), in one array."""
    if "poses" in arrays:
        return arrays["poses"]
    root, body = arrays.get("root_orient"), arrays.get("pose_body")
    if root is None or body is None or root.ndim != 2 or body.ndim != 2 or len(root) != len(body):
        return None
    joined: NDArray[Any] = np.concatenate([root, body], axis=1)
    return joined


def _amass_fps(arrays: Mapping[str, NDArray[Any]]) -> float | None:
    """Return the stated frame rate, or None."""
    for name in ("mocap_framerate", "mocap_frame_rate"):
        if name in arrays and arrays[name].size == 1 and arrays[name].dtype.kind in "iuf":
            return float(arrays[name].flat[0])
    return None


def _checked_rotations(
    poses: NDArray[Any] | None, arrays: Mapping[str, NDArray[Any]], path: Path
) -> NDArray[np.float64]:
    """Return rotation vectors (frames, 22 or 24, 3); raise PoseError for another array."""
    if poses is None:
        raise PoseError(f"{path} contains {', '.join(arrays) or 'no arrays'}; expected smpl_poses, or poses of AMASS")
    flat = poses.reshape(len(poses), -1) if poses.ndim in (2, 3) and poses.size else np.zeros((0, 0))
    width = flat.shape[1]
    if len(flat) == 0 or width % 3 or width < 3 * N_BODY_JOINTS:
        raise PoseError(f"{path}: rotations must be (frames, 72), or at least (frames, 66), got {poses.shape}")
    if len(flat) > MAX_FRAMES:
        raise PoseError(f"{path} has {len(flat)} frames, more than {MAX_FRAMES}; split it into shorter takes")
    n_joints = len(_ORDER) if width == 3 * len(_ORDER) else N_BODY_JOINTS
    vectors = flat[:, : 3 * n_joints].astype(np.float64).reshape(len(flat), n_joints, 3)
    return _checked(vectors, vectors.shape, "poses", path)


def _checked(array: NDArray[Any] | None, shape: tuple[int, ...], name: str, path: Path) -> NDArray[np.float64]:
    """Return an array as float64; raise PoseError for another shape or a number that is not finite."""
    if array is None or array.size != np.prod(shape) or len(array) != shape[0]:
        raise PoseError(f"{path}, {name}: expected {shape}, got {'nothing' if array is None else array.shape}")
    values = array.astype(np.float64).reshape(shape)
    check_coordinates(values, f"{path}, {name}")
    if not np.isfinite(values).all():
        raise PoseError(f"{path}, {name}: a number is not finite")
    return values
