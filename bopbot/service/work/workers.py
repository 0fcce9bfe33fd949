"""Which workers are alive: each holds a file of its name in the shared folder, and touches it time and again."""

from __future__ import annotations

import fcntl
import os
import re
import socket
import threading
from pathlib import Path

from bopbot.service.store.storage import Storage

BEAT_S = 5.0
"""How often a worker touches its file."""
ALIVE_S = 20.0
"""Whose file was touched within so many seconds is alive."""
DEAD_S = 60.0
"""Whose file was not touched for so long is taken for dead, and others take on what it worked on."""


class Badge:
    """A name that one living worker has. It is given back when the worker's process ends, however it ends."""

    def __init__(self, storage: Storage) -> None:
        folder = _folder(storage)
        host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())
        slot = 0
        while not self._took(folder / f"{host}.{slot}"):
            slot += 1
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        return self.path.name

    def ready(self) -> None:
        """From now on it counts among those who are alive."""
        self.path.write_text("ready\n")

    def dead(self) -> list[str]:
        """The names of workers that seem to have died, on this machine or on another one."""
        # By the clock of the folder's machine, whatever this one's clock says.
        os.utime(self.path)
        now = self.path.stat().st_mtime
        return [path.name for path in _badges(self.path.parent) if now - path.stat().st_mtime > DEAD_S]

    def bury(self, name: str) -> None:
        """Forget a dead worker; what it worked on is in other hands."""
        (self.path.parent / name).unlink(missing_ok=True)

    def leave(self) -> None:
        """Give the name back."""
        self._left.set()
        self._thread.join()
        self.path.unlink(missing_ok=True)
        os.close(self._file)

    def _took(self, path: Path) -> bool:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        os.truncate(file, 0)
        self.path, self._file = path, file
        return True

    def _beat(self) -> None:
        while True:
            self.path.touch()
            if self._left.wait(BEAT_S):
                return


def alive(storage: Storage) -> list[str]:
    """The names of the workers that are alive and ready."""
    folder = _folder(storage)
    clock = folder / ".clock"
    clock.touch()
    now = clock.stat().st_mtime
    states = {path.name: path.stat() for path in _badges(folder)}
    return sorted(name for name, state in states.items() if state.st_size and now - state.st_mtime <= ALIVE_S)


def _badges(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


def _folder(storage: Storage) -> Path:
    folder = storage.root / "workers"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder
