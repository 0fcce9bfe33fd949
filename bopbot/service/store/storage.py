"""Where the files of jobs lie: one folder a job, which goes as a whole."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

from bopbot.service.errors import FullError, NoSuchJobError
from bopbot.service.store.durable_write import fsync
from bopbot.service.store.file_names import TAKES, UPLOAD

ID = re.compile(r"[A-Za-z0-9_-]{22}")
"""An id: 16 random bytes in URL-safe base64. Nothing else ever becomes part of a path."""
SCRATCH = "scratch"
COUNT_S = 5.0
"""Files are counted so seldom."""


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
        self._used_bytes, self._counted_s = 0, -COUNT_S
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

    def create_job_folder(self, job_id: str, received: Path) -> None:
        """Make the folder of a new job of a received file, and have both on the disk when this returns.

        The received file stays where it is, in case that the job comes to nothing.
        """
        folder = self.folder(job_id)
        folder.mkdir(mode=0o700)
        fsync(received)
        try:
            os.link(received, folder / UPLOAD)
        except FileNotFoundError:
            raise
        except OSError:  # a file system without links
            shutil.copyfile(received, folder / UPLOAD)
            fsync(folder / UPLOAD)
        fsync(folder)
        fsync(self.jobs)

    def remove_unfinished(self, job_id: str, number: int) -> None:
        """Remove what a process that was killed had begun to write for a take."""
        for folder in (self.folder(job_id), self.take(job_id, number)):
            for unfinished in folder.glob(".*"):
                shutil.rmtree(unfinished, ignore_errors=True)

    def remove(self, job_id: str) -> None:
        """Remove all files of a job; a worker that still writes finds no folder to write to."""
        with suppress(FileNotFoundError):  # Another one was quicker.
            gone = self.folder(job_id).rename(self.jobs / f".{job_id}.{secrets.token_hex(4)}")
            shutil.rmtree(gone, ignore_errors=True)

    def remove_orphans(self, known: Callable[[], Collection[str]], before_s: float) -> None:
        """Remove what belongs to no known job and was last written to before that time, in seconds since 1970."""
        folders = list(self.jobs.iterdir())
        here = known()
        for folder in folders:
            if folder.name not in here and _last_written_s(folder) < before_s:
                shutil.rmtree(folder, ignore_errors=True)

    def used_bytes(self) -> int:
        """The bytes of all files, as they were some seconds ago at most."""
        if time.monotonic() - self._counted_s > COUNT_S:
            self._used_bytes, self._counted_s = sum(_sizes(self.root)), time.monotonic()
        return self._used_bytes

    def check_room(self, needed_bytes: int) -> None:
        """Raises FullError where so much more would be too much."""
        room = min(self.disk_bytes - self.used_bytes(), shutil.disk_usage(self.root).free)
        if needed_bytes > room:
            raise FullError("the server's disk is full; try again when older dances have expired", retry_after_s=3600)


def _last_written_s(folder: Path) -> float:
    times = [folder.stat().st_mtime] if folder.exists() else [0.0]
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            times.append(path.stat().st_mtime)
    return max(times)


def _sizes(folder: Path) -> list[int]:
    sizes = []
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                sizes.append(Path(place, name).lstat().st_size)
    return sizes
