"""Files that are on the disk, and not only on their way there, when a step of a job says that it is done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pose_vocab.files import write_beside


@contextmanager
def durable_write(path: Path) -> Iterator[Path]:
    """`write_beside` for the file that a step writes last.

    Before it is seen, all that lies in its folder is on the disk, and when this ends its name is. So even where the
    power fails, no such file stands beside others that are empty.

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
    """Wait until a file's contents, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
