"""JSON pose files: the whole content, the head for recognition, and lists of numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.input_files import first_bytes
from pose_vocab.sequence import check_coordinates

HEAD_BYTES = 64 * 1024
"""Number of bytes inspected to recognize a file."""
ID_KEYS = ("person_id", "track_id", "tracking_id", "idx", "person", "id")
"""Keys of a person's id, as trackers name them."""


def read_json(path: Path) -> Any:
    """Return the content of a JSON file.

    Raises
    ------
    PoseError : no such file, or damaged; the message names the line.
    """
    try:
        return json.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except FileNotFoundError:
        raise PoseError(f"there is no file {path}") from None
    except OSError as error:
        raise PoseError(f"{path} cannot be read: {error.strerror or error}") from error
    except json.JSONDecodeError as error:
        raise PoseError(
            f"{path}, line {error.lineno}, column {error.colno}: damaged JSON ({error.msg.lower()}); export it again"
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise PoseError(f"{path} cannot be read as JSON: {error or 'too large'}") from error


def read_json_or_lines(path: Path) -> Any:
    """Return the content of a JSON file, or the list of the values of a file with one per line.

    Raises
    ------
    PoseError : no such file, or damaged; the message names the line.
    """
    try:
        text = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError:
        return read_json(path)
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2 or not (lines[0].strip()[-1:] in b"]}" and lines[1].strip()[:1] in b"[{"):
        return read_json(path)
    values = []
    for number, line in enumerate(lines, 1):
        try:
            values.append(json.loads(line))
        except (ValueError, RecursionError):
            if number == len(lines) and values:
                break  # cut off while it was written
            return read_json(path)
    return values


def read_head(path: Path) -> bytes:
    """Return the first `HEAD_BYTES` without white space; empty if the file cannot be read."""
    return b"".join(first_bytes(path, HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").split())


def to_number_array(values: Any, where: str, limit: bool = True) -> NDArray[np.float64]:
    """Return a list of coordinates, or nested lists, as float64; null becomes NaN.

    With `limit` off, any finite number is allowed.

    Raises
    ------
    PoseError : other values, lists of different lengths, or coordinates out of range; the message begins
        with `where`.
    """
    try:
        array = np.asarray(values)
        if array.dtype == object:
            array = np.array([np.nan if one is None else one for one in array.ravel()]).reshape(array.shape)
    except (ValueError, OverflowError):
        raise PoseError(f"{where}: the lists of numbers are of different lengths") from None
    if array.dtype.kind not in "iuf" and array.size:
        invalid = next((one for one in np.ravel(np.asarray(values, object)) if not _is_number(one)), values)
        raise PoseError(f"{where}: expected numbers, got {json.dumps(invalid)[:40]}")
    array = array.astype(np.float64)
    if limit:
        check_coordinates(array, where)
    return array


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def file_ids(people: Sequence[Mapping[str, Any]], frames: Sequence[int]) -> list[int] | None:
    """Return the person id of each entry, by the first of `ID_KEYS` that all have; None without one.

    An id of its own for each entry is a running number and tells nobody apart, unless there is one frame only.
    """
    for key in ID_KEYS:
        ids = [_id(person.get(key)) for person in people]
        if all(0 <= id < 2**62 for id in ids) and (len(set(ids)) < len(ids) or len(set(frames)) == 1):
            return ids
    return None


def _id(value: Any) -> int:
    """Return a person's id, -1 for none; lists of one are unpacked."""
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else -1
