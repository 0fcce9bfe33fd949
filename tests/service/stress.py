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
from service.clip import write_short_clip
from service.hostile import hostile_uploads
from service.kills import Kills, resident_mb
from service.siege import Crowd, throw, visit
from service.tree import Tree

EXAMPLE = Path(__file__).parents[2] / "bopbot" / "example" / "salsa.mp4"
KILL_ROUNDS = 20
JOBS, TAKES_EACH = 10, 10
CLIENTS = 50
ALONE_REQUESTS, CROWD_REQUESTS = 200, 30


@contextmanager
def a_tree(*options: str) -> Iterator[Tree]:
    """A service of its own, ready to dance."""
    with TemporaryDirectory(prefix="bopbot-stress-") as folder:
        tree = Tree(Path(folder, "service"), "--uploads-per-hour", "100000", "--waiting", "100", *options)
        try:
            tree.wait(tree.is_healthy)
            yield tree
        finally:
            tree.stop()


def killed_again_and_again() -> None:
    """Server and workers killed at random moments."""
    with a_tree() as tree, TemporaryDirectory() as folder:
        kills = Kills(tree, write_short_clip(Path(folder) / "clip.mp4"), seed=0)
        for done in range(1, KILL_ROUNDS + 1):
            kills.round()
            print(f"  {done} rounds, {kills.n_kills} kills, {kills.n_jobs} jobs, none lost", flush=True)
        assert kills.same_everywhere()


def hostile_uploads_all() -> None:
    """Every hostile upload, and what came of it."""
    with a_tree() as tree, TemporaryDirectory() as folder:
        fates = Counter(fate.state for fate in throw(tree, hostile_uploads(Path(folder), EXAMPLE)))
        assert tree.is_healthy()
        print(f"  {fates.total()} hostile uploads: {dict(fates)}; the service is alive")


def a_hundred_dances() -> None:
    """Memory must not grow from dance to dance."""
    with a_tree() as tree:
        for done in range(1, JOBS + 1):
            begun_s = time.perf_counter()
            job = tree.send(EXAMPLE)
            first_s = _told_all(tree, job, 1) - begun_s
            others_s = []
            for seed in range(1, TAKES_EACH):
                begun_s = time.perf_counter()
                answer = requests.post(f"{tree.url}/api/jobs/{job}/takes", json={"seed": seed}, timeout=30)
                others_s.append(_told_all(tree, job, answer.json()["number"]) - begun_s)
            print(
                f"  {done * TAKES_EACH} dances: the first of this video in {first_s:.1f} s, others in "
                f"{statistics.median(others_s):.1f} s (median, at most {max(others_s):.1f}), "
                f"{resident_mb(tree):.0f} MB resident",
                flush=True,
            )


def a_crowd() -> None:
    """Fifty clients while dances are made, beside one client of an idle service."""
    with a_tree() as tree:
        job = tree.send(EXAMPLE)
        tree.wait_until_over(job)
        _say("one client, idle", visit(tree, job, 1, ALONE_REQUESTS, pause_s=0.01))
        _say(f"{CLIENTS} clients, idle", visit(tree, job, CLIENTS, CROWD_REQUESTS, pause_s=0.5))
        jobs = [tree.send(EXAMPLE) for _ in range(3)]
        _say(f"{CLIENTS} clients, dances being made", visit(tree, job, CLIENTS, CROWD_REQUESTS, pause_s=0.5))
        assert {str(tree.wait_until_over(job)["state"]) for job in jobs} == {"done"}


def _say(what: str, crowd: Crowd) -> None:
    assert set(crowd.statuses) == {200}, crowd.statuses
    print(f"  {what}: median {crowd.percentile_ms(0.5):.0f} ms, 99th percentile {crowd.percentile_ms(0.99):.0f} ms")


def _told_all(tree: Tree, job: str, number: int) -> float:
    """When the last event of a take has come, as a page waits for it: seconds on the clock of `time.perf_counter`."""
    events = f"{tree.url}/api/jobs/{job}/takes/{number}/events"
    assert '"state": "done"' in requests.get(events, timeout=300).text
    return time.perf_counter()


RUNS = (a_hundred_dances, a_crowd, hostile_uploads_all, killed_again_and_again)
