"""Files that are on the disk before a step of a job counts as done, also after a power failure."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pose_vocab.files import write_beside


@contextmanager
def durable_write(path: Path) -> Iterator[Path]:
    """Write the last file of a step: `write_beside`, with everything in its folder flushed to the disk before.

    After a power failure such a file never stands beside files that are empty.

    Raises
    ------
    OutputError : as `write_beside`.
    """
    with write_beside(path) as beside:
        yield beside
        for inside in path.parent.rglob("*"):
            fsync(inside)
        fsync(path.parent)
    fsync(path.parent)


def fsync(path: Path) -> None:
    """Flush the contents of a file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
