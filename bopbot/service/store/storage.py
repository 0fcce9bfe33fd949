"""The files of jobs: one folder for each job, which is deleted as a whole."""

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
"""An id: 16 random bytes in URL-safe base64. Of a request, nothing but ids and numbers becomes part of a path."""
SCRATCH = "scratch"
COUNT_S = 5.0
"""Interval after which the used space is measured again."""


class Storage:
    """The folder that the server and all workers share.

    Parameters
    ----------
    root : the folder; created if it does not exist.
    disk_bytes : limit of its size.
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
        """The folder of resumable uploads."""
        return self.root / "uploads"

    def folder(self, job_id: str) -> Path:
        """Return the folder of a job, whether it exists or not; raise NoSuchJobError for an invalid id."""
        if not ID.fullmatch(job_id):
            raise NoSuchJobError("there is no such job")
        return self.jobs / job_id

    def take(self, job_id: str, number: int) -> Path:
        """Return the folder of a take."""
        return self.folder(job_id) / TAKES / str(number)

    def scratch(self, name: str) -> Path:
        """Return an empty folder for the temporary files of one process."""
        self.remove_scratch(name)
        folder = self.root / SCRATCH / name
        folder.mkdir(parents=True, mode=0o700)
        return folder

    def remove_scratch(self, name: str) -> None:
        """Remove the temporary files of a process."""
        shutil.rmtree(self.root / SCRATCH / name, ignore_errors=True)

    def create_job_folder(self, job_id: str, received: Path) -> None:
        """Create the folder of a new job with a received file; both are on the disk when this returns.

        The received file is kept, in case the job cannot be created.
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
        """Remove the partly written files that a killed process left in a take."""
        for folder in (self.folder(job_id), self.take(job_id, number)):
            for unfinished in folder.glob(".*"):
                shutil.rmtree(unfinished, ignore_errors=True)

    def remove(self, job_id: str) -> None:
        """Remove all files of a job; a worker that still writes finds no folder."""
        with suppress(FileNotFoundError):  # another process removed it
            gone = self.folder(job_id).rename(self.jobs / f".{job_id}.{secrets.token_hex(4)}")
            shutil.rmtree(gone, ignore_errors=True)

    def remove_orphans(self, known: Callable[[], Collection[str]], before_s: float) -> None:
        """Remove folders of unknown jobs with no write after that time, in seconds since 1970."""
        folders = list(self.jobs.iterdir())
        existing = known()
        for folder in folders:
            if folder.name not in existing and _last_written_s(folder) < before_s:
                shutil.rmtree(folder, ignore_errors=True)

    def used_bytes(self) -> int:
        """Return the size of all files, measured at most `COUNT_S` ago."""
        if time.monotonic() - self._counted_s > COUNT_S:
            self._used_bytes, self._counted_s = sum(_sizes(self.root)), time.monotonic()
        return self._used_bytes

    def check_room(self, needed_bytes: int) -> None:
        """Raise FullError if `needed_bytes` more do not fit."""
        room = min(self.disk_bytes - self.used_bytes(), shutil.disk_usage(self.root).free)
        if needed_bytes > room:
            raise FullError("the server's disk is full; try again after older dances have expired", retry_after_s=3600)


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
