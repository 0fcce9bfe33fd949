"""`bopbot serve` as a user starts it: a tree of real processes, which can be killed and started again."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import requests

STARTS_S = 90.0
"""Longest time until it answers and a worker is alive, on a busy machine."""
SAYS_WHERE = re.compile(r"http://\S+")


class ServiceProcesses:
    """The service with its files in `folder`; `options` go to the command line."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.options = options
        self.log: list[str] = []
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it, at the same port as before, and wait until it answers."""
        command = [sys.executable, "-m", "bopbot", "serve", "--port", str(self._port), "--folder", str(self.folder)]
        self.server = subprocess.Popen(
            [*command, *self.options], stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.server.stderr is not None
        for line in self.server.stderr:
            self.log.append(line)
            if said := SAYS_WHERE.search(line):
                self._port = int(said.group().rpartition(":")[2])
                break
        assert self._port, "".join(self.log)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.wait(self.answers)

    def _read(self) -> None:
        with self.server as server:
            assert server.stderr is not None
            self.log.extend(server.stderr)

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/api/options", timeout=5).ok
        except requests.ConnectionError:
            return False

    def is_healthy(self) -> bool:
        """Whether it answers and a worker is alive."""
        return self.answers() and requests.get(f"{self.url}/healthz", timeout=5).ok

    def health(self) -> str:
        """What the service says of itself."""
        return requests.get(f"{self.url}/healthz", timeout=5).text

    def workers(self) -> list[psutil.Process]:
        return [child for child in psutil.Process(self.server.pid).children() if _is_worker(child)]

    def descendants(self) -> list[psutil.Process]:
        """The server and all processes below it."""
        server = psutil.Process(self.server.pid)
        return [server, *server.children(recursive=True)]

    def kill_server(self) -> list[psutil.Process]:
        """SIGKILL to the server alone; the processes that it had."""
        had = self.descendants()
        self.server.kill()
        self.server.wait()
        return had

    def kill_a_worker(self) -> None:
        """SIGKILL to one of the workers, if one is there just now."""
        for worker in self.workers()[:1]:
            worker.kill()

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGINT)
            self.server.wait(timeout=30)
        self._reader.join()

    def wait(self, is_so: Callable[[], bool], timeout_s: float = STARTS_S) -> None:
        """Wait until something is so."""
        due_s = time.monotonic() + timeout_s
        while not is_so():
            assert time.monotonic() < due_s, "".join(self.log[-30:])
            time.sleep(0.1)

    def send(self, video: Path, **fields: object) -> str:
        """Upload a video; the id of its job."""
        with video.open("rb") as file:
            response = requests.post(f"{self.url}/api/jobs", data=fields, files={"video": file}, timeout=60)
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def take(self, job_id: str, number: int = 1) -> dict[str, object]:
        said = requests.get(f"{self.url}/api/jobs/{job_id}/takes/{number}", timeout=30)
        assert said.ok, said.text
        return dict(said.json())

    def state(self, job_id: str, number: int = 1) -> str:
        return str(self.take(job_id, number)["state"])

    def wait_until_over(self, job_id: str, number: int = 1, timeout_s: float = 240.0) -> dict[str, object]:
        self.wait(lambda: self.state(job_id, number) not in ("queued", "running"), timeout_s)
        return self.take(job_id, number)


def is_gone(process: psutil.Process) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "bopbot.service.worker.main" in process.cmdline()
    except psutil.Error:
        return False
