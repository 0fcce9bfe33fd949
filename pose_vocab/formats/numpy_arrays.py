"""NumPy arrays of keypoints. The skeleton is an option or named in the file, never guessed from the shape."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.detections import MAX_NUMBERS
from pose_vocab.formats.interface import FormatNotes, PoseInput
from pose_vocab.formats.parsed import Parsed, Space
from pose_vocab.input_files import ARCHIVE_ERRORS, archive_names, first_bytes
from pose_vocab.sequence import check_coordinates
from pose_vocab.skeletons import SKELETONS, skeleton_named

MAGIC = b"\x93NUMPY"
"""First bytes of a file with one bare array."""


class NumpyArrays:
    """Reads one person (frames, joints, 2|3) or several (people, frames, joints, 2|3), in pixels or metres.
    Not written.

    A ``.npy`` file contains the array alone. A ``.npz`` file contains it as ``keypoints``, and optionally
    ``confidence``, ``fps`` and ``skeleton``, a name.
    """

    name = "numpy"
    title = "NumPy array"
    suffixes = (".npy", ".npz")
    notes = FormatNotes(
        reads=(
            "([people,] frames, joints, 2 or 3) on a skeleton that is named by `--skeleton` or in the "
            "archive; confidence and fps in an archive"
        ),
        guesses="a third value that is a confidence or a relative depth",
    )

    def recognizes(self, path: Path) -> bool:
        """Return whether it is an array, or an archive with ``keypoints`` that is not BopBot's own."""
        names = archive_names(path)
        return _is_bare(path) or ("keypoints" in names and "format" not in names)

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return all people.

        Raises
        ------
        PoseError : no skeleton is named, or other shapes.
        """
        arrays = _load(path)
        keypoints = _numbers(arrays["keypoints"], f"{path}, keypoints")
        if keypoints.ndim == 3:
            keypoints = keypoints[None]
        name = pose_input.skeleton or ("" if "skeleton" not in arrays else str(arrays["skeleton"]))
        if not name:
            raise PoseError(f"{path} names no skeleton; name one, e.g. --skeleton dancer ({', '.join(SKELETONS)})")
        skeleton = skeleton_named(name)
        if keypoints.ndim != 4 or keypoints.shape[2] != skeleton.n_joints or keypoints.shape[3] not in (2, 3):
            raise PoseError(
                f"{path}: keypoints of {name!r} are ([people,] frames, {skeleton.n_joints}, 2 or 3), "
                f"got {arrays['keypoints'].shape}"
            )
        confidence = None
        if "confidence" in arrays:
            values = _numbers(arrays["confidence"], f"{path}, confidence")
            if values.size != keypoints[..., 0].size or values.shape not in (keypoints.shape[:3], keypoints.shape[1:3]):
                raise PoseError(
                    f"{path}: confidence must be shaped like the keypoints without the last axis, got {values.shape}"
                )
            confidence = values.reshape(-1, skeleton.n_joints)
        n_people, n_frames = keypoints.shape[:2]
        return Parsed(
            keypoints.reshape(-1, *keypoints.shape[2:]),
            skeleton,
            Space.PICTURE if keypoints.shape[3] == 2 else Space.LANDMARKS,
            confidence,
            frames=np.tile(np.arange(n_frames), n_people),
            ids=np.repeat(np.arange(n_people), n_frames),
            fps=float(_numbers(arrays["fps"].reshape(-1)[:1], f"{path}, fps").sum()) if "fps" in arrays else None,
        )


def _is_bare(path: Path) -> bool:
    """Return whether the file is one bare array."""
    return first_bytes(path, len(MAGIC)) == MAGIC


def _load(path: Path) -> Mapping[str, NDArray[Any]]:
    """Return the arrays by name, a bare one as ``keypoints``; objects in them are never unpickled."""
    try:
        if _is_bare(path):
            return {"keypoints": np.array(np.load(path, mmap_mode="r", allow_pickle=False))}
        with zipfile.ZipFile(path) as archive:
            if sum(inside.file_size for inside in archive.infolist()) > 8 * MAX_NUMBERS:
                raise PoseError(f"{path} unpacks to more than {MAX_NUMBERS} numbers; split it")
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            names = [name for name in ("keypoints", "confidence", "fps", "skeleton") if name in arrays]
            if "keypoints" not in names:
                raise PoseError(
                    f"{path} contains {', '.join(arrays.files) or 'nothing'}; expected an array 'keypoints'"
                )
            return {name: arrays[name] for name in names}
    except FileNotFoundError:
        raise PoseError(f"there is no file {path}") from None
    except (*ARCHIVE_ERRORS, MemoryError) as error:
        objects = "allow_pickle" in str(error) or "Python objects" in str(error)
        why = "they contain Python objects, which may be code" if objects else str(error)[:80]
        raise PoseError(f"{path} cannot be read as arrays of numbers: {why}") from error


def _numbers(array: NDArray[Any], where: str) -> NDArray[np.float64]:
    """Return the array as float64; raise PoseError for other values or coordinates out of range."""
    if array.dtype.kind not in "iuf" or not array.size:
        raise PoseError(f"{where}: expected numbers, got {array.dtype} of shape {array.shape}")
    number_values = array.astype(np.float64)
    check_coordinates(number_values, where)
    return number_values
