"""The client against a small server that speaks the documented API, over lines that break."""

import hashlib
import os
import random
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import Response
from fastapi.responses import JSONResponse, StreamingResponse
from service.support.http_server import Address, served
from service.support.relay import relayed
from service.support.stub_server import EVENTS, FILE, StubServer

from bopbot.service.client.client import PIECE_BYTES, Client
from bopbot.service.client.transport import ResponseError
from pose_vocab.errors import BopBotError, OutputError, VideoError


@pytest.fixture
def send_wrapped() -> StubServer:
    return StubServer()


@pytest.fixture
def address(send_wrapped: StubServer) -> Iterator[Address]:
    with served(send_wrapped.app) as address:
        yield address


@pytest.fixture
def client(address: Address) -> Client:
    return Client(f"http://{address[0]}:{address[1]}")


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "secret name.mp4"
    path.write_bytes(random.Random(1).randbytes(2 * PIECE_BYTES + 12_345))
    return path


def test_a_video_is_sent_in_pieces(client: Client, send_wrapped: StubServer, video: Path) -> None:
    told = list[tuple[int, int]]()
    job = client.send(video, {"dancer": 2}, {"seconds": 2.5, "mirror": True}, told=lambda *sent: told.append(sent))
    size = video.stat().st_size
    assert job["id"] == "j1"
    assert bytes(send_wrapped.upload) == video.read_bytes()
    assert told == [(0, size), (PIECE_BYTES, size), (2 * PIECE_BYTES, size), (size, size)]
    [(_, form)] = send_wrapped.forms
    assert form == {"upload": "u1", "dancer": "2", "seconds": "2.5", "mirror": "true"}
    assert send_wrapped.uploads_deleted == 0


def test_it_goes_on_where_the_line_broke(address: Address, send_wrapped: StubServer, video: Path) -> None:
    with relayed(address, up=(PIECE_BYTES + 1_000_000, 500_000)) as relay:
        Client(relay.url).send(video)
        assert relay.lines == 3
    assert hashlib.sha256(send_wrapped.upload).digest() == hashlib.sha256(video.read_bytes()).digest()


def test_a_job_whose_answer_was_lost_is_asked_for_again_by_the_same_key(
    client: Client, send_wrapped: StubServer, video: Path
) -> None:
    send_wrapped.trouble[("POST", "/api/jobs")] = [Response("<h1>Bad gateway</h1>", 502)]
    client.send(video)
    assert send_wrapped.asked.count(("POST", "/api/jobs")) == 2
    other = client.send(video)
    first, second = (key for key, _ in send_wrapped.forms)
    assert other["id"] == "j1"
    assert first != second


def test_what_was_sent_in_vain_is_deleted(client: Client, send_wrapped: StubServer, video: Path) -> None:
    send_wrapped.trouble[("POST", "/api/jobs")] = [JSONResponse({"detail": "seconds: at most 120, got 900"}, 422)]
    with pytest.raises(ResponseError, match=r"^seconds: at most 120, got 900$"):
        client.send(video, options={"seconds": 900})
    assert send_wrapped.uploads_deleted == 1


def test_ctrl_c_deletes_what_was_sent(client: Client, send_wrapped: StubServer, video: Path) -> None:
    def press(sent: int, size: int) -> None:
        if sent:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.send(video, told=press)
    assert send_wrapped.uploads_deleted == 1
    assert send_wrapped.forms == []


def test_ctrl_c_while_the_job_is_made_leaves_none(client: Client, send_wrapped: StubServer, video: Path) -> None:
    def press() -> Iterator[str]:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.5)
        yield "{}"

    send_wrapped.trouble[("POST", "/api/jobs")] = [StreamingResponse(press())]
    with pytest.raises(KeyboardInterrupt):
        client.send(video)
    assert send_wrapped.asked.count(("POST", "/api/jobs")) == 2
    assert send_wrapped.deleted


def test_deleting_is_tried_again_until_nothing_is_there(client: Client, send_wrapped: StubServer) -> None:
    delete = ("DELETE", "/api/jobs/j1")
    send_wrapped.trouble[delete] = [Response("", 502), JSONResponse({"detail": "there is no such job"}, 404)]
    client.delete("j1")
    assert send_wrapped.asked.count(delete) == 2
    send_wrapped.trouble[delete] = [JSONResponse({"detail": "a page of another site"}, 403)]
    with pytest.raises(ResponseError, match="another site"):
        client.delete("j1")


def test_a_short_pause_that_the_server_asks_for_is_kept(client: Client, send_wrapped: StubServer) -> None:
    busy = JSONResponse({"detail": "too many"}, 429, {"Retry-After": "1"})
    send_wrapped.trouble[("GET", "/api/jobs/j1/takes/1")] = [busy]
    assert client.take("j1")["state"] == "done"
    assert send_wrapped.asked.count(("GET", "/api/jobs/j1/takes/1")) == 2


def test_a_long_pause_is_told(client: Client, send_wrapped: StubServer) -> None:
    full = JSONResponse({"detail": "20 dances are waiting; try again in a few minutes"}, 503, {"Retry-After": "300"})
    nginx = Response("<h1>limited</h1>", 429, {"Retry-After": "3600"})
    send_wrapped.trouble[("GET", "/api/jobs/j1/takes/1")] = [full, nginx]
    with pytest.raises(ResponseError, match="20 dances are waiting; try again in a few minutes"):
        client.take("j1")
    with pytest.raises(ResponseError, match=r"responded with 429 Too Many Requests; try again in 3600 s"):
        client.take("j1")


def test_all_events_and_where_a_line_broke_those_after_it(address: Address, send_wrapped: StubServer) -> None:
    with relayed(address, down=(900, 700)) as relay:
        read_all = list(Client(relay.url).events("j1", 1))
    assert read_all == EVENTS
    assert send_wrapped.resumed_after[0] is None
    assert len(send_wrapped.resumed_after) == 3
    assert [int(after or 0) for after in send_wrapped.resumed_after] == sorted(
        {int(after or 0) for after in send_wrapped.resumed_after}
    )


def test_a_stream_that_ends_before_the_take_does_is_taken_up_again(client: Client, send_wrapped: StubServer) -> None:
    send_wrapped.events = EVENTS[:3]
    assert list(client.events("j1", 1)) == EVENTS[:3]
    assert send_wrapped.resumed_after == [None, "3"]


def test_waiting_tells_how_far_it_is(client: Client) -> None:
    told = list[tuple[str, int, int]]()
    take = client.wait("j1", 1, lambda *far: told.append(far))
    assert take["state"] == "done"
    assert told == [("waiting", 0, 1), ("waiting", 1, 1), ("reading", 1, 2), ("drawing", 450, 450), ("waiting", 1, 1)]


def test_a_take_that_failed_says_why(client: Client, send_wrapped: StubServer) -> None:
    send_wrapped.take = {"number": 1, "state": "failed", "error": "nobody is seen dancing in the video"}
    with pytest.raises(BopBotError, match="nobody is seen dancing"):
        client.wait("j1")
    send_wrapped.take = {"number": 1, "state": "cancelled", "error": None}
    with pytest.raises(BopBotError, match="the take was cancelled"):
        client.wait("j1")


def test_another_take_is_never_made_twice(client: Client, send_wrapped: StubServer) -> None:
    assert client.another_take("j1", {"seed": 7})["number"] == 2
    assert send_wrapped.options == [{"seed": 7}]
    send_wrapped.trouble[("POST", "/api/jobs/j1/takes")] = [Response("", 502)]
    with pytest.raises(ResponseError, match="502"):
        client.another_take("j1")
    assert len(send_wrapped.options) == 1


def test_a_file_comes_whole_or_not_at_all(address: Address, client: Client, tmp_path: Path) -> None:
    client.fetch("j1", 1, "dance.mp4", tmp_path / "new.mp4")
    assert (tmp_path / "new.mp4").read_bytes() == FILE
    with relayed(address, down=(100_000,)) as relay:
        Client(relay.url).fetch("j1", 1, "dance.mp4", tmp_path / "again.mp4")
    assert (tmp_path / "again.mp4").read_bytes() == FILE
    (tmp_path / "again.mp4").unlink()
    with pytest.raises(ResponseError):
        client.fetch("j1", 1, "no.mp4", tmp_path / "no.mp4")
    with pytest.raises(OutputError, match="nowhere does not exist"):
        client.fetch("j1", 1, "dance.mp4", tmp_path / "nowhere" / "new.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["new.mp4"]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(client: Client, send_wrapped: StubServer, status: int) -> None:
    away = Response(status_code=status, headers={"Location": "http://elsewhere.example/api/options"})
    send_wrapped.trouble[("GET", "/api/options")] = [away]
    with pytest.raises(ResponseError, match=r"redirects to http://elsewhere\.example/api/options; if you trust it"):
        client.options()


@pytest.mark.parametrize("url", ["", "dance.example.org", "ftp://a.example", "http://", "http://a:0", "http://a:99999"])
def test_no_address(url: str) -> None:
    with pytest.raises(ResponseError, match="is not the address of a server; write it like https://"):
        Client(url)


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ResponseError, match=f"127.0.0.1:{port} cannot be reached: Connection refused; check that"):
        Client(f"http://127.0.0.1:{port}").options()


def test_a_server_that_is_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ResponseError, match=r"has not responded for 0\.2 s"):
            Client(url, timeout_s=0.2).options()


def test_a_server_without_tls(address: Address) -> None:
    with pytest.raises(ResponseError, match=r"there is no secure connection to https://127\.0\.0\.1"):
        Client(f"https://{address[0]}:{address[1]}").options()


@pytest.mark.parametrize(
    "answer", [Response("<h1>Welcome</h1>"), Response("", 404), JSONResponse({}), JSONResponse([1])]
)
def test_a_server_of_something_else(client: Client, send_wrapped: StubServer, answer: Response) -> None:
    send_wrapped.trouble[("GET", "/api/options")] = [answer]
    with pytest.raises(ResponseError, match=r"BopBot server.*; check the address"):
        client.options()


def test_a_video_that_cannot_be_read(client: Client, tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(VideoError, match=r"empty\.mp4 is empty"):
        client.send(tmp_path / "empty.mp4")
    with pytest.raises(VideoError, match=r"cannot read .*none\.mp4: No such file"):
        client.send(tmp_path / "none.mp4")
    with pytest.raises(VideoError, match="Is a directory"):
        client.send(tmp_path)
