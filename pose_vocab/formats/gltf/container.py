"""The container of a GLB file: a JSON document and the binary buffer that its accessors point into.

The format: Khronos Group, "glTF 2.0 Specification", 2021, chapters 3.6 and 4.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError

MAGIC = b"glTF"
GENERATOR = "BopBot"
"""Names the program in files that it wrote."""
HEADER = struct.Struct("<4sII")
CHUNK = struct.Struct("<I4s")
COMPONENTS = {
    number: np.dtype(name)
    for number, name in ((5120, "i1"), (5121, "u1"), (5122, "<i2"), (5123, "<u2"), (5125, "<u4"), (5126, "<f4"))
}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}


@dataclass(frozen=True, eq=False)
class Container:
    """A parsed GLB file.

    Parameters
    ----------
    document : the JSON object.
    binary : the buffer that is stored in the file, maybe empty.
    """

    document: dict[str, Any]
    binary: bytes

    def array(self, accessor: int) -> NDArray[np.float64]:
        """Return the elements of an accessor, (elements,) or (elements, width); normalized integers as -1 to 1.

        Raises
        ------
        KeyError, IndexError, ValueError, TypeError : it is not described completely, or lies outside the buffer.
        """
        described = self.document["accessors"][accessor]
        if "sparse" in described or "bufferView" not in described:
            raise ValueError("sparse accessors are not supported")
        view = self.document["bufferViews"][described["bufferView"]]
        if view.get("buffer", 0) != 0 or "uri" in self.document["buffers"][0]:
            raise ValueError("its data lies in another file")
        component = COMPONENTS[described["componentType"]]
        width, count = WIDTHS[described["type"]], int(described["count"])
        begin = int(view.get("byteOffset", 0)) + int(described.get("byteOffset", 0))
        size = component.itemsize * width
        stride = int(view.get("byteStride", size))
        if min(begin, count) < 0 or stride < size or begin + (count - 1) * stride + size > len(self.binary):
            raise ValueError(f"accessor {accessor} lies outside the file")
        values = np.ndarray((count, width), component, self.binary, begin, (stride, component.itemsize)).astype(
            np.float64
        )
        if described.get("normalized") and component.kind in "iu":
            largest = 2 ** (8 * component.itemsize - (component.kind == "i")) - 1
            values = np.maximum(values / largest, -1)
        return np.asarray(values[:, 0] if width == 1 else values)


def read_container(path: Path) -> Container:
    """Return the contents of a GLB file.

    Raises
    ------
    PoseError : no such file, not a GLB file of version 2, or a damaged one.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise PoseError(f"there is no file {path}") from None
    except OSError as error:
        raise PoseError(f"{path} cannot be read: {error.strerror or error}") from error
    if data[: len(MAGIC)] != MAGIC:
        raise PoseError(f"{path} is not a GLB file: expected it to begin with 'glTF'")
    try:
        _, version, length = HEADER.unpack_from(data)
        if version != 2:
            raise PoseError(f"{path} is glTF of version {version}; export it as version 2")
        if length > len(data):
            raise PoseError(f"{path} ends after {len(data)} of {length} bytes; copy or export it again")
        chunks: dict[bytes, bytes] = {}
        at = HEADER.size
        while at + CHUNK.size <= length:
            size, kind = CHUNK.unpack_from(data, at)
            chunks.setdefault(kind, data[at + CHUNK.size : at + CHUNK.size + size])
            at += CHUNK.size + size
        document = json.loads(chunks[b"JSON"])
    except (struct.error, KeyError, ValueError, RecursionError) as error:
        raise PoseError(f"{path} is a damaged GLB file: {error}; export it again") from error
    if not isinstance(document, dict):
        raise PoseError(f"{path} is a damaged GLB file: its document is no object; export it again")
    return Container(document, chunks.get(b"BIN\0", b""))
