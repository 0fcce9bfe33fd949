"""JSON pose files: the whole content, the head for recognition, and lists of numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.sequence import check_coordinates

HEAD_BYTES = 64 * 1024
"""Number of bytes inspected to recognize a file."""


def read_json(path: Path) -> Any:
    """Return the content of a JSON file.

    Raises
    ------
    PoseError : no such file, or damaged; the message names the line.
    """
    try:
        return json.loads(path.read_bytes())
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


def read_head(path: Path) -> bytes:
    """Return the first `HEAD_BYTES` without white space; empty if the file cannot be read."""
    try:
        with path.open("rb") as file:
            return b"".join(file.read(HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").split())
    except OSError:
        return b""


def to_number_array(values: Any, where: str) -> NDArray[np.float64]:
    """Return a list of coordinates, or nested lists, as float64; null becomes NaN.

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
    check_coordinates(array, where)
    return array


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
