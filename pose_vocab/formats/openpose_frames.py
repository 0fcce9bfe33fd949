"""OpenPose's files: those of one clip, and the people in one of them.

The format: G. Hidalgo et al., "OpenPose Doc - Output", with the layouts BODY_25, COCO and MPI.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.json_files import ID_KEYS, read_head, read_json, to_number_array
from pose_vocab.natural_order import natural_order
from pose_vocab.skeletons import BODY_25, BODY_25B, COCO_17, MEDIAPIPE, OPENPOSE_15, OPENPOSE_18

FILE_NAME = re.compile(r"(?!\._)(?P<clip>.*?)(?P<number>\d*)_keypoints\.json", re.IGNORECASE)
"""File names of OpenPose: clip, frame number and suffix; macOS keeps attributes under names with ``._``."""
NUMBERED_NAME = re.compile(r"(?!\._)(?P<clip>.*?)(?P<number>\d+)(?:_?(?P<rest>[A-Za-z_]*))\.json", re.IGNORECASE)
"""File names of programs that write the same content: anything with a running number."""
LAYOUTS = {25: (BODY_25, BODY_25B), 18: (OPENPOSE_18,), 15: (OPENPOSE_15,), 17: (COCO_17,), 33: (MEDIAPIPE,)}
"""Skeletons by their number of joints, which is how the format itself distinguishes them. The last two are of
other programs, which write files in this layout."""
KEYS = {"pose_keypoints_2d": 2, "pose_keypoints": 2, "pose_keypoints_3d": 3, "joints": 2}
"""Keys of a person's body, with its dimensions; the second is the key of the first versions, the last AlphaPose's."""
PEOPLE = re.compile(rb'"(people|bodies)":\[(\]|\{.{0,300}?"(pose_keypoints|joints))')
"""The list of people in a file's head: empty, or somebody with OpenPose's keys."""
SIZE_KEYS = ("canvas_width", "canvas_height")
"""Keys of the picture's size, as ComfyUI writes it."""


@dataclass(frozen=True, eq=False)
class Person:
    """One person of a file.

    Parameters
    ----------
    body : (joints, dims + 1), the last column confidence.
    id : the person's id, -1 for none.
    """

    body: NDArray[np.float64]
    id: int

    @property
    def dims(self) -> int:
        """Number of coordinates per joint, 2 or 3."""
        return self.body.shape[1] - 1


@dataclass(frozen=True, eq=False)
class Frame:
    """The people of one frame, its number, and the size of the picture if the file states it."""

    number: int
    people: tuple[Person, ...]
    size_px: tuple[int, int] | None


def is_frame_file(path: Path) -> bool:
    """Return whether a file has an OpenPose name, or a running number and OpenPose's content."""
    if FILE_NAME.fullmatch(path.name):
        return True
    return NUMBERED_NAME.fullmatch(path.name) is not None and PEOPLE.search(read_head(path)) is not None


def frames_of(path: Path) -> list[Frame]:
    """Return the frames of a folder with a file per frame, or of one file, in time order.

    Raises
    ------
    PoseError : no such file or folder, damaged, not OpenPose's, or a folder with files of several clips.
    """
    if path.is_dir():
        return [_frame(read_json(file), number, str(file)) for number, file in _frame_files(path)]
    content = read_json(path)
    if isinstance(content, list):
        return [_frame(one, number, f"{path}, frame {number}") for number, one in enumerate(content)]
    return [_frame(content, 0, str(path))]


def _frame_files(folder: Path) -> list[tuple[int, Path]]:
    """Return the files of a clip with their frame numbers, in time order."""
    try:
        inside = [path for path in folder.iterdir() if path.suffix.lower() == ".json"]
    except OSError as error:
        raise PoseError(f"{folder} cannot be read: {error.strerror or error}") from error
    pattern = FILE_NAME if any(FILE_NAME.fullmatch(path.name) for path in inside) else NUMBERED_NAME
    named = {path: match for path in natural_order(inside) if (match := pattern.fullmatch(path.name))}
    if not named:
        raise PoseError(f"{folder} contains no file *_keypoints.json; name a folder with OpenPose's JSON files")
    first = next(iter(named))
    files: dict[int, Path] = {}
    for path, name in named.items():
        frame = int(name["number"][-18:] or 0)
        if name["clip"] != named[first]["clip"] or frame in files:
            raise PoseError(
                f"{folder} contains frames of several clips, for example {first.name} and {path.name}; "
                "use one folder per clip"
            )
        files[frame] = path
    return sorted(files.items())


def _frame(content: Any, number: int, where: str) -> Frame:
    """Return the people who have a body: the 2D one, or the 3D one if there is no 2D."""
    listed = content.get("people", content.get("bodies")) if isinstance(content, dict) else None
    if not isinstance(listed, list):
        raise PoseError(f'{where} is not an OpenPose file: it has no list of "people"')
    people = []
    for place, person in enumerate(listed):
        at = f"{where}, person {place}"
        if not isinstance(person, dict):
            raise PoseError(f"{at}: expected an object with pose_keypoints_2d, got {str(person)[:40]!r}")
        key = next((key for key in KEYS if person.get(key)), None)
        if key is not None:
            people.append(Person(_body(person[key], KEYS[key], f"{at}, {key}"), _id(person)))
    sides = [content.get(side) for side in SIZE_KEYS]
    known = all(isinstance(side, int | float) and side > 0 for side in sides)
    return Frame(number, tuple(people), (int(sides[0]), int(sides[1])) if known else None)


def _body(values: Any, dims: int, where: str) -> NDArray[np.float64]:
    """Return a person's body, (joints, dims + 1)."""
    flat = to_number_array(values, where)
    columns = dims + 1
    if flat.ndim != 1 or flat.size % columns or flat.size // columns not in LAYOUTS:
        sizes = ", ".join(f"{columns * joints} ({skeletons[0].name})" for joints, skeletons in LAYOUTS.items())
        raise PoseError(f"{where}: {flat.size} values; a person has {sizes}")
    return flat.reshape(-1, columns)


def _id(person: dict[str, Any]) -> int:
    """Return a person's id, -1 for none."""
    for key in ID_KEYS:
        value = person.get(key)
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return -1
