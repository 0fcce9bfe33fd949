"""Resumable uploads through a real server: what arrives is what was sent, wherever the line broke."""

import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import Path

import pytest
import requests
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from service.support.http_server import served

from bopbot.service.errors import NoSuchJobError, NotReadyError
from bopbot.service.http.tus_routes import CHUNK_TYPE, router
from bopbot.service.limits import MIB, Limits
from bopbot.service.middleware.stack import with_middleware
from bopbot.service.store.partial_uploads import UploadLockedError, Uploads
from bopbot.service.store.storage import Storage

LIMITS = Limits(upload_bytes=4 * MIB, uploads_per_hour=100_000, keep_h=2, disk_bytes=8 * MIB)
TUS = {"Tus-Resumable": "1.0.0"}
CONTENT = bytes(range(251)) * 400  # 100,400 bytes, and no stretch of it like its neighbours
JOB = "jRm3OV1YSYmRtUqvCm4Z0g"

DIES = """
import os, pathlib, signal, sys
from bopbot.service.store.partial_uploads import Upload
with Upload(pathlib.Path(sys.argv[1])).locked() as file:
    file.write(sys.stdin.buffer.read())
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


class Client:
    """What a client of the protocol does."""

    def __init__(self, address: tuple[str, int], uploads: Uploads, folder: Path) -> None:
        self.address, self.uploads, self.folder = address, uploads, folder
        self._session = requests.Session()

    def ask(self, method: str, path: str, data: bytes | Iterator[bytes] = b"", **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"http://{self.address[0]}:{self.address[1]}{path}"
        return self._session.request(method, url, data=data, headers={**TUS, **named})

    def create(self, n_bytes: int = len(CONTENT)) -> str:
        answer = self.ask("POST", "/api/uploads", Upload_Length=str(n_bytes))
        assert answer.status_code == 201
        return answer.headers["Location"]

    def add(self, path: str, offset: int, data: bytes | Iterator[bytes]) -> requests.Response:
        return self.ask("PATCH", path, data, Upload_Offset=str(offset), Content_Type=CHUNK_TYPE)

    def offset(self, path: str) -> int:
        return int(self.ask("HEAD", path).headers["Upload-Offset"])

    def begin_to_add(self, path: str, offset: int, part: bytes, n_bytes: int) -> socket.socket:
        """Send a part of a part, and wait until it is there."""
        line = socket.create_connection(self.address, timeout=10)
        line.sendall(
            f"PATCH {path} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: {offset}\r\n"
            f"Content-Type: {CHUNK_TYPE}\r\nContent-Length: {n_bytes}\r\n\r\n".encode()
        )
        line.sendall(part)
        eventually(lambda: self.offset(path) > offset, True)
        return line


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("service")
    storage = Storage(folder, LIMITS.disk_bytes)
    uploads = Uploads(storage, LIMITS)
    app = FastAPI()
    app.include_router(router(uploads))
    with served(with_middleware(app, LIMITS, ["*"])) as address:
        yield Client(address, uploads, storage.uploads)


def id_of(path: str) -> str:
    return path.rpartition("/")[2]


def taken(uploads: Uploads, upload_id: str) -> bytes:
    """What a whole upload holds, of which nothing is left then."""
    with uploads.taking(upload_id) as whole:
        return whole.read_bytes()


def eventually(holds: object, wanted: object) -> None:
    """Wait for what follows a broken line, which the server learns in its own time."""
    assert callable(holds)
    for _ in range(500):
        if holds() == wanted:
            return
        time.sleep(0.01)
    assert holds() == wanted


# The way of an upload


def test_an_upload_arrives_whole(client: Client) -> None:
    path = client.create()
    state = client.ask("HEAD", path)
    assert state.status_code == 200
    assert (state.headers["Upload-Offset"], state.headers["Upload-Length"]) == ("0", "100400")
    assert state.headers["Cache-Control"] == "no-store"
    answer = client.add(path, 0, CONTENT)
    assert (answer.status_code, answer.headers["Upload-Offset"], answer.content) == (204, "100400", b"")
    with client.uploads.taking(id_of(path)) as whole:
        assert whole.read_bytes() == CONTENT
        assert whole.stat().st_mode & 0o777 == 0o600
        Storage(client.folder.parent, LIMITS.disk_bytes).create_job_folder(JOB, whole)
    assert (client.folder.parent / "jobs" / JOB / "upload").read_bytes() == CONTENT
    assert client.ask("HEAD", path).status_code == 404
    assert not list(client.folder.glob(f"{id_of(path)}*"))


def test_ids_are_unguessable_and_names_are_not_kept(client: Client) -> None:
    answer = client.ask("POST", "/api/uploads", Upload_Length="3", Upload_Metadata="filename c2VjcmV0Lm1wNA==")
    ids = {id_of(client.create(1)) for _ in range(20)} | {id_of(answer.headers["Location"])}
    assert len(ids) == 21
    assert all(len(name) == 22 for name in ids)
    assert not [path for path in client.folder.iterdir() if "secret" in path.name]


def test_every_answer_names_version_and_expiry(client: Client) -> None:
    path = client.create()
    for answer in (client.ask("HEAD", path), client.add(path, 0, b"abc")):
        assert answer.headers["Tus-Resumable"] == "1.0.0"
        left_s = parsedate_to_datetime(answer.headers["Upload-Expires"]).timestamp() - time.time()
        assert left_s == pytest.approx(2 * 3600, abs=30)
    assert client.add(path, 99, b"abc").headers["Tus-Resumable"] == "1.0.0"


def test_a_client_can_ask_what_is_spoken(client: Client) -> None:
    for path in ("/api/uploads", "/api/uploads/x"):
        answer = requests.options(f"http://{client.address[0]}:{client.address[1]}{path}")
        assert answer.status_code == 204
        assert answer.headers["Tus-Version"] == "1.0.0"
        assert answer.headers["Tus-Extension"] == "creation,termination,expiration"
        assert answer.headers["Tus-Max-Size"] == str(4 * MIB)


@settings(max_examples=25, deadline=None)
@given(
    content=st.binary(min_size=1, max_size=3000), cuts=st.lists(st.integers(0, 3000), max_size=6), chunked=st.booleans()
)
def test_any_parts_make_the_same_file(client: Client, content: bytes, cuts: list[int], chunked: bool) -> None:
    path = client.create(len(content))
    at = sorted({min(cut, len(content)) for cut in cuts} | {0, len(content)})
    for begin, end in pairwise(at):
        part = content[begin:end]
        middle = len(part) // 2
        data = iter([piece for piece in (part[:middle], part[middle:]) if piece]) if chunked else part
        assert client.add(path, begin, data).headers["Upload-Offset"] == str(end)
    assert taken(client.uploads, id_of(path)) == content


# Broken lines


@pytest.mark.parametrize("reset", [False, True])
def test_a_line_cut_in_mid_part_costs_nothing_that_arrived(client: Client, reset: bool) -> None:
    path = client.create()
    line = client.begin_to_add(path, 0, CONTENT[:60_000], len(CONTENT))
    if reset:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()
    eventually(lambda: client.add(path, client.offset(path), b"").status_code, 204)
    offset = client.offset(path)
    assert 0 < offset <= 60_000
    assert client.add(path, offset, CONTENT[offset:]).status_code == 204
    assert taken(client.uploads, id_of(path)) == CONTENT


def test_a_new_server_goes_on_where_the_old_one_died(tmp_path: Path) -> None:
    """Nothing but the file is known of an upload; a process that dies leaves no lock."""
    storage = Storage(tmp_path, LIMITS.disk_bytes)
    upload_id = Uploads(storage, LIMITS).create(len(CONTENT))
    died = subprocess.run([sys.executable, "-c", DIES, next(storage.uploads.iterdir())], input=CONTENT[:50_000])
    assert died.returncode == -signal.SIGKILL
    uploads = Uploads(storage, LIMITS)
    app = FastAPI()
    app.include_router(router(uploads))
    with served(app) as address:
        client = Client(address, uploads, storage.uploads)
        path = f"/api/uploads/{upload_id}"
        assert client.offset(path) == 50_000
        client.add(path, 50_000, CONTENT[50_000:])
    assert taken(uploads, upload_id) == CONTENT


def test_one_part_at_a_time(client: Client) -> None:
    path = client.create()
    with client.begin_to_add(path, 0, CONTENT[:50_000], len(CONTENT)) as line:
        assert client.add(path, client.offset(path), CONTENT).status_code == 423
        line.sendall(CONTENT[50_000:])
        assert line.recv(65536).startswith(b"HTTP/1.1 204")
    assert taken(client.uploads, id_of(path)) == CONTENT


def test_of_many_that_send_the_same_part_one_is_heard(client: Client) -> None:
    path = client.create()
    statuses: list[int] = []

    def add() -> None:
        one = Client(client.address, client.uploads, client.folder)
        statuses.append(one.add(path, 0, CONTENT).status_code)

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(204) == 1
    assert set(statuses) <= {204, 409, 423}
    assert taken(client.uploads, id_of(path)) == CONTENT


# What is refused


def test_a_part_goes_where_the_upload_stands(client: Client) -> None:
    path = client.create()
    client.add(path, 0, CONTENT[:1000])
    for offset in (0, 999, 1001, 2**70):
        answer = client.add(path, offset, b"abc")
        assert answer.status_code == 409
        assert "ends at 1000" in answer.json()["detail"]
    assert client.offset(path) == 1000


def test_no_more_comes_than_was_announced(client: Client) -> None:
    path = client.create(10)
    assert client.add(path, 0, b"abc").status_code == 204
    assert client.add(path, 3, b"x" * 8).status_code == 413
    assert client.offset(path) == 3
    assert client.add(path, 3, iter([b"x" * 5, b"x" * 5])).status_code == 413
    assert client.offset(path) <= 10


def test_what_is_too_large_is_refused_when_announced(client: Client) -> None:
    for n_bytes in (4 * MIB + 1, 2**70):
        answer = client.ask("POST", "/api/uploads", Upload_Length=str(n_bytes))
        assert answer.status_code == 413
        assert "at most 4 MiB" in answer.json()["detail"]


@pytest.mark.parametrize("length", ["", "-1", "0", "1.5", "ten", "1e3"])
def test_a_length_is_a_number_of_bytes(client: Client, length: str) -> None:
    assert client.ask("POST", "/api/uploads", Upload_Length=length).status_code == 422


def test_a_full_disk_is_said_before_anything_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bopbot.service.store.storage.COUNT_S", -1.0)
    storage = Storage(tmp_path, 1000)
    uploads = Uploads(storage, LIMITS)
    app = FastAPI()
    app.include_router(router(uploads))
    with served(app) as address:
        client = Client(address, uploads, storage.uploads)
        assert client.ask("POST", "/api/uploads", Upload_Length="1001").status_code == 507
        first, second = client.create(600), client.create(600)
        assert client.add(first, 0, bytes(600)).status_code == 204
        answer = client.add(second, 0, bytes(600))
        assert answer.status_code == 507
        assert int(answer.headers["Retry-After"]) > 0
        assert client.offset(second) == 0
        assert client.add(second, 0, iter([bytes(600)])).status_code == 507  # it does not say how much it brings
        assert client.offset(second) == 0


def test_only_parts_in_this_version_are_taken(client: Client) -> None:
    path = client.create()
    answer = client.ask("PATCH", path, b"abc", Upload_Offset="0", Content_Type="video/mp4")
    assert answer.status_code == 415
    for version in ("0.2.2", ""):
        answer = client.ask("HEAD", path, Tus_Resumable=version)
        assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")


@pytest.mark.parametrize("name", ["x", JOB, "..", "%2e%2e%2fjobs", f"{JOB[:-1]}*", "?" * 22, "%00" * 22, "é" * 22])
def test_what_is_no_upload_is_not_found(client: Client, name: str) -> None:
    client.create()
    for method in ("HEAD", "PATCH", "DELETE"):
        answer = client.ask(method, f"/api/uploads/{name}", Upload_Offset="0", Content_Type=CHUNK_TYPE)
        assert answer.status_code in (404, 405)


def test_an_upload_that_is_not_whole_cannot_be_taken(client: Client) -> None:
    path = client.create()
    client.add(path, 0, CONTENT[:5])
    with pytest.raises(NotReadyError, match="only 5 of 100400 bytes"):
        taken(client.uploads, id_of(path))
    with pytest.raises(NoSuchJobError):
        taken(client.uploads, "../jobs")


def test_an_upload_is_had_by_one_at_a_time_and_stays_where_nothing_comes_of_it(client: Client) -> None:
    path = client.create()
    client.add(path, 0, CONTENT)
    with pytest.raises(ZeroDivisionError), client.uploads.taking(id_of(path)):
        with pytest.raises(UploadLockedError):
            taken(client.uploads, id_of(path))
        raise ZeroDivisionError
    assert taken(client.uploads, id_of(path)) == CONTENT
    with pytest.raises(NoSuchJobError):
        taken(client.uploads, id_of(path))


def test_who_gets_the_lock_of_what_is_gone_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = client.uploads.find(id_of(client.create()))
    monkeypatch.setattr(fcntl, "flock", lambda *_: upload.path.unlink())  # in the last moment
    with pytest.raises(NoSuchJobError):
        upload.locked().__enter__()
    with pytest.raises(NoSuchJobError):
        client.uploads.expires(upload)


# The end of it


def test_what_is_deleted_is_gone(client: Client) -> None:
    path = client.create()
    client.add(path, 0, CONTENT[:5])
    assert client.ask("DELETE", path).status_code == 204
    assert not list(client.folder.glob(f"{id_of(path)}*"))
    assert {client.ask(method, path).status_code for method in ("HEAD", "DELETE")} == {404}


def test_what_is_deleted_while_it_comes_is_gone(client: Client) -> None:
    path = client.create()
    with client.begin_to_add(path, 0, CONTENT[:50_000], len(CONTENT)) as line:
        client.ask("DELETE", path)
        line.sendall(CONTENT[50_000:])
        assert line.recv(65536).startswith(b"HTTP/1.1 404")
    assert not list(client.folder.glob(f"{id_of(path)}*"))


def test_what_is_abandoned_expires(client: Client) -> None:
    old, new = client.create(), client.create()
    os.utime(next(client.folder.glob(f"{id_of(old)}*")), (1, 1000))
    client.uploads.expire(before_s=2000)
    assert client.ask("HEAD", old).status_code == 404
    assert client.ask("HEAD", new).status_code == 200
