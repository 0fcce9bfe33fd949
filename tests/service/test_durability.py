"""Nothing is lost: the service killed, stopped, cancelled and told to forget, with real dances at work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from service.kills import Kills
from service.tree import Tree, is_gone

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    grown = Tree(tmp_path_factory.mktemp("tree"))
    yield grown
    grown.stop()


def test_killed_at_random_moments_every_job_is_done_once(tree: Tree, short_clip: Path) -> None:
    kills = Kills(tree, short_clip, seed=6)
    for _ in range(3):
        kills.round()
    assert kills.n_jobs == 6
    assert kills.same_everywhere()


def test_a_cancelled_take_stops_its_processes_at_once(tree: Tree, short_clip: Path) -> None:
    job = tree.send(short_clip)
    tree.wait(lambda: tree.take(job)["stage"] in ("finding", "learning"))
    at_work = tree.workers()[0].children(recursive=True)
    assert requests.post(f"{tree.url}/api/jobs/{job}/takes/1/cancel", timeout=10).json()["state"] == "cancelled"
    tree.wait(lambda: all(map(is_gone, at_work)), timeout_s=3)
    assert tree.state(job) == "cancelled"
    after = tree.send(short_clip, seconds=1)
    assert tree.wait_until_over(after)["state"] == "done"
    assert tree.state(job) == "cancelled"


def test_what_is_deleted_while_it_is_made_leaves_no_trace(tree: Tree, short_clip: Path) -> None:
    job = tree.send(short_clip)
    tree.wait(lambda: tree.take(job)["stage"] == "learning")
    assert requests.delete(f"{tree.url}/api/jobs/{job}", timeout=10).status_code == 204
    assert requests.get(f"{tree.url}/api/jobs/{job}", timeout=10).status_code == 404
    time.sleep(2)  # What the worker still wrote is cleared away when it notices.
    holding = [path for path in tree.folder.rglob("*") if path.is_file() and job.encode() in path.read_bytes()]
    named = [path for path in tree.folder.rglob("*") if job in path.name]
    assert (holding, named) == ([], [])


def test_a_server_that_is_stopped_goes_on_where_it_was(tree: Tree, short_clip: Path) -> None:
    job = tree.send(short_clip, seconds=2)
    tree.wait(lambda: tree.state(job) == "running")
    had = tree.descendants()
    tree.stop()
    tree.wait(lambda: all(map(is_gone, had)), timeout_s=10)
    tree.start()
    assert tree.wait_until_over(job)["state"] == "done"


def test_no_id_and_no_name_is_logged(tree: Tree, short_clip: Path) -> None:
    job = tree.send(short_clip, seconds=1)
    tree.wait_until_over(job)
    requests.get(f"{tree.url}/d/{job}", timeout=10)
    log = "".join(tree.log)
    assert "/api/jobs/*" in log
    assert job not in log
    assert short_clip.name not in log
