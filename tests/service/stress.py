"""Long runs of the whole service: `make stress`. What they assert, `make test` asserts of shorter ones."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
from service.support.hostile_uploads import hostile_uploads
from service.support.kills import Kills, resident_mb
from service.support.load import LoadResult, simulate_visitors, submit_all
from service.support.service_processes import ServiceProcesses
from service.support.short_clip import write_short_clip

EXAMPLE = Path(__file__).parents[2] / "bopbot" / "example" / "salsa.mp4"
KILL_ROUNDS = 20
JOBS, TAKES_EACH = 10, 10
CLIENTS = 50
ALONE_REQUESTS, CROWD_REQUESTS = 200, 30


@contextmanager
def a_tree(*options: str) -> Iterator[ServiceProcesses]:
    """A service of its own, ready to dance."""
    with TemporaryDirectory(prefix="bopbot-stress-") as folder:
        processes = ServiceProcesses(
            Path(folder, "service"), "--uploads-per-hour", "100000", "--waiting", "100", *options
        )
        try:
            processes.wait(processes.is_healthy)
            yield processes
        finally:
            processes.stop()


def killed_again_and_again() -> None:
    """Server and workers killed at random moments."""
    with a_tree() as processes, TemporaryDirectory() as folder:
        kills = Kills(processes, write_short_clip(Path(folder) / "clip.mp4"), seed=0)
        for done in range(1, KILL_ROUNDS + 1):
            kills.round()
            print(f"  {done} rounds, {kills.n_kills} kills, {kills.n_jobs} jobs, none lost", flush=True)
        assert kills.same_everywhere()


def hostile_uploads_all() -> None:
    """Every hostile upload, and what came of it."""
    with a_tree() as processes, TemporaryDirectory() as folder:
        fates = Counter(fate.state for fate in submit_all(processes, hostile_uploads(Path(folder), EXAMPLE)))
        assert processes.is_healthy()
        print(f"  {fates.total()} hostile uploads: {dict(fates)}; the service is alive")


def a_hundred_dances() -> None:
    """Memory must not grow from dance to dance."""
    with a_tree() as processes:
        for done in range(1, JOBS + 1):
            begun_s = time.perf_counter()
            job = processes.send(EXAMPLE)
            first_s = _told_all(processes, job, 1) - begun_s
            others_s = []
            for seed in range(1, TAKES_EACH):
                begun_s = time.perf_counter()
                answer = requests.post(f"{processes.url}/api/jobs/{job}/takes", json={"seed": seed}, timeout=30)
                others_s.append(_told_all(processes, job, answer.json()["number"]) - begun_s)
            print(
                f"  {done * TAKES_EACH} dances: the first of this video in {first_s:.1f} s, others in "
                f"{statistics.median(others_s):.1f} s (median, at most {max(others_s):.1f}), "
                f"{resident_mb(processes):.0f} MB resident",
                flush=True,
            )


def a_crowd() -> None:
    """Fifty clients while dances are made, beside one client of an idle service."""
    with a_tree() as processes:
        job = processes.send(EXAMPLE)
        processes.wait_until_over(job)
        _say("one client, idle", simulate_visitors(processes, job, 1, ALONE_REQUESTS, pause_s=0.01))
        _say(f"{CLIENTS} clients, idle", simulate_visitors(processes, job, CLIENTS, CROWD_REQUESTS, pause_s=0.5))
        jobs = [processes.send(EXAMPLE) for _ in range(3)]
        _say(
            f"{CLIENTS} clients, dances being made",
            simulate_visitors(processes, job, CLIENTS, CROWD_REQUESTS, pause_s=0.5),
        )
        assert {str(processes.wait_until_over(job)["state"]) for job in jobs} == {"done"}


def _say(what: str, crowd: LoadResult) -> None:
    assert set(crowd.statuses) == {200}, crowd.statuses
    print(f"  {what}: median {crowd.percentile_ms(0.5):.0f} ms, 99th percentile {crowd.percentile_ms(0.99):.0f} ms")


def _told_all(processes: ServiceProcesses, job: str, number: int) -> float:
    """When the last event of a take has come, as a page waits for it: seconds on the clock of `time.perf_counter`."""
    events = f"{processes.url}/api/jobs/{job}/takes/{number}/events"
    assert '"state": "done"' in requests.get(events, timeout=300).text
    return time.perf_counter()


RUNS = (a_hundred_dances, a_crowd, hostile_uploads_all, killed_again_and_again)
