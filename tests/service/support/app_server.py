"""A real server over real sockets, whose worker is the test."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from service.support.http_server import served
from starlette.types import ASGIApp

from bopbot.service.app import create_app
from bopbot.service.events import Event, Progress, Words
from bopbot.service.limits import GIB, MIB, Limits
from bopbot.service.store.database import open_database, sqlite_url
from bopbot.service.store.jobs import Jobs
from bopbot.service.store.queue import TakeQueue
from bopbot.service.store.storage import Storage
from bopbot.service.store.store import Store

LIMITS = Limits(upload_bytes=8 * MIB, disk_bytes=GIB, waiting=5, uploads_per_hour=1_000_000)
WORDS = ("step", "turn", "clap", "bow")
FILES = {
    "dance.mp4": b"a film " * 1000,
    "poses.npz": b"poses",
    "poses.json": b'{"frames": []}',
    "player.html": b"<!doctype html>",
    "dance.json": b'{"words": ["step", "turn", "clap", "bow"], "words_per_second": 2.0, "words_per_row": 2, '
    b'"report": {"seed": 0}}',
}
"""What a worker leaves of a take."""


@dataclass
class AppServer:
    """A server whose worker is the test."""

    url: str
    app: ASGIApp
    store: Store

    @property
    def jobs(self) -> Jobs:
        return self.store.jobs

    @property
    def storage(self) -> Storage:
        return self.store.storage

    @property
    def queue(self) -> TakeQueue:
        return self.store.queue

    def send(self, video: bytes = b"a video", **fields: Any) -> requests.Response:
        """Post a form; a name that starts with a capital letter is a header."""
        headers = {name.replace("_", "-"): value for name, value in fields.items() if name[0].isupper()}
        data = {name: value for name, value in fields.items() if not name[0].isupper()}
        return requests.post(
            f"{self.url}/api/jobs", data=data, files={"video": ("../../v.mp4", video)}, headers=headers, timeout=30
        )

    def sent(self, video: bytes = b"a video", **fields: Any) -> str:
        """The id of a new job."""
        response = self.send(video, **fields)
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def ask(self, method: str, path: str, **request: Any) -> requests.Response:
        return requests.request(method, self.url + path, timeout=30, **request)

    def record(self, job_id: str, number: int, *events: Event) -> None:
        assert self.jobs.record(job_id, number, events)

    def dance(self, job_id: str, number: int = 1) -> None:
        """Do what a worker does."""
        assert self.jobs.begin(job_id, number) is not None
        self.record(job_id, number, Progress("reading", 1, 2), Progress("reading", 2, 2))
        self.jobs.mark_learned(job_id)
        self.record(job_id, number, Words(0, WORDS[:2]), Words(2, WORDS[2:]))
        folder = self.storage.take(job_id, number)
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in FILES.items():
            (folder / name).write_bytes(content)
        assert self.jobs.finish(job_id, number, "done")

    def danced(self) -> str:
        """The id of a job with one take that is done."""
        job_id = self.sent()
        self.dance(job_id)
        return job_id


@contextmanager
def running_app_server(folder: Path, limits: Limits = LIMITS) -> Iterator[AppServer]:
    """Such a server, for as long as the context lasts."""
    storage = Storage(folder, limits.disk_bytes)
    engine = open_database(sqlite_url(folder / "jobs.sqlite"))
    store = Store.create(engine, storage, limits)
    app = create_app(store, ["127.0.0.1", "testserver"], webhooks_to_private=True)
    with served(app) as (host, port):
        yield AppServer(f"http://{host}:{port}", app, store)
    store.close()
