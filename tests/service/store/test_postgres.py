"""Two workers on one PostgreSQL, as on two machines."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from service.support.postgres import postgres
from service.support.service_processes import ServiceProcesses

__all__ = ["postgres"]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[ServiceProcesses]:
    grown = ServiceProcesses(tmp_path_factory.mktemp("pair"), "--database", postgres, "--workers", "2")
    grown.wait(lambda: '"workers":2' in grown.health())
    yield grown
    grown.stop()


def test_two_workers_share_the_work_and_one_that_is_killed_loses_nothing(
    processes: ServiceProcesses, short_clip: Path
) -> None:
    jobs = [processes.send(short_clip, seconds=2, seed=seed) for seed in range(3)]
    processes.wait(lambda: [processes.state(job) for job in jobs].count("running") == 2)
    time.sleep(1)
    processes.kill_a_worker()
    assert [processes.wait_until_over(job)["state"] for job in jobs] == ["done"] * 3
    assert not (processes.folder / "bopbot.sqlite").exists()
