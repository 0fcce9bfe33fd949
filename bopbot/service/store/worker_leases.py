"""Leases of workers: each holds a locked file in the shared folder and touches it regularly."""

from __future__ import annotations

import fcntl
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from bopbot.service.store.storage import Storage

BEAT_S = 5.0
"""Interval at which a worker touches its file."""
ALIVE_S = 20.0
"""Age of its file up to which a worker counts as alive."""
DEAD_S = 60.0
"""Age of its file after which a worker counts as dead, and others take over its work."""


class Lease:
    """The name of one living worker: a file that it keeps locked and touches regularly.

    The system releases the lock when the process ends, however it ends.

    Parameters
    ----------
    on_lost : called when another worker took this one for dead and took over its work.
    """

    def __init__(self, storage: Storage, on_lost: Callable[[], None]) -> None:
        folder = _folder(storage)
        host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())
        slot = 0
        while (file := _locked(folder / f"{host}.{slot}")) is None:
            slot += 1
        self.path, self._file = folder / f"{host}.{slot}", file
        os.truncate(file, 0)
        os.utime(file)
        self._on_lost = on_lost
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()

    @property
    def name(self) -> str:
        return self.path.name

    def ready(self) -> None:
        """Mark the worker as ready; from now on it counts as alive."""
        os.pwrite(self._file, b"ready\n", 0)

    def take_over_dead(self, take_over: Callable[[str], None]) -> None:
        """Call `take_over` with the name of each dead worker, on any machine, and remove its lease.

        The name is locked meanwhile, so that no new worker gets it.
        """
        # Times are those of the folder's machine, whose clock may differ from this one's.
        os.utime(self._file)
        now = os.fstat(self._file).st_mtime
        for path, state in _leases(self.path.parent):
            if now - state.st_mtime <= DEAD_S:
                continue
            file = _locked(path)
            if file is not None:  # A worker that holds the lock is alive; its machine was suspended.
                take_over(path.name)
                path.unlink()
                os.close(file)

    def _beat(self) -> None:
        while True:
            threading.Event().wait(BEAT_S)
            with suppress(OSError):  # The folder's machine may respond again later.
                os.utime(self._file)
                if not _is_at(self.path, self._file):
                    self._on_lost()
                    return


def live_workers(storage: Storage) -> list[str]:
    """Return the names of the workers that are alive and ready."""
    folder = _folder(storage)
    clock = folder / ".clock"
    clock.touch()
    now = clock.stat().st_mtime
    return sorted(path.name for path, state in _leases(folder) if state.st_size and now - state.st_mtime <= ALIVE_S)


def _locked(path: Path) -> int | None:
    """Return the file, opened and locked; None if another process holds the lock."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        if _is_at(path, file):
            return file
        os.close(file)  # It was removed between opening and locking.


def _is_at(path: Path, file: int) -> bool:
    """Return whether an open file is still the one at that path."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _leases(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if not path.name.startswith("."):
                yield path, path.stat()


def _folder(storage: Storage) -> Path:
    folder = storage.root / "workers"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder
