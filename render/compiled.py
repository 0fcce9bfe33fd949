"""Compile functions to machine code with numba, and cache it where a folder for it can be written.

numba's cache notices changes only of the file that holds the cached function. Whatever is compiled into such a function
must therefore stay in its file: this is why `render.raster` and `render.raycast` are not split.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(signature: Any = None) -> Callable[[_Function], _Function]:
    """Compile for a signature at once, or for the types of each call without one; the code runs without the GIL."""

    def compile_function(function: _Function) -> _Function:
        try:
            return cast(_Function, numba.njit(signature, nogil=True, cache=True, error_model="numpy")(function))
        except RuntimeError:  # neither the source's folder nor the user's cache folder can be written
            return cast(_Function, numba.njit(signature, nogil=True, error_model="numpy")(function))

    return compile_function


def inlined(function: _Function) -> _Function:
    """Compile into the callers, which must be in the same file."""
    return cast(_Function, numba.njit(forceinline=True, error_model="numpy")(function))
