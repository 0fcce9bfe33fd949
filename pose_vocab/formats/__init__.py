"""File formats of poses: one table, one row per format."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from pose_vocab.errors import BopBotError, OutputError, PoseError
from pose_vocab.formats.aist import Aist
from pose_vocab.formats.asf_amc import AsfAmc
from pose_vocab.formats.bopbot_npz import BopBotNpz
from pose_vocab.formats.bvh.bvh_format import Bvh
from pose_vocab.formats.coco import Coco
from pose_vocab.formats.gltf.gltf_format import Glb
from pose_vocab.formats.interface import DEFAULT_FPS, PoseFormat, PoseInput, PosesRead, TakesFormat, WritablePoseFormat
from pose_vocab.formats.isolated import parse_isolated
from pose_vocab.formats.landmark_csv import LandmarkCsv
from pose_vocab.formats.markers.c3d import C3d
from pose_vocab.formats.markers.trc import Trc
from pose_vocab.formats.mediapipe_landmarks import MediaPipeJson
from pose_vocab.formats.movement_netcdf import MovementNetcdf
from pose_vocab.formats.normalize_read import normalize_read
from pose_vocab.formats.numpy_arrays import NumpyArrays
from pose_vocab.formats.openpose_json import OpenPoseJson
from pose_vocab.formats.pose_format_file import PoseFormatFile
from pose_vocab.formats.smpl import Smpl
from pose_vocab.formats.tidy_parquet import TidyParquet
from pose_vocab.formats.usd.usd_format import Usd
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import SKELETONS

__all__ = [
    "DEFAULT_FPS",
    "FOLDER",
    "FORMATS",
    "SUFFIXES",
    "WRITABLE",
    "PoseFormat",
    "PoseInput",
    "PosesRead",
    "TakesFormat",
    "WritablePoseFormat",
    "detect",
    "find_format",
    "find_writable",
    "read_as",
    "read_people",
    "write_people",
]

_WRITABLE: tuple[WritablePoseFormat, ...] = (
    BopBotNpz(),
    Bvh(),
    OpenPoseJson(),
    PoseFormatFile(),
    LandmarkCsv(),
    Glb(),
    Trc(),
    C3d(),
    TidyParquet(),
    MovementNetcdf(),
    Usd(),
)
_READ_ONLY: tuple[PoseFormat, ...] = (Coco(), MediaPipeJson(), NumpyArrays(), Smpl(), Aist(), AsfAmc())
FORMATS: dict[str, PoseFormat] = {row.name: row for row in (*_WRITABLE, *_READ_ONLY)}
"""All formats by name; the first that recognizes a file reads it."""
WRITABLE: dict[str, WritablePoseFormat] = {row.name: row for row in _WRITABLE}
"""The formats that can also be written."""
ISOLATED = frozenset(row.name for row in (C3d, MovementNetcdf, TidyParquet, Usd))
"""Formats whose libraries are compiled, and may hang or crash on damaged files: parsed in another process."""
SUFFIXES = tuple(dict.fromkeys(suffix for row in FORMATS.values() for suffix in row.suffixes))
"""Suffixes of all pose files."""
FOLDER = OpenPoseJson.name
"""The format of folders, written to a path without a suffix."""


def find_format(name: str) -> PoseFormat:
    """Return a row of `FORMATS` by name; raise PoseError for an unknown name."""
    if name not in FORMATS:
        raise PoseError(f"there is no format {name!r}; --format takes {', '.join(FORMATS)}")
    return FORMATS[name]


def detect(path: Path, pose_input: PoseInput | None = None) -> PoseFormat:
    """Return the format of a file or folder: the one in `pose_input`, else the first that recognizes it.

    Raises
    ------
    PoseError : the path does not exist, or no format recognizes it.
    """
    if not path.exists():
        raise PoseError(f"there is no file or folder {path}")
    if pose_input is not None and pose_input.format is not None:
        return find_format(pose_input.format)
    rows = [row for row in FORMATS.values() if path.is_dir() or path.suffix.lower() in row.suffixes]
    if not rows:
        raise PoseError(f"{path} is not a pose file: expected {', '.join(SUFFIXES)} or a folder, got {path.suffix!r}")
    recognizing = [row for row in rows if row.recognizes(path)]
    if recognizing or len(rows) == 1:
        return (recognizing or rows)[0]
    if path.is_dir():
        raise PoseError(f"{path} is a folder without poses; expected {FORMATS[FOLDER].title}")
    raise PoseError(f"{path} is damaged or not one of: {', '.join(row.title for row in rows)}; --format names one")


def read_people(path: Path, pose_input: PoseInput | None = None) -> PosesRead:
    """Read all people in a file or folder of poses, in any format.

    Raises
    ------
    PoseError : as `detect`; the file is damaged, or an option is needed to read it.
    """
    return read_as(detect(path, pose_input), path, pose_input or PoseInput())


def read_as(row: PoseFormat, path: Path, pose_input: PoseInput) -> PosesRead:
    """Read all people in a file or folder of a format; raises PoseError as `read_people`."""
    # Damaged numbers overflow; `normalize_read` refuses what lies out of range.
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            parse = partial(parse_isolated, row.name) if row.name in ISOLATED else row.parse
            parsed = parse(path, pose_input)
        except BopBotError:
            raise
        except Exception as error:
            raise describe_damage(row, path, error) from error
        return normalize_read(path, parsed, pose_input)


def describe_damage(row: PoseFormat, path: Path, error: Exception) -> PoseError:
    """Return the error of a file that a library cannot read, damaged in a way that its format does not expect."""
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return PoseError(f"{path} is damaged or no {row.title} ({reason[:120]}); export it again")


def find_writable(path: Path) -> WritablePoseFormat:
    """Return the format for writing to `path`, by its suffix; a path without a suffix is a folder.

    Raises
    ------
    OutputError : no format has that suffix.
    """
    suffix = path.suffix.lower()
    if not suffix:
        return WRITABLE[FOLDER]
    for row in WRITABLE.values():
        if suffix in row.suffixes and row.name != FOLDER:
            return row
    known = ", ".join(suffix for row in WRITABLE.values() for suffix in row.suffixes if row.name != FOLDER)
    raise OutputError(f"cannot write {path}: use one of the suffixes {known}, or none to write a folder")


def write_people(people: Sequence[PoseSequence], path: Path, row: WritablePoseFormat | None = None) -> tuple[str, ...]:
    """Write people, all of one length, frame rate and skeleton; by default in the format of `find_writable`.

    Only BopBot's own file can store joints of any name; for the other formats a rig is mapped onto the
    dancer's joints.

    Parameters
    ----------
    people : one sequence per person.
    path : file or folder to write.
    row : the format; None: chosen by the suffix.

    Returns
    -------
    tuple of str : what a user should know about the written file, one line each.

    Raises
    ------
    OutputError : as `find_writable`; the path is not writable, or the format cannot store these poses.
    PoseError : the joints of a rig are unknown.
    """
    row = row or find_writable(path)
    notices: tuple[str, ...] = ()
    if row.name != BopBotNpz.name and people[0].skeleton not in SKELETONS.values():
        people = [to_dancer(person) for person in people]
        joints = people[0].skeleton
        notices = (f"{path} has the {joints.n_joints} joints of skeleton {joints.name!r}",)
    return (*notices, *(row.write(people, path) or ()))
