"""Arrays out of a pickle without running anything in it.

A pickle is a program; the usual reader runs whatever it names. This one knows the few names of which
an array of numbers is made, and even these are not NumPy's own: they only keep what the pickle
says, and the array is made of it here. See M. Slaviero, "Sour Pickles", 2011.
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

MAX_BYTES = 2**29
"""Of a file; an hour of nine cameras at 60 frames a second is less."""
MAX_STEPS = 10_000
"""Of the program; a table of arrays takes a few hundred."""


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of numbers in a pickled table, by their names; what else stands in the table is left out.

    Raises
    ------
    PoseError : no such file, too large, damaged, not a table, or anything in it would have to be run.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PoseError(f"{path} is larger than {MAX_BYTES // 2**20} MiB, which no file of keypoints is")
        data = path.read_bytes()
    except FileNotFoundError:
        raise PoseError(f"there is no file {path}") from None
    except OSError as error:
        raise PoseError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        _check_steps(path, data)
        table = _ArrayUnpickler(path, data).load()
        if not isinstance(table, dict):
            raise PoseError(f"{path} holds no table of arrays")
        return {str(name): value.array() for name, value in table.items() if isinstance(value, _Array)}
    except PoseError:
        raise
    except Exception as error:  # a damaged pickle fails in any way there is
        raise PoseError(f"{path} is no pickle of arrays, or a damaged one: {str(error)[:80]}") from error


def _check_steps(path: Path, data: bytes) -> None:
    """Refuse programs that only grow: too many steps, or memory asked for that no table needs."""
    for step, (opcode, argument, _) in enumerate(pickletools.genops(data)):
        in_memo = opcode.name.endswith(("PUT", "GET")) and isinstance(argument, int) and argument > MAX_STEPS
        if step > MAX_STEPS or in_memo:
            raise PoseError(f"{path} holds more than a few arrays; a file of keypoints is a small table of them")


class _StandIn:
    """Whatever a pickle may call. Each takes state its own way, or a pickle could set anything on it."""

    def __setstate__(self, state: Any) -> None:
        raise ValueError(f"{type(self).__name__} takes no state")


class _Array(_StandIn):
    """What a pickle says of an array."""

    def __init__(self, *_empty: Any) -> None:
        self._state: Sequence[Any] = ()

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _version, *self._state = state  # shape, type, whether column by column, data

    def array(self) -> NDArray[Any]:
        shape, dtype, column_major, data = self._state
        flat = np.frombuffer(data.encode("latin1") if isinstance(data, str) else data, dtype.real())
        return flat.reshape(shape, order="F" if column_major else "C")


class _Buffer(_Array):
    """An array as newer pickles say it."""

    def __init__(self, data: bytes, dtype: _Dtype, shape: tuple[int, ...], order: str) -> None:
        self._state = (shape, dtype, order == "F", data)


class _Dtype(_StandIn):
    """What a pickle says of the type of an array's numbers."""

    def __init__(self, name: str, *_copying: bool) -> None:
        self._name = name
        self._order = "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._order = state[1]

    def real(self) -> np.dtype[Any]:
        dtype = np.dtype(f"{self._order}{self._name}")
        if dtype.kind not in "iuf":
            raise ValueError(f"its arrays hold {dtype}, not numbers")
        return dtype


class _Scalar(_StandIn):
    """A single number; none is needed."""

    def __init__(self, *_type_and_bytes: Any) -> None:
        pass


class _Bytes(_StandIn, bytes):
    """Bytes as the oldest pickles of Python 3 say them."""

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
"""All that a pickle may name, and what stands in for it."""


class _ArrayUnpickler(pickle.Unpickler):
    def __init__(self, path: Path, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self._path = path

    def find_class(self, module: str, name: str) -> Any:
        try:
            return KNOWN[module, name]
        except KeyError:
            raise PoseError(
                f"{self._path} holds code: {module}.{name}; only arrays of numbers are read, and nothing was run"
            ) from None
