"""The binary part of a GLB file: arrays one behind the other, each described by an accessor."""

from __future__ import annotations

import numpy as np
import pygltflib
from numpy.typing import NDArray

_COMPONENTS = {
    np.dtype(np.float32): pygltflib.FLOAT,
    np.dtype(np.uint8): pygltflib.UNSIGNED_BYTE,
    np.dtype(np.uint16): pygltflib.UNSIGNED_SHORT,
}
_TYPES: dict[tuple[int, ...], str] = {
    (): pygltflib.SCALAR,
    (3,): pygltflib.VEC3,
    (4,): pygltflib.VEC4,
    (4, 4): pygltflib.MAT4,
}
ALIGNMENT_BYTES = 4


class Accessors:
    """Appends arrays to the buffer of a glTF document."""

    def __init__(self, document: pygltflib.GLTF2) -> None:
        self._document = document
        self._data = bytearray()

    def add(self, array: NDArray[np.generic], target: int | None = None, *, with_limits: bool = False) -> int:
        """Append an array (elements, ...) and return the index of its accessor.

        Parameters
        ----------
        array : float32, uint8 or uint16; matrices (elements, 4, 4) in rows.
        target : `pygltflib.ARRAY_BUFFER` or `pygltflib.ELEMENT_ARRAY_BUFFER` for vertices and triangles.
        with_limits : whether to state its smallest and largest values, which positions and times must.
        """
        kind = _TYPES[array.shape[1:]]
        stored = np.swapaxes(array, 1, 2) if kind == pygltflib.MAT4 else array
        flat = array.reshape(len(array), -1)
        content = np.ascontiguousarray(stored).tobytes()
        self._document.bufferViews.append(
            pygltflib.BufferView(buffer=0, byteOffset=len(self._data), byteLength=len(content), target=target)
        )
        self._document.accessors.append(
            pygltflib.Accessor(
                bufferView=len(self._document.bufferViews) - 1,
                componentType=_COMPONENTS[array.dtype],
                count=len(array),
                type=kind,
                min=flat.min(axis=0).tolist() if with_limits else None,
                max=flat.max(axis=0).tolist() if with_limits else None,
            )
        )
        self._data += content + bytes(-len(content) % ALIGNMENT_BYTES)
        return len(self._document.accessors) - 1

    def finish(self) -> None:
        """Attach the buffer to the document."""
        self._document.buffers = [pygltflib.Buffer(byteLength=len(self._data))]
        self._document.set_binary_blob(bytes(self._data))
