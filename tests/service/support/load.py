"""Hostile uploads thrown at a whole service, and crowds of visitors: what comes of it."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import requests
from requests.adapters import HTTPAdapter
from service.support.hostile_uploads import HostileUpload
from service.support.service_processes import ServiceProcesses

BOUNDARY = b"between-the-parts"


@dataclass(frozen=True)
class Outcome:
    """What became of an upload: `refused` by HTTP, or `failed` or `done` as a job."""

    upload: HostileUpload
    status: int
    state: str
    said: str


def submit_all(processes: ServiceProcesses, uploads: Iterable[HostileUpload]) -> Iterator[Outcome]:
    """Send one after the other, and see what comes of each."""
    for upload in uploads:
        answer = _post(processes, upload)
        if answer.status_code != 201:
            yield Outcome(upload, answer.status_code, "refused", answer.json()["detail"])
            continue
        job = answer.json()["id"]
        take = processes.wait_until_over(job)
        yield Outcome(upload, 201, str(take["state"]), str(take["error"]))
        requests.delete(f"{processes.url}/api/jobs/{job}", timeout=30)


def _post(processes: ServiceProcesses, upload: HostileUpload) -> requests.Response:
    """As `requests` would, but with file names and types that it would not let through."""
    head = b'Content-Disposition: form-data; name="video"; filename="%s"\r\nContent-Type: %s\r\n\r\n' % (
        upload.filename.encode("utf-8", "surrogateescape"),
        upload.media_type.encode("utf-8", "surrogateescape"),
    )
    content = upload.path.read_bytes()
    body = b"--" + BOUNDARY + b"\r\n" + head + content + b"\r\n--" + BOUNDARY + b"--\r\n"
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY.decode()}"}
    return requests.post(f"{processes.url}/api/jobs", data=body, headers=headers, timeout=60)


@dataclass(frozen=True)
class LoadResult:
    """How a crowd was served: seconds of each request, and how often each status came."""

    taken_s: np.ndarray[tuple[int], np.dtype[np.float64]]
    statuses: Counter[int]

    def percentile_ms(self, share: float) -> float:
        return float(np.percentile(self.taken_s, 100 * share)) * 1000


class _From(HTTPAdapter):
    """Visits from an address of its own."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: object, **kwargs: object) -> None:
        super().init_poolmanager(*args, **kwargs, source_address=(self._address, 0))  # type: ignore[arg-type, no-untyped-call]


def simulate_visitors(
    processes: ServiceProcesses, job: str, clients: int, requests_each: int, pause_s: float = 0.2
) -> LoadResult:
    """Clients who look at the page and at a job's state, in turn, each from an address of its own."""
    paths = ["/", f"/api/jobs/{job}/takes/1", f"/d/{job}"]
    taken: list[float] = []
    statuses: Counter[int] = Counter()
    one_at_a_time = threading.Lock()

    def come(number: int) -> None:
        session = requests.Session()
        session.mount("http://", _From(f"127.0.1.{number + 1}"))
        for path in itertools.islice(itertools.cycle(paths), requests_each):
            begun_s = time.perf_counter()
            status = session.get(processes.url + path, timeout=60).status_code
            with one_at_a_time:
                taken.append(time.perf_counter() - begun_s)
                statuses[status] += 1
            time.sleep(pause_s)

    visitors = [threading.Thread(target=come, args=(number,)) for number in range(clients)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    return LoadResult(np.array(taken), statuses)
