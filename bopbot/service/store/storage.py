"""Where the files of jobs lie: one folder a job, which goes as a whole."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from bopbot.service.errors import FullError, NoSuchJobError

ID = re.compile(r"[A-Za-z0-9_-]{22}")
"""An id: 16 random bytes in URL-safe base64. Nothing else ever becomes part of a path."""
UPLOAD = "upload"
TAKES = "takes"
SCRATCH = "scratch"


class Storage:
    """The folder that the server and all workers share.

    Parameters
    ----------
    root : made where it does not exist.
    disk_bytes : how much may lie in it.
    """

    def __init__(self, root: Path, disk_bytes: int) -> None:
        self.root = root
        self.disk_bytes = disk_bytes
        for folder in (self.jobs, self.uploads):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def jobs(self) -> Path:
        return self.root / "jobs"

    @property
    def uploads(self) -> Path:
        """Where resumable uploads lie until they are whole."""
        return self.root / "uploads"

    def folder(self, job_id: str) -> Path:
        """The folder of a job, whether it exists or not; raises NoSuchJobError for what is no id."""
        if not ID.fullmatch(job_id):
            raise NoSuchJobError("there is no such job")
        return self.jobs / job_id

    def take(self, job_id: str, number: int) -> Path:
        """The folder of a take."""
        return self.folder(job_id) / TAKES / str(number)

    def scratch(self, name: str) -> Path:
        """An empty folder for what one process needs for a while."""
        self.remove_scratch(name)
        folder = self.root / SCRATCH / name
        folder.mkdir(parents=True, mode=0o700)
        return folder

    def remove_scratch(self, name: str) -> None:
        """Remove what a process that has died needed for a while."""
        shutil.rmtree(self.root / SCRATCH / name, ignore_errors=True)

    def adopt(self, job_id: str, received: Path) -> None:
        """Make the folder of a new job of a received file, and have both on the disk when this returns."""
        folder = self.folder(job_id)
        folder.mkdir(mode=0o700)
        _sync(received)
        received.rename(folder / UPLOAD)
        _sync(folder)
        _sync(self.jobs)

    def sweep(self, job_id: str, number: int) -> None:
        """Remove what a process that was killed had begun to write for a take."""
        for folder in (self.folder(job_id), self.take(job_id, number)):
            for unfinished in folder.glob(".*"):
                shutil.rmtree(unfinished, ignore_errors=True)

    def remove(self, job_id: str) -> None:
        """Remove all files of a job; a worker that still writes finds no folder to write to."""
        folder = self.folder(job_id)
        if folder.exists():
            gone = folder.with_name(f".{folder.name}")
            folder.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    def remove_strays(self, known: Collection[str], before_s: float) -> None:
        """Remove what belongs to no known job and was last changed before that time, in seconds since 1970."""
        for folder in self.jobs.iterdir():
            if folder.name not in known and folder.stat().st_mtime < before_s:
                shutil.rmtree(folder, ignore_errors=True)

    def used_bytes(self) -> int:
        """The bytes of all files."""
        return sum(_sizes(self.root))

    def check_room(self, needed_bytes: int) -> None:
        """Raises FullError where so much more would be too much."""
        room = min(self.disk_bytes - self.used_bytes(), shutil.disk_usage(self.root).free)
        if needed_bytes > room:
            raise FullError("the server's disk is full; try again when older dances have expired", retry_after_s=3600)


def _sizes(folder: Path) -> list[int]:
    sizes = []
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                sizes.append(Path(place, name).lstat().st_size)
    return sizes


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
