"""JSON files of poses: read whole, looked at shortly, and the numbers in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.sequence import check_coordinates

HEAD_BYTES = 64 * 1024
"""So much of a file is looked at to recognize it."""


def read_json(path: Path) -> Any:
    """What stands in a JSON file.

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
            f"{path}, line {error.lineno}, column {error.colno}: damaged JSON ({error.msg.lower()}); write it anew"
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise PoseError(f"{path} cannot be read as JSON: {error or 'too large'}") from error


def read_head(path: Path) -> bytes:
    """The first `HEAD_BYTES` without white space; nothing where there is no such file."""
    try:
        with path.open("rb") as file:
            return b"".join(file.read(HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").split())
    except OSError:
        return b""


def to_number_array(values: Any, where: str) -> NDArray[np.float64]:
    """A list of coordinates, or lists of them, as an array; null and NaN are NaN.

    Raises
    ------
    PoseError : something else stands in it, lists of different lengths, or coordinates too far away; the
        message begins with `where`.
    """
    try:
        array = np.asarray(values)
        if array.dtype == object:
            array = np.array([np.nan if one is None else one for one in array.ravel()]).reshape(array.shape)
    except (ValueError, OverflowError):
        raise PoseError(f"{where}: the lists of numbers are of different lengths") from None
    if array.dtype.kind not in "iuf" and array.size:
        strange = next((one for one in np.ravel(np.asarray(values, object)) if not _is_number(one)), values)
        raise PoseError(f"{where}: expected numbers, got {json.dumps(strange)[:40]}")
    array = array.astype(np.float64)
    check_coordinates(array, where)
    return array


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
