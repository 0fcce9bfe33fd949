"""A real PostgreSQL of our own: its files lie in a temporary folder, and it ends with the tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from required_programs import require_program

START_S = 30.0


def free_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        port: int = any_port.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The URL of an empty database."""
    where = Path(require_program("initdb", package="postgresql")).parent
    with tempfile.TemporaryDirectory(prefix="bopbot-postgres-") as folder:
        # PostgreSQL does not run as root; Debian's package brings a user for it.
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if as_user:
            shutil.chown(folder, "postgres")
        data, port = Path(folder, "data"), free_port()
        initdb = [*as_user, str(where / "initdb"), "-D", str(data), "-U", "bopbot", "--auth=trust", "--no-sync"]
        subprocess.run(initdb, check=True, capture_output=True, cwd=folder)
        options = [
            "-D",
            str(data),
            "-p",
            str(port),
            "-k",
            folder,
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "fsync=off",
        ]
        server = subprocess.Popen(
            [*as_user, str(where / "postgres"), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
        )
        try:
            ready = [str(where / "pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-q"]
            until = time.monotonic() + START_S
            while subprocess.run(ready, check=False).returncode:
                assert time.monotonic() < until, "PostgreSQL did not start"
                time.sleep(0.1)
            yield f"postgresql://bopbot@127.0.0.1:{port}/postgres"
        finally:
            server.terminate()
            server.wait()
