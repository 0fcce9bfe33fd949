'''Takes that the version before queued or began are finished by this version.

``data/queued_by_previous_version.tar.xz`` is the folder of a service of commit b0da58c, as this script left it; it ran
in a checkout of that commit. Its worker was killed twice, and every kind of work waits in its queue. Left out of the
archive is what can be made again from the uploaded video: the dancer's poses and model, and drawn films.

    import shutil, subprocess, sys, tarfile, time
    from pathlib import Path

    from bopbot.service.deployment import Deployment
    from bopbot.service.limits import Limits
    from bopbot.service.store.job import new_id
    from bopbot.service.store.jobs import Jobs
    from bopbot.service.store.queue import Dances
    from bopbot.service.wishes import DancerWish, TakeWish

    sys.path.insert(0, "tests")
    from service.clip import write_short_clip

    WORKER = """import socket, sys
    socket.gethostname = lambda: "previous"
    from bopbot.service.deployment import Deployment
    from bopbot.service.work.worker import work
    work(Deployment.from_json(sys.argv[1]))"""

    folder = Path("previous").absolute()
    folder.mkdir()
    clip = write_short_clip(folder.with_name("clip.mp4"))
    database = folder / "bopbot.sqlite"
    deployment = Deployment(folder, f"sqlite:///{database}", Limits(keep_h=24 * 36500))
    engine, storage = deployment.open()
    queue = Dances(engine)
    jobs = Jobs(engine, deployment.limits, queue)


    def job(webhook=None, model="lstm", **wish):
        job_id = new_id()
        storage.adopt(job_id, clip)
        return jobs.create(job_id, DancerWish(language_model=model), TakeWish(seconds=3, **wish), webhook=webhook)


    def work_until(is_so):
        worker = subprocess.Popen([sys.executable, "-c", WORKER, deployment.to_json()])
        while not is_so():
            time.sleep(0.05)
        worker.kill()
        worker.wait()
        time.sleep(2)


    done = job(seed=1)
    work_until(lambda: jobs.take(done, 1).state == "done")
    interrupted = job(seed=2)
    work_until(lambda: jobs.job(interrupted).learned)
    waiting = job(model="gpt2", seed=3, style="neon", energy=1.5, mirror=True)
    jobs.add_take(done, TakeWish(seconds=2, seed=4, from_scratch=True))
    queue.put_gif(done, 1)
    cancelled = job(webhook="http://127.0.0.1:9/danced")
    jobs.cancel(cancelled, 1)
    # then: PRAGMA wal_checkpoint(TRUNCATE), PRAGMA journal_mode=DELETE, VACUUM, and the archive
'''

from __future__ import annotations

import json
import os
import sqlite3
import tarfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from service.support.service_processes import ServiceProcesses

from pose_vocab.sequence import PoseSequence

ARCHIVE = Path(__file__).parent / "data" / "queued_by_previous_version.tar.xz"
DONE, INTERRUPTED = "1Ty0X0qrr5Wc9LmhgsAgYA", "bl2uiwGs5gxiECBsfv-ASg"
WAITING, CANCELLED = "dBVsNHsYoDu_eAcC7kVckA", "lZlz__nADEfqtnEc84tFTA"
AN_HOUR_S = 3600


@pytest.fixture(scope="module")
def webhook_bodies() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the URL of a server, and the JSON bodies that it receives."""
    bodies: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Keep the log of the tests clean."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/danced", bodies
        server.shutdown()


@pytest.fixture(scope="module")
def upgraded(
    tmp_path_factory: pytest.TempPathFactory, webhook_bodies: tuple[str, list[dict[str, Any]]]
) -> Iterator[ServiceProcesses]:
    """Yield a service of this version on the folder of the version before."""
    folder = tmp_path_factory.mktemp("upgraded")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    dead_s = time.time() - AN_HOUR_S
    os.utime(folder / "workers" / "previous.0", (dead_s, dead_s))
    with sqlite3.connect(folder / "bopbot.sqlite") as database:
        database.execute("UPDATE bopbot_jobs SET webhook = ? WHERE webhook IS NOT NULL", [webhook_bodies[0]])
    database.close()
    processes = ServiceProcesses(folder, "--webhooks-to-private")
    yield processes
    processes.stop()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("job_id", "number", "seconds"), [(INTERRUPTED, 1, 3.0), (WAITING, 1, 3.0), (DONE, 2, 2.0)], ids=str
)
def test_takes_of_the_version_before_are_finished(
    upgraded: ServiceProcesses, tmp_path: Path, job_id: str, number: int, seconds: float
) -> None:
    take = upgraded.wait_until_over(job_id, number)
    assert (take["state"], take["error"]) == ("done", None)
    (tmp_path / "poses.npz").write_bytes(fetch(upgraded, job_id, number, "poses.npz"))
    poses = PoseSequence.load(tmp_path / "poses.npz")
    assert len(poses) / poses.fps == pytest.approx(seconds, abs=0.1)
    assert fetch(upgraded, job_id, number, "dance.mp4")[4:8] == b"ftyp"


@pytest.mark.slow
def test_the_options_of_a_waiting_take_are_kept(upgraded: ServiceProcesses) -> None:
    options = upgraded.take(WAITING)["wish"]
    assert isinstance(options, dict)
    assert (options["style"], options["energy"], options["mirror"], options["seed"]) == ("neon", 1.5, True, 3)


@pytest.mark.slow
def test_a_gif_is_drawn_and_a_webhook_called(
    upgraded: ServiceProcesses, webhook_bodies: tuple[str, list[dict[str, Any]]]
) -> None:
    assert fetch(upgraded, DONE, 1, "dance.gif")[:6] == b"GIF89a"
    upgraded.wait(lambda: bool(webhook_bodies[1]))
    assert webhook_bodies[1] == [{"id": CANCELLED, "take": 1, "state": "cancelled", "error": None}]


@pytest.mark.slow
def test_a_finished_take_is_still_shown(upgraded: ServiceProcesses) -> None:
    page = requests.get(f"{upgraded.url}/d/{DONE}/1", timeout=30).text
    assert "A new dance" in page
    assert "lines, a fraction of a second each" in page
    assert page.count('<p class="line"><span></span><span></span><span></span><span></span><span></span></p>') == 1


def fetch(upgraded: ServiceProcesses, job_id: str, number: int, name: str) -> bytes:
    response = requests.get(f"{upgraded.url}/api/jobs/{job_id}/takes/{number}/{name}", timeout=90)
    assert response.ok, response.text
    return response.content
