"""What stands before the application, tried through a real server: sizes, pace, rate, names, foreign pages, words."""

import logging
import socket
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from http.client import HTTPConnection
from typing import Annotated

import psutil
import pytest
import requests
from fastapi import FastAPI, File, Request, UploadFile
from fastapi.responses import StreamingResponse
from service.support.http_server import Address, read_all, said, served, status_of

from bopbot.service.errors import BusyError
from bopbot.service.http import uvicorn_protocol as protocol
from bopbot.service.limits import MIB, Limits
from bopbot.service.middleware import body_limit, lingering_close
from bopbot.service.middleware import rate_limit as visitors
from bopbot.service.middleware.security_headers import POLICIES
from bopbot.service.middleware.stack import with_middleware

LIMITS = Limits(upload_bytes=1 * MIB, uploads_per_hour=5)
JOB = "jRm3OV1YSYmRtUqvCm4Z0g"
HOST = b"Host: localhost\r\n"


def application() -> FastAPI:
    app = FastAPI(docs_url=None)

    @app.get("/")
    @app.get("/d/{job}")
    @app.get("/static/{name}")
    @app.get("/docs")
    @app.get("/api/jobs/{job}/takes/{number}/player.html")
    def page() -> str:
        return "a page"

    @app.post("/api/jobs")
    def upload(video: Annotated[UploadFile, File()]) -> int:
        return len(video.file.read())

    @app.patch("/api/uploads/{upload}")
    async def grow(request: Request) -> int:
        return sum([len(chunk) async for chunk in request.stream()])

    @app.post("/api/jobs/{job}/takes")
    async def take(request: Request) -> int:
        return len(await request.body())

    @app.post("/d/{job}/takes")
    def unread() -> str:
        return "thank you"

    @app.get("/broken/{job}")
    def broken(job: str) -> None:
        raise FileNotFoundError(f"/folder/jobs/{job}/upload")

    @app.get("/busy")
    def busy() -> None:
        raise BusyError("too many wait", retry_after_s=7)

    @app.get("/slow")
    async def slow() -> StreamingResponse:
        async def words() -> AsyncIterator[bytes]:
            for _ in range(3):
                yield b"word "

        return StreamingResponse(words())

    return app


@pytest.fixture(scope="module")
def address() -> Iterator[Address]:
    with served(
        with_middleware(application(), replace(LIMITS, uploads_per_hour=1000), ["localhost", "127.0.0.1"])
    ) as address:
        yield address


def url(address: Address, path: str) -> str:
    return f"http://{address[0]}:{address[1]}{path}"


def detail(answer: requests.Response) -> str:
    assert list(answer.json()) == ["detail"]
    return str(answer.json()["detail"])


# What every answer carries


@pytest.mark.parametrize("path", ["/", f"/d/{JOB}", "/nowhere", f"/broken/{JOB}", "/busy", "/static/a.css", "/docs"])
def test_every_answer_carries_the_headers(address: Address, path: str) -> None:
    headers = requests.get(url(address, path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=(self)" in headers["Permissions-Policy"] and "geolocation=()" in headers["Permissions-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; ")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers
    assert not [name for name in headers if name.lower().startswith("access-control")]
    if path.startswith("/static"):
        assert headers["Cache-Control"] == "no-cache" and "X-Robots-Tag" not in headers
    else:
        assert headers["Cache-Control"] == "no-store" and headers["X-Robots-Tag"] == "noindex"


def test_only_a_player_runs_what_stands_in_it_and_it_reaches_nothing(address: Address) -> None:
    player = f"/api/jobs/{JOB}/takes/1/player.html"
    paths = ("/", f"/d/{JOB}", "/docs", player)
    assert [path for path in paths if "script-src 'unsafe-inline'" in policy(address, path)] == [player]
    assert policy(address, player).startswith("sandbox allow-scripts; default-src 'none'")
    assert "connect-src" not in policy(address, player)
    assert "style-src 'self' 'unsafe-inline'" in policy(address, "/docs")
    assert len(POLICIES) == 3


def policy(address: Address, path: str) -> str:
    return requests.get(url(address, path)).headers["Content-Security-Policy"]


# Under which name


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("[::1]:8000", 200),
        ("[::1]", 200),
        ("a.dance.example", 200),
        ("dance.example", 400),
        ("evil.example", 400),
        ("evil.example:80@localhost", 200),
        ("localhost@evil.example", 400),
        ("localhost.evil.example", 400),
        ("[::1", 400),
        ("", 400),
    ],
)
def test_the_service_goes_by_its_own_names_only(host: str, status: int) -> None:
    with served(with_middleware(application(), LIMITS, ["localhost", "[::1]", "*.dance.example"])) as address:
        answer = requests.get(url(address, "/"), headers={"Host": host})
    assert answer.status_code == status
    if status == 400:
        assert "host name" in detail(answer)


# From which page


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "https://LocalHost"}, 200),
        ({"Origin": "http://localhost:3000"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_a_foreign_page_changes_nothing(address: Address, headers: dict[str, str], status: int) -> None:
    everything = {"Host": "localhost", **headers}
    assert requests.post(url(address, f"/d/{JOB}/takes"), headers=everything).status_code == status
    assert requests.get(url(address, "/"), headers=everything).status_code == 200


# How often


def test_uploads_are_counted_for_each_address() -> None:
    with served(with_middleware(application(), LIMITS, ["*"])) as address:
        here, there = session("127.0.0.2"), session("127.0.0.3")
        statuses = [here.post(url(address, "/api/jobs"), files={"video": b"x"}).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
        refused = here.post(url(address, "/api/jobs"), files={"video": b"x"})
        assert 3500 < int(refused.headers["Retry-After"]) <= 3600
        assert "5 videos an hour" in detail(refused)
        assert here.post(url(address, "/api/uploads")).status_code == 404  # another count
        assert here.get(url(address, "/")).status_code == 200
        assert there.post(url(address, "/api/jobs"), files={"video": b"x"}).status_code == 200


@pytest.mark.parametrize("path", [f"/api/jobs/{JOB}/takes", f"/d/{JOB}/takes"])
def test_more_dances_are_taken_than_videos_but_not_any_number(path: str) -> None:
    with served(with_middleware(application(), replace(LIMITS, uploads_per_hour=1), ["*"])) as address:
        here, there = session("127.0.0.2"), session("127.0.0.3")
        refused = [here.post(url(address, path)) for _ in range(visitors.TAKES_A_VIDEO + 1)].pop()
        assert (refused.status_code, detail(refused)[:25]) == (429, "more than 10 dances an ho")
        assert there.post(url(address, path)).status_code == 200


def test_requests_are_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitors, "REQUESTS_PER_MINUTE", 3)
    with served(with_middleware(application(), LIMITS, ["*"])) as address:
        assert [requests.get(url(address, "/")).status_code for _ in range(4)] == [200, 200, 200, 429]


def session(address: str) -> requests.Session:
    class From(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args: object, **how: object) -> None:
            super().init_poolmanager(*args, **how, source_address=(address, 0))  # type: ignore[no-untyped-call]

    made = requests.Session()
    made.mount("http://", From())
    return made


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_a_household_is_one_address(one: str, other: str, same: bool) -> None:
    assert (visitors.address_of({"client": (one, 1)}) == visitors.address_of({"client": (other, 2)})) == same


# How much, and how fast


def test_what_is_small_enough_goes_through(address: Address) -> None:
    content = bytes(range(256)) * 4096
    assert requests.post(url(address, "/api/jobs"), files={"video": content}).json() == MIB
    assert requests.patch(url(address, f"/api/uploads/{JOB}"), data=content).json() == MIB
    assert requests.patch(url(address, f"/api/uploads/{JOB}"), data=iter([content[:7], content[7:]])).json() == MIB
    assert requests.post(url(address, f"/api/jobs/{JOB}/takes"), data=bytes(65536)).json() == 65536


@pytest.mark.parametrize(
    ("request_line", "n_bytes", "most"),
    [
        (b"POST /api/jobs", MIB + 65537, b"1 MiB"),
        (b"POST /", MIB + 65537, b"1 MiB"),
        (b"PATCH /api/uploads/x", MIB + 65537, b"1 MiB"),
        (b"POST /api/uploads", 65537, b"65536 bytes"),
        (b"POST /api/jobs/x/takes", 65537, b"65536 bytes"),
    ],
)
def test_what_says_that_it_is_too_large_is_refused_before_it_comes(
    address: Address, request_line: bytes, n_bytes: int, most: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lingering_close, "LINGER_S", 0.1)
    for expect in (b"", b"Expect: 100-continue\r\n"):
        answer = said(
            address, request_line + b" HTTP/1.1\r\n" + HOST + expect + b"Content-Length: %d\r\n\r\n" % n_bytes
        )
        assert answer.startswith(b"HTTP/1.1 413")
        assert b"connection: close" in answer.lower()
        assert b"accepts at most %s" % most in answer


@pytest.mark.parametrize("path", ["/api/jobs", "/nowhere", f"/d/{JOB}/takes"])
def test_a_client_that_sends_all_before_it_listens_sees_the_answer(address: Address, path: str) -> None:
    answer = requests.post(url(address, path), files={"video": bytes(40 * MIB)})
    assert answer.status_code == 413
    assert "too large" in detail(answer)


def test_an_answer_is_read_even_where_nobody_read_the_body(address: Address) -> None:
    assert requests.post(url(address, f"/d/{JOB}/takes"), data=bytes(60_000)).json() == "thank you"
    assert requests.post(url(address, "/nowhere"), data=bytes(60_000)).status_code == 404


@pytest.mark.parametrize("request_line", ["POST /api/jobs", "PATCH /api/uploads/x", "POST /nowhere", "GET /"])
def test_an_endless_stream_is_cut_and_takes_no_memory(
    address: Address, request_line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lingering_close, "LINGER_S", 0.5)
    form = b"Content-Type: multipart/form-data; boundary=b\r\n"
    begin = f"{request_line} HTTP/1.1\r\n".encode() + HOST + form + b"Transfer-Encoding: chunked\r\n\r\n"
    first = b'--b\r\nContent-Disposition: form-data; name="video"; filename="v"\r\n\r\n'
    chunk = b"%x\r\n" % MIB + bytes(MIB) + b"\r\n"
    process = psutil.Process()
    with socket.create_connection(address, timeout=10) as line:
        line.sendall(begin + b"%x\r\n" % len(first) + first + b"\r\n")
        before = process.memory_info().rss
        sent_mib, most = 0, before
        try:
            while True:
                line.sendall(chunk)
                sent_mib += 1
                most = max(most, process.memory_info().rss)
        except ConnectionError:
            pass
    assert sent_mib >= 2
    assert most - before < 30 * MIB
    assert requests.get(url(address, "/")).status_code == 200


def test_half_a_gigabyte_at_once_takes_no_memory() -> None:
    generous = with_middleware(application(), replace(LIMITS, upload_bytes=600 * MIB), ["*"])

    process = psutil.Process()
    block = bytes(MIB)
    with served(generous) as address:
        requests.patch(url(address, f"/api/uploads/{JOB}"), data=block)
        before = process.memory_info().rss
        marks = []

        def stream() -> Iterator[bytes]:
            for _ in range(500):
                marks.append(process.memory_info().rss)
                yield block

        assert requests.patch(url(address, f"/api/uploads/{JOB}"), data=stream()).json() == 500 * MIB
    assert max(marks) - before < 30 * MIB


@pytest.mark.parametrize("drip", [b"", b"x"])
def test_who_stands_still_or_crawls_is_sent_away(
    address: Address, drip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_limit, "IDLE_S", 0.6)
    monkeypatch.setattr(lingering_close, "LINGER_S", 0.1)
    with socket.create_connection(address, timeout=10) as line:
        line.sendall(b"PATCH /api/uploads/x HTTP/1.1\r\n" + HOST + b"Content-Length: 10000\r\n\r\n")
        begun_s = time.monotonic()
        line.settimeout(0.2)
        answer = b""
        while not answer:
            line.sendall(drip)
            try:
                answer = line.recv(65536)
            except TimeoutError:
                assert time.monotonic() - begun_s < 8
        assert status_of(answer) == 408
        assert time.monotonic() - begun_s >= 0.6


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-"])
def test_who_never_finishes_its_headers_is_hung_up_on(begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEADERS_S", 0.3)
    with served(application()) as address:
        assert said(address, begun) == b""


def test_a_line_that_is_kept_alive_is_not_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEADERS_S", 0.2)
    with served(application()) as address:
        line = HTTPConnection(*address, timeout=5)
        line.connect()
        line.auto_open = 0
        for _ in range(3):
            line.request("GET", "/")
            assert line.getresponse().read() == b'"a page"'
            time.sleep(0.3)
        line.close()


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST /api/jobs HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
        b"POST /api/jobs HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"PATCH /api/uploads/x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_garbage_is_refused_and_the_server_lives(address: Address, garbage: bytes) -> None:
    with socket.create_connection(address, timeout=5) as line:
        try:
            line.sendall(garbage)
            answer = read_all(line)
        except ConnectionError:
            answer = b""
    assert answer == b"" or status_of(answer) in (400, 413, 431)
    assert requests.get(url(address, "/")).status_code == 200


def test_what_follows_a_lying_length_is_not_taken_for_the_body(address: Address) -> None:
    request = b"POST /api/jobs/x/takes HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nabcGARBAGE\r\n\r\n"
    answers = said(address, request)
    assert answers.startswith(b"HTTP/1.1 200") and b"HTTP/1.1 400" in answers


# What is said when something fails, and what is written down


def test_a_failure_is_one_sentence_and_the_log_tells_no_id(caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.INFO, logger="bopbot"),
        served(with_middleware(application(), LIMITS, ["*"])) as address,
    ):
        answer = requests.get(url(address, f"/broken/{JOB}?secret=1"))
    assert answer.status_code == 500
    assert detail(answer) == "something went wrong in the service; the reason is in its log"
    log = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("bopbot"))
    assert "FileNotFoundError: /folder/jobs/*/upload" in log
    assert "GET /broken/* 500 " in log
    assert JOB not in log and "secret" not in log


def test_a_person_reads_text_and_a_program_json(address: Address) -> None:
    for accept, kind in (("*/*", "application/json"), ("text/html,*/*;q=0.8", "text/plain; charset=utf-8")):
        answer = requests.get(url(address, "/busy"), headers={"Accept": accept})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
        assert answer.headers["Content-Type"] == kind
        assert "too many wait" in answer.text


def test_the_log_has_one_line_a_request(caplog: pytest.LogCaptureFixture) -> None:
    half_quoted = f"{JOB[:5]}%{ord(JOB[5]):02x}{JOB[6:]}"
    with (
        caplog.at_level(logging.INFO, logger="bopbot"),
        served(with_middleware(application(), LIMITS, ["*"])) as address,
    ):
        requests.get(url(address, f"/d/{JOB}?a=b"))
        said(address, b"GET /a%0d%0aforged%00 HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
        said(address, f"GET /d/{half_quoted}/{'long/' * 200} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
    lines = [record.getMessage() for record in caplog.records if record.name == "bopbot.access"]
    assert [line.rsplit(" ", 2)[0][:26] for line in lines] == [
        "GET /d/* 200",
        "GET /a%0D%0Aforged%00 404",
        "GET /d/*/long/long/long/lo",
    ]
    assert all(len(line) < 250 and line.endswith(" ms") for line in lines)


def test_a_stream_passes_as_it_comes(address: Address) -> None:
    assert requests.get(url(address, "/slow"), stream=True).text == "word word word "
