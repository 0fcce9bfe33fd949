"""Arrays read from a pickle without executing any of it.

A pickle is a program, and the usual reader runs whatever it names. This reader knows only the few names
that arrays of numbers are made of, and replaces even these by classes that just store the pickle's data;
the array is then built here. See M. Slaviero, "Sour Pickles", 2011.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.input_files import read_within

MAX_BYTES = 2**29
"""Maximum file size; an hour of nine cameras at 60 frames per second is smaller."""
MAX_STEPS = 10_000
"""Maximum number of opcodes; a table of arrays has a few hundred."""


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return the numeric arrays in a pickled table by name; other entries of the table are skipped.

    Raises
    ------
    PoseError : no such file, too large, damaged, not a table, or it contains code.
    """
    data = read_within(path, MAX_BYTES, "keypoint files are smaller, so name another file")
    try:
        _check_steps(path, data)
        table = _ArrayUnpickler(path, data).load()
        if not isinstance(table, dict):
            raise PoseError(f"{path} is not a table of arrays; name a keypoint file of AIST++")
        return {str(name): value.to_array() for name, value in table.items() if isinstance(value, _Array)}
    except PoseError:
        raise
    except Exception as error:  # a damaged pickle can raise any error
        raise PoseError(f"{path} is not a pickle of arrays, or is damaged: {str(error)[:80]}") from error


def _check_steps(path: Path, data: bytes) -> None:
    """Raise PoseError for programs that need unusual amounts of time or memory."""
    for step, (opcode, argument, _) in enumerate(pickletools.genops(data)):
        in_memo = opcode.name.endswith(("PUT", "GET")) and isinstance(argument, int) and argument > MAX_STEPS
        if step > MAX_STEPS or in_memo:
            raise PoseError(f"{path} contains too many objects; a keypoint file is a small table of arrays")


class _StandIn:
    """Base of everything a pickle may call. Each class defines how it takes state, or a pickle could set any
    attribute.
    """

    def __setstate__(self, state: Any) -> None:
        raise ValueError(f"{type(self).__name__} takes no state")


class _Array(_StandIn):
    """The description of an array in a pickle."""

    def __init__(self, *_empty: Any) -> None:
        self._state: Sequence[Any] = ()

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _version, *self._state = state  # shape, dtype, whether column-major, data

    def to_array(self) -> NDArray[Any]:
        shape, dtype, column_major, data = self._state
        flat = np.frombuffer(data.encode("latin1") if isinstance(data, str) else data, dtype.to_dtype())
        return flat.reshape(shape, order="F" if column_major else "C")


class _Buffer(_Array):
    """The description of an array in newer pickles."""

    def __init__(self, data: bytes, dtype: _Dtype, shape: tuple[int, ...], order: str) -> None:
        self._state = (shape, dtype, order == "F", data)


class _Dtype(_StandIn):
    """The description of an array's number type in a pickle."""

    def __init__(self, name: str, *_copying: bool) -> None:
        self._name = name
        self._order = "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._order = state[1]

    def to_dtype(self) -> np.dtype[Any]:
        dtype = np.dtype(f"{self._order}{self._name}")
        if dtype.kind not in "iuf":
            raise ValueError(f"its arrays hold {dtype}, not numbers")
        return dtype


class _Scalar(_StandIn):
    """A single number; it is ignored."""

    def __init__(self, *_type_and_bytes: Any) -> None:
        pass


class _Bytes(_StandIn, bytes):
    """Bytes as the oldest pickles of Python 3 encode them."""

    def __new__(cls, text: str, encoding: str) -> _Bytes:
        if encoding != "latin1":
            raise ValueError(f"bytes in {encoding!r}")
        return super().__new__(cls, text.encode("latin1"))

    def __init__(self, *_text_and_encoding: str) -> None:
        pass


KNOWN: dict[tuple[str, str], type[_StandIn]] = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _Bytes,
    **{
        (f"numpy.{core}.{module}", name): stand_in
        for core in ("core", "_core")
        for module, name, stand_in in (
            ("multiarray", "_reconstruct", _Array),
            ("multiarray", "scalar", _Scalar),
            ("numeric", "_frombuffer", _Buffer),
        )
    },
}
"""All names that a pickle may use, and the class that replaces each."""


class _ArrayUnpickler(pickle.Unpickler):
    def __init__(self, path: Path, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self._path = path

    def find_class(self, module: str, name: str) -> Any:
        try:
            return KNOWN[module, name]
        except KeyError:
            raise PoseError(
                f"{self._path} contains code ({module}.{name}), which was not run; only arrays of numbers are read"
            ) from None
