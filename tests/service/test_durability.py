"""Nothing is lost: the service killed, stopped, cancelled and told to forget, with real dances at work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from service.support.kills import Kills
from service.support.service_processes import ServiceProcesses, is_gone

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcesses]:
    grown = ServiceProcesses(tmp_path_factory.mktemp("tree"))
    yield grown
    grown.stop()


def test_killed_at_random_moments_every_job_is_done_once(processes: ServiceProcesses, short_clip: Path) -> None:
    kills = Kills(processes, short_clip, seed=6)
    for _ in range(3):
        kills.round()
    assert kills.n_jobs == 6
    assert kills.same_everywhere()


def test_a_cancelled_take_stops_its_processes_at_once(processes: ServiceProcesses, short_clip: Path) -> None:
    job = processes.send(short_clip)
    processes.wait(lambda: processes.take(job)["stage"] in ("finding", "learning"))
    at_work = processes.workers()[0].children(recursive=True)
    assert requests.post(f"{processes.url}/api/jobs/{job}/takes/1/cancel", timeout=10).json()["state"] == "cancelled"
    processes.wait(lambda: all(map(is_gone, at_work)), timeout_s=3)
    assert processes.state(job) == "cancelled"
    after = processes.send(short_clip, seconds=1)
    assert processes.wait_until_over(after)["state"] == "done"
    assert processes.state(job) == "cancelled"


def test_what_is_deleted_while_it_is_made_leaves_no_trace(processes: ServiceProcesses, short_clip: Path) -> None:
    job = processes.send(short_clip)
    processes.wait(lambda: processes.take(job)["stage"] == "learning")
    assert requests.delete(f"{processes.url}/api/jobs/{job}", timeout=10).status_code == 204
    assert requests.get(f"{processes.url}/api/jobs/{job}", timeout=10).status_code == 404
    time.sleep(2)  # What the worker still wrote is cleared away when it notices.
    holding = [path for path in processes.folder.rglob("*") if path.is_file() and job.encode() in path.read_bytes()]
    named = [path for path in processes.folder.rglob("*") if job in path.name]
    assert (holding, named) == ([], [])


def test_a_server_that_is_stopped_goes_on_where_it_was(processes: ServiceProcesses, short_clip: Path) -> None:
    job = processes.send(short_clip, seconds=2)
    processes.wait(lambda: processes.state(job) == "running")
    had = processes.descendants()
    processes.stop()
    processes.wait(lambda: all(map(is_gone, had)), timeout_s=10)
    processes.start()
    assert processes.wait_until_over(job)["state"] == "done"


def test_no_id_and_no_name_is_logged(processes: ServiceProcesses, short_clip: Path) -> None:
    job = processes.send(short_clip, seconds=1)
    processes.wait_until_over(job)
    requests.get(f"{processes.url}/d/{job}", timeout=10)
    log = "".join(processes.log)
    assert "/api/jobs/*" in log
    assert job not in log
    assert short_clip.name not in log
