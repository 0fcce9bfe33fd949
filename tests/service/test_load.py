"""A whole service under hostile uploads and many visitors; it stays alive, and says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from service.support.hostile_uploads import hostile_uploads
from service.support.load import Outcome, simulate_visitors, submit_all
from service.support.service_processes import ServiceProcesses

pytestmark = pytest.mark.slow

HUNDRED = 100
SMALL_BYTES = 50_000
"""Nobody dances in what is smaller, so it fails soon."""
EVERY = 10
"""One of so many that may work is tried; `make stress` tries all."""
CROWD = 50


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcesses]:
    grown = ServiceProcesses(tmp_path_factory.mktemp("siege"), "--uploads-per-hour", "100000", "--waiting", "50")
    grown.wait(grown.is_healthy)
    yield grown
    grown.stop()


@pytest.fixture(scope="module")
def fates(processes: ServiceProcesses, tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    """What came of a hundred hostile uploads and more: all that cannot be dances, and some that may be."""
    salsa = Path(__file__).parents[2] / "bopbot" / "example" / "salsa.mp4"
    everything = list(hostile_uploads(tmp_path_factory.mktemp("hostile"), salsa))
    cannot = [upload for upload in everything if upload.expect != "may work"]
    may = [upload for upload in everything if upload.expect == "may work" and upload.path.stat().st_size < SMALL_BYTES]
    return list(submit_all(processes, [*cannot, *may[::EVERY]]))


def test_a_hundred_hostile_uploads_are_refused_or_fail_and_say_why(
    processes: ServiceProcesses, fates: list[Outcome]
) -> None:
    assert len(fates) >= HUNDRED
    for fate in fates:
        allowed = {"refused": {"refused"}, "fails": {"refused", "failed"}, "may work": {"refused", "failed", "done"}}
        assert fate.state in allowed[fate.upload.expect], fate
        if fate.state == "refused":
            assert 400 <= fate.status < 500, fate
        if fate.state != "done":
            assert len(fate.said) > 20, fate
            assert "/jobs" not in fate.said, fate
            assert str(processes.folder) not in fate.said, fate
            assert "Traceback" not in fate.said
            assert "something went wrong" not in fate.said, fate


def test_the_server_is_alive_after_them_and_makes_a_dance(
    processes: ServiceProcesses, fates: list[Outcome], short_clip: Path
) -> None:
    assert processes.is_healthy()
    assert list((processes.folder / "jobs").iterdir()) == []
    assert not any("Traceback" in line for line in processes.log)
    job = processes.send(short_clip, seconds=1)
    assert processes.wait_until_over(job)["state"] == "done"


def test_fifty_clients_are_served_while_dances_are_made(processes: ServiceProcesses, short_clip: Path) -> None:
    jobs = [processes.send(short_clip, seconds=2, seed=seed) for seed in (3, 3)]
    crowd = simulate_visitors(processes, jobs[0], CROWD, requests_each=6)
    assert crowd.statuses == {200: CROWD * 6}
    films = []
    for job in jobs:
        assert processes.wait_until_over(job)["state"] == "done"
        films.append(requests.get(f"{processes.url}/api/jobs/{job}/takes/1/dance.mp4", timeout=30).content)
    assert films[0] == films[1]
    assert films[0][4:8] == b"ftyp"
