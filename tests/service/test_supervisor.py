"""Workers of a server: started anew whatever ended them, and not in a hurry where that does not help."""

import logging
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bopbot.service import supervisor as serving
from bopbot.service.deployment import Deployment
from bopbot.service.limits import Limits
from bopbot.service.supervisor import WorkerProcess

MORE_FILES = """
import resource
from bopbot.service.supervisor import _raise_open_file_limit
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, most))
_raise_open_file_limit()
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0] == most)
"""


def soon(path: Path) -> bool:
    until = time.monotonic() + 10
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.01)
    return path.exists()


def test_a_worker_that_could_not_be_started_is_tried_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    program, sign = tmp_path / "worker", tmp_path / "it worked"
    monkeypatch.setattr(serving, "RESTART_S", 0.05)
    monkeypatch.setattr(sys, "executable", str(program))
    with caplog.at_level(logging.WARNING):
        worker = WorkerProcess(Deployment(tmp_path, "sqlite://", Limits()), 0)
        try:
            time.sleep(0.2)
            (tmp_path / "made").write_text(f"#!/bin/sh\ntouch '{sign}'\nexit 3\n")
            (tmp_path / "made").chmod(0o700)
            (tmp_path / "made").rename(program)
            assert soon(sign)
            time.sleep(0.1)
        finally:
            worker.stop()
    said = [record.getMessage() for record in caplog.records]
    assert said[:3] == [
        f"a worker could not be started: No such file or directory; the next one starts in {pause:g} s"
        for pause in (0.05, 0.1, 0.2)
    ]
    assert said[3].startswith("a worker ended with exit status 3; the next one starts in ")


def test_the_server_has_as_many_connections_as_the_system_lets_it() -> None:
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] != 64
    done = subprocess.run([sys.executable, "-c", MORE_FILES], check=True, capture_output=True, text=True)
    assert done.stdout == "True\n"
