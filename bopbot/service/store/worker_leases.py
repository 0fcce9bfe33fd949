"""Which workers are alive: each holds a file of its name in the shared folder, and touches it time and again."""

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
"""How often a worker touches its file."""
ALIVE_S = 20.0
"""Whose file was touched within so many seconds is alive."""
DEAD_S = 60.0
"""Whose file was not touched for so long is taken for dead, and others take on what it worked on."""


class Lease:
    """A name that one living worker has: a file that it holds locked, and touches time and again.

    The system gives the lock back when the process ends, however it ends.

    Parameters
    ----------
    lost : called when another worker took this one for dead and does its work.
    """

    def __init__(self, storage: Storage, lost: Callable[[], None]) -> None:
        folder = _folder(storage)
        host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())
        slot = 0
        while (file := _locked(folder / f"{host}.{slot}")) is None:
            slot += 1
        self.path, self._file = folder / f"{host}.{slot}", file
        os.truncate(file, 0)
        os.utime(file)
        self._lost = lost
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()

    @property
    def name(self) -> str:
        return self.path.name

    def ready(self) -> None:
        """From now on it counts among those who are alive."""
        os.pwrite(self._file, b"ready\n", 0)

    def take_over_dead(self, take_over: Callable[[str], None]) -> None:
        """Have the work of dead workers, on this machine or on another one, taken over, and forget them.

        Nobody can take the name of one of them meanwhile.
        """
        # By the clock of the folder's machine, whatever this one's clock says.
        os.utime(self._file)
        now = os.fstat(self._file).st_mtime
        for path, state in _leases(self.path.parent):
            if now - state.st_mtime <= DEAD_S:
                continue
            file = _locked(path)
            if file is not None:  # Who holds the lock is alive, and was only asleep with the whole machine.
                take_over(path.name)
                path.unlink()
                os.close(file)

    def _beat(self) -> None:
        while True:
            threading.Event().wait(BEAT_S)
            with suppress(OSError):  # The folder's machine does not answer; it may again.
                os.utime(self._file)
                if not _is_at(self.path, self._file):
                    self._lost()
                    return


def live_workers(storage: Storage) -> list[str]:
    """The names of the workers that are alive and ready."""
    folder = _folder(storage)
    clock = folder / ".clock"
    clock.touch()
    now = clock.stat().st_mtime
    return sorted(path.name for path, state in _leases(folder) if state.st_size and now - state.st_mtime <= ALIVE_S)


def _locked(path: Path) -> int | None:
    """The file, opened and locked; None where somebody else holds it."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        if _is_at(path, file):
            return file
        os.close(file)  # It was buried between the two.


def _is_at(path: Path, file: int) -> bool:
    """Whether an open file is still the one of that name."""
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
