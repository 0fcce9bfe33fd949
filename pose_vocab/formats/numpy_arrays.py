"""NumPy arrays of keypoints, whose skeleton is told or named beside them; never guessed from their size."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.coordinate_space import interpret_3d
from pose_vocab.formats.detections import MAX_NUMBERS, Detections, assemble_people
from pose_vocab.formats.interface import PoseInput, PosesRead
from pose_vocab.formats.units import choose_fps, median_body_size, to_pixels
from pose_vocab.sequence import check_coordinates
from pose_vocab.skeletons import SKELETONS, skeleton_named

MAGIC = b"\x93NUMPY"
"""How a file with one bare array begins."""
MAX_BODY_M = 10.0
"""Bodies larger than this are not in metres."""


class NumpyArrays:
    """One person (frames, joints, 2|3) or several (people, frames, joints, 2|3); pixels, or metres in 3D.

    A ``.npy`` file holds the array alone. A ``.npz`` file holds it as ``keypoints``, and maybe
    ``confidence``, ``fps`` and ``skeleton``, a name.
    """

    name = "numpy"
    title = "NumPy array"
    suffixes = (".npy", ".npz")

    def recognizes(self, path: Path) -> bool:
        """Whether it is an array, or an archive with ``keypoints`` that is not BopBot's own."""
        try:
            if _is_bare(path):
                return True
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
        except (OSError, zipfile.BadZipFile):
            return False
        return "keypoints.npy" in names and "format.npy" not in names

    def read(self, path: Path, pose_input: PoseInput) -> PosesRead:
        """Read everybody; a joint with a NaN coordinate is missing.

        Raises
        ------
        PoseError : no skeleton is told, other shapes, a third column that is not metres, people on their
            heads, nobody in it.
        """
        arrays = _load(path)
        keypoints = _numbers(arrays["keypoints"], f"{path}, keypoints")
        if keypoints.ndim == 3:
            keypoints = keypoints[None]
        name = pose_input.skeleton or ("" if "skeleton" not in arrays else str(arrays["skeleton"]))
        if not name:
            raise PoseError(f"{path} names no skeleton; say which, as in --skeleton dancer ({', '.join(SKELETONS)})")
        skeleton = skeleton_named(name)
        if keypoints.ndim != 4 or keypoints.shape[2] != skeleton.n_joints or keypoints.shape[3] not in (2, 3):
            raise PoseError(
                f"{path}: keypoints of {name!r} are (frames, {skeleton.n_joints}, 2 or 3), or so of several people, "
                f"got {arrays['keypoints'].shape}"
            )
        confidence = np.ones(keypoints.shape[:3])
        if "confidence" in arrays:
            given = _numbers(arrays["confidence"], f"{path}, confidence")
            if given.shape not in (confidence.shape, confidence.shape[1:]) or given.size != confidence.size:
                raise PoseError(f"{path}: confidence must be like the keypoints without x and y, got {given.shape}")
            confidence = given.reshape(confidence.shape)
        own_fps = None
        if "fps" in arrays:
            own_fps = float(_numbers(arrays["fps"].reshape(-1)[:1], f"{path}, fps").sum())
        fps, notices = choose_fps(pose_input, own_fps, path)

        n_people, n_frames = keypoints.shape[:2]
        flat = keypoints.reshape(-1, *keypoints.shape[2:])
        if flat.shape[2] == 2:
            placed, more_notices = to_pixels(flat, pose_input.size_px, path)
        elif (size := median_body_size(flat)) > MAX_BODY_M:
            raise PoseError(
                f"{path}: three coordinates are metres, but bodies of {size:.0f} are none; "
                "save pixels as (..., 2), and their confidence beside them in an .npz"
            )
        else:
            placed, more_notices = interpret_3d(flat, skeleton, pose_input.size_px, path)
        seen = Detections(
            placed,
            np.nan_to_num(confidence.reshape(-1, skeleton.n_joints)),
            np.tile(np.arange(n_frames), n_people),
            n_frames,
            np.repeat(np.arange(n_people), n_frames),
        )
        return assemble_people(path, seen, fps, skeleton, notices + more_notices)


def _is_bare(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _load(path: Path) -> Mapping[str, NDArray[Any]]:
    """The arrays by their names, a bare one as ``keypoints``; objects in them are never unpickled."""
    try:
        if _is_bare(path):
            return {"keypoints": np.array(np.load(path, mmap_mode="r", allow_pickle=False))}
        with zipfile.ZipFile(path) as archive:
            if sum(inside.file_size for inside in archive.infolist()) > 8 * MAX_NUMBERS:
                raise PoseError(f"{path} unpacks to more than {MAX_NUMBERS} numbers; cut it in pieces")
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            names = [name for name in ("keypoints", "confidence", "fps", "skeleton") if name in arrays]
            if "keypoints" not in names:
                raise PoseError(f"{path} holds {', '.join(arrays.files) or 'nothing'}; expected an array 'keypoints'")
            return {name: arrays[name] for name in names}
    except FileNotFoundError:
        raise PoseError(f"there is no file {path}") from None
    except (OSError, ValueError, EOFError, MemoryError, zipfile.BadZipFile) as error:
        objects = "allow_pickle" in str(error) or "Python objects" in str(error)
        why = "they hold Python objects, which may be code" if objects else str(error)[:80]
        raise PoseError(f"{path} cannot be read as arrays of numbers: {why}") from error


def _numbers(array: NDArray[Any], where: str) -> NDArray[np.float64]:
    if array.dtype.kind not in "iuf" or not array.size:
        raise PoseError(f"{where}: expected numbers, got {array.dtype} of shape {array.shape}")
    values = array.astype(np.float64)
    check_coordinates(values, where)
    return values
