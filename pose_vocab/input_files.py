"""Reading of files that users give: their first bytes, their bytes within a bound, and the names in an archive."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from pose_vocab.errors import PoseError

ARCHIVE_ERRORS = (
    OSError,
    ValueError,
    TypeError,
    EOFError,
    NotImplementedError,
    zlib.error,
    zipfile.BadZipFile,
)
"""What reading a damaged ``.npz`` archive can raise."""


def first_bytes(path: Path, count: int) -> bytes:
    """Return at most `count` bytes from the beginning of a file; empty if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError:
        return b""


def read_within(path: Path, max_bytes: int, remedy: str) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    PoseError : no such file, not readable, or larger than `max_bytes`; then `remedy` says what to do.
    """
    try:
        if path.stat().st_size > max_bytes:
            raise PoseError(f"{path} is larger than {max_bytes // 2**20} MiB; {remedy}")
        return path.read_bytes()
    except FileNotFoundError:
        raise PoseError(f"there is no file {path}") from None
    except OSError as error:
        raise PoseError(f"{path} cannot be read: {error.strerror or error}") from error


def archive_names(path: Path) -> frozenset[str]:
    """Return the names of the arrays in an ``.npz`` archive; none if it is no archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            return frozenset(name.removesuffix(".npy") for name in archive.namelist())
    except ARCHIVE_ERRORS:
        return frozenset()
