"""Who is alive among workers; a real second process is killed for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bopbot.service.store.storage import Storage
from bopbot.service.store.worker_leases import ALIVE_S, DEAD_S, Lease, live_workers

HOLD = """
import sys
from pathlib import Path
from bopbot.service.store.storage import Storage
from bopbot.service.store.worker_leases import Lease
lease = Lease(Storage(Path(sys.argv[1]), 1), sys.exit)
lease.ready()
print(lease.name, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path, 1)


@contextmanager
def another_process(storage: Storage) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that holds a lease, and its name."""
    command = [sys.executable, "-c", HOLD, str(storage.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def test_two_workers_have_two_names_and_a_killed_ones_is_free_at_once(storage: Storage) -> None:
    with another_process(storage) as (process, name):
        mine = Lease(storage, nothing)
        assert mine.name != name
        assert live_workers(storage) == [name]
        mine.ready()
        assert live_workers(storage) == sorted([mine.name, name])
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert Lease(storage, nothing).name == name
        assert live_workers(storage) == [mine.name]  # It is not ready yet, whatever its predecessor was.


def nothing() -> None:
    """Nobody takes these for dead."""


def buried(mine: Lease) -> list[str]:
    names: list[str] = []
    mine.take_over_dead(names.append)
    return names


def age(path: Path, seconds: float) -> None:
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def test_who_gives_no_sign_is_dead_after_a_while(storage: Storage) -> None:
    mine = Lease(storage, nothing)
    mine.ready()
    silent = mine.path.with_name("elsewhere.0")
    silent.write_text("ready\n")
    assert buried(mine) == []
    assert live_workers(storage) == sorted(["elsewhere.0", mine.name])
    age(silent, ALIVE_S + 1)
    assert buried(mine) == []
    assert live_workers(storage) == [mine.name]
    age(silent, DEAD_S)
    assert buried(mine) == ["elsewhere.0"]
    assert buried(mine) == []
    assert not silent.exists()


def test_who_was_asleep_with_the_whole_machine_is_not_dead(storage: Storage) -> None:
    mine = Lease(storage, nothing)
    with another_process(storage) as (_, name):
        age(storage.root / "workers" / name, DEAD_S + 1)
        assert buried(mine) == []
        assert (storage.root / "workers" / name).exists()
