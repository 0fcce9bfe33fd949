"""OpenPose's files: those of one clip, and the people in one of them.

The format: G. Hidalgo et al., "OpenPose Doc - Output", with the layouts BODY_25, COCO and MPI.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.json_files import read_json, to_number_array
from pose_vocab.natural_order import natural_order
from pose_vocab.skeletons import BODY_25, OPENPOSE_15, OPENPOSE_18

FILE_NAME = re.compile(r"(?P<clip>.*?)(?P<number>\d*)_keypoints\.json")
"""File names of OpenPose: clip, frame number and suffix."""
LAYOUTS = {skeleton.n_joints: skeleton for skeleton in (BODY_25, OPENPOSE_18, OPENPOSE_15)}
"""Skeletons by their number of joints, which is how the format itself distinguishes them."""
KEYS = {"pose_keypoints_2d": 2, "pose_keypoints": 2, "pose_keypoints_3d": 3}
"""Keys of a person's body, with its dimensions; the second is the key of the first versions."""


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


def frame_files(folder: Path) -> list[tuple[int, Path]]:
    """Return the files of a clip with their frame numbers, in time order.

    Raises
    ------
    PoseError : no such folder, no OpenPose file in it, or files of several clips.
    """
    try:
        paths = natural_order(path for path in folder.iterdir() if FILE_NAME.fullmatch(path.name))
    except OSError as error:
        raise PoseError(f"{folder} cannot be read: {error.strerror or error}") from error
    if not paths:
        raise PoseError(f"{folder} contains no file *_keypoints.json; name a folder with OpenPose's JSON files")
    files: dict[int, Path] = {}
    for path in paths:
        clip, number = _parts(path)
        frame = int(number[-18:] or 0)
        if clip != _parts(paths[0])[0] or frame in files:
            raise PoseError(
                f"{folder} contains frames of several clips, for example {paths[0].name} and {path.name}; "
                "use one folder per clip"
            )
        files[frame] = path
    return sorted(files.items())


def people_of(path: Path) -> Iterator[Person]:
    """Yield the people in one file who have a body: the 2D one, or the 3D one if there is no 2D.

    Raises
    ------
    PoseError : no such file, damaged, or not OpenPose's.
    """
    content = read_json(path)
    people = content.get("people") if isinstance(content, dict) else None
    if not isinstance(people, list):
        raise PoseError(f'{path} is not an OpenPose file: it has no list of "people"')
    for place, person in enumerate(people):
        where = f"{path}, person {place}"
        if not isinstance(person, dict):
            raise PoseError(f"{where}: expected an object with pose_keypoints_2d, got {str(person)[:40]!r}")
        key = next((key for key in KEYS if person.get(key)), None)
        if key is not None:
            yield Person(_body(person[key], KEYS[key], f"{where}, {key}"), _id(person))


def _parts(path: Path) -> tuple[str, str]:
    """Return clip name and frame number of a file name."""
    name = FILE_NAME.fullmatch(path.name)
    return (name["clip"], name["number"]) if name else ("", "")


def _body(values: Any, dims: int, where: str) -> NDArray[np.float64]:
    """Return a person's body, (joints, dims + 1); a joint at the origin has confidence 0."""
    flat = to_number_array(values, where)
    columns = dims + 1
    if flat.ndim != 1 or flat.size % columns or flat.size // columns not in LAYOUTS:
        sizes = ", ".join(f"{columns * joints} ({skeleton.name})" for joints, skeleton in LAYOUTS.items())
        raise PoseError(f"{where}: {flat.size} values; a person has {sizes}")
    body = flat.reshape(-1, columns)
    at_origin = (body[:, :dims] == 0).all(axis=1)
    body[at_origin, dims] = 0
    return body


def _id(person: dict[str, Any]) -> int:
    """Return a person's id, -1 for none."""
    value = person.get("person_id")
    value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, int) else -1
