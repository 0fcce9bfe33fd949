"""Server-sent events, read as a browser reads them."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from service.support.app_server import WORDS, AppServer

from bopbot.service.client.event_stream import EventStream, Message
from bopbot.service.events import Notice, Progress, Words
from bopbot.service.http import event_broker as event_broker

MADE = [
    ("state", {"state": "queued", "error": None, "place": None}),
    ("state", {"state": "running", "error": None, "place": None}),
    ("progress", {"stage": "reading", "done": 1, "total": 2}),
    ("progress", {"stage": "reading", "done": 2, "total": 2}),
    ("words", {"start": 0, "words": list(WORDS[:2])}),
    ("words", {"start": 2, "words": list(WORDS[2:])}),
    ("state", {"state": "done", "error": None, "place": None}),
]
"""What is told of a take that `Stage.dance` made, event 1 first."""


@contextmanager
def watched(app_server: AppServer, job_id: str, number: int = 1, **request: Any) -> Iterator[Iterator[tuple[str, Any]]]:
    """The events of a take as they come in."""
    url = f"{app_server.url}/api/jobs/{job_id}/takes/{number}/events"
    with requests.get(url, stream=True, timeout=30, **request) as response:
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert response.headers["Cache-Control"] == "no-store"
        yield (read(message) for message in EventStream().read(response.iter_content(None)))


def read(message: Message) -> tuple[str, Any]:
    return message.kind, json.loads(message.data)


def told(app_server: AppServer, job_id: str, **request: Any) -> list[tuple[str, Any]]:
    """All events until the stream ends."""
    with watched(app_server, job_id, **request) as events:
        return list(events)


def open_streams(app_server: AppServer) -> float:
    lines = app_server.ask("GET", "/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("bopbot_event_streams "))


def until_closed(app_server: AppServer) -> None:
    due_s = time.monotonic() + 10
    while open_streams(app_server):
        assert time.monotonic() < due_s
        time.sleep(0.05)


def test_a_take_is_told_as_it_happens(app_server: AppServer) -> None:
    job_id = app_server.sent()
    with watched(app_server, job_id) as events:
        assert next(events) == ("state", {"state": "queued", "error": None, "place": 1})
        assert app_server.jobs.begin(job_id, 1) is not None
        assert next(events) == MADE[1]
        app_server.record(job_id, 1, Notice("nobody is there at first"))
        assert next(events) == ("notice", {"text": "nobody is there at first"})
        app_server.record(job_id, 1, Progress("writing", 0, 10), Words(0, ("step",)))
        assert list(islice(events, 2)) == [
            ("progress", {"stage": "writing", "done": 0, "total": 10}),
            ("words", {"start": 0, "words": ["step"]}),
        ]
        assert app_server.jobs.finish(job_id, 1, "failed", "nobody dances")
        assert list(events) == [("state", {"state": "failed", "error": "nobody dances", "place": None})]


def test_what_is_over_is_told_again_from_any_event_on(app_server: AppServer) -> None:
    job_id = app_server.danced()
    assert told(app_server, job_id) == MADE
    assert told(app_server, job_id, params={"after": 4}) == MADE[4:]
    assert told(app_server, job_id, headers={"Last-Event-ID": "6"}) == MADE[6:]
    assert told(app_server, job_id, headers={"Last-Event-ID": "6"}, params={"after": 1}) == MADE[6:]
    here = f"/api/jobs/{job_id}/takes/1/events"
    for nothing_left in ({"headers": {"Last-Event-ID": "7"}}, {"params": {"after": 99}}):
        response = app_server.ask("GET", here, **nothing_left)
        assert (response.status_code, response.content) == (204, b"")
    assert app_server.ask("GET", here, headers={"Last-Event-ID": "x"}).status_code == 422


def test_a_stream_that_broke_goes_on_where_it_was(app_server: AppServer) -> None:
    job_id = app_server.sent()
    url = f"{app_server.url}/api/jobs/{job_id}/takes/1/events"
    stream = EventStream()
    with requests.get(url, stream=True, timeout=30) as response:
        next(stream.read(response.iter_content(None)))
    app_server.dance(job_id)
    assert stream.last_id == "1"
    with requests.get(url, stream=True, timeout=30, headers={"Last-Event-ID": stream.last_id}) as response:
        assert [read(message) for message in stream.read(response.iter_content(None))] == MADE[1:]
    assert stream.last_id == "7"


def test_the_place_in_the_queue_is_told_when_it_changes(app_server: AppServer) -> None:
    first, second = app_server.sent(), app_server.sent()
    with watched(app_server, second) as events:
        assert next(events) == ("state", {"state": "queued", "error": None, "place": 2})
        app_server.ask("POST", f"/api/jobs/{first}/takes/1/cancel")
        assert next(events) == ("place", {"place": 1})
        app_server.ask("POST", f"/api/jobs/{second}/takes/1/cancel")
        assert list(events) == [("state", {"state": "cancelled", "error": None, "place": None})]


def test_who_watches_a_job_that_is_deleted_is_told(app_server: AppServer) -> None:
    job_id = app_server.sent()
    with watched(app_server, job_id) as events:
        next(events)
        app_server.ask("DELETE", f"/api/jobs/{job_id}")
        assert list(events) == [("state", {"state": "deleted", "error": None, "place": None})]
    assert app_server.ask("GET", f"/api/jobs/{job_id}/takes/1/events").status_code == 404


def test_nothing_is_kept_of_clients_that_leave(app_server: AppServer) -> None:
    job_id = app_server.sent()
    until_closed(app_server)
    with watched(app_server, job_id) as one, watched(app_server, job_id) as other:
        next(one), next(other)
        assert open_streams(app_server) == 2
    until_closed(app_server)
    app_server.ask("DELETE", f"/api/jobs/{job_id}")


def test_an_address_has_so_many_streams_at_once(app_server: AppServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_broker, "STREAMS", 2)
    until_closed(app_server)
    job_id = app_server.sent()
    with watched(app_server, job_id) as one, watched(app_server, job_id) as other:
        next(one), next(other)
        refused = app_server.ask("GET", f"/api/jobs/{job_id}/takes/1/events")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")
    until_closed(app_server)
    with watched(app_server, job_id) as events:
        next(events)
    app_server.ask("DELETE", f"/api/jobs/{job_id}")


def test_who_watches_hears_on_when_the_database_was_away_for_a_while(
    app_server: AppServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, asked = app_server.jobs.last_events, list[int]()

    def answer(takes: list[event_broker.Key]) -> dict[event_broker.Key, int]:
        asked.append(len(takes))
        if len(asked) <= 2:
            raise OSError("out of files")
        return ask(takes)

    monkeypatch.setattr(event_broker, "TAKES_PER_QUERY", 1)
    monkeypatch.setattr(app_server.jobs, "last_events", answer)
    jobs = [app_server.danced(), app_server.danced()]
    with watched(app_server, jobs[0]) as one, watched(app_server, jobs[1]) as other:
        assert [list(one), list(other)] == [MADE, MADE]
    assert len(asked) > 2
    assert set(asked) == {1}


def test_streams_end_when_the_server_is_to_stop(app_server: AppServer) -> None:
    job_id = app_server.sent()

    async def received() -> list[bytes]:
        closing = event_broker.EventBroker(app_server.jobs)
        received = []
        async for event in closing.stream(job_id, 1, 0, "here"):
            received.append(event)
            closing.close()
        return received

    (event,) = asyncio.run(received())
    assert event.startswith(b"event: state\ndata: ")
    app_server.ask("DELETE", f"/api/jobs/{job_id}")


def test_a_quiet_stream_says_that_it_lives(app_server: AppServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_broker, "PING_S", 0.2)
    job_id = app_server.sent()
    url = f"{app_server.url}/api/jobs/{job_id}/takes/1/events"
    with requests.get(url, stream=True, timeout=30) as response:
        received = b""
        for piece in response.iter_content(None):
            received += piece
            if received.count(b": ping\n\n") == 2:
                break
    app_server.ask("DELETE", f"/api/jobs/{job_id}")


def test_many_watchers_cost_one_question(app_server: AppServer) -> None:
    """Sixty clients watch two takes: all see all of it, and the database hears no more than of two clients."""
    jobs = [app_server.sent(), app_server.sent()]
    asked = []
    sa.event.listen(app_server.jobs.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    with ThreadPoolExecutor(60) as pool:
        watching = [pool.submit(told, app_server, job_id) for job_id in 30 * jobs]
        due_s = time.monotonic() + 10
        while open_streams(app_server) < 60:
            assert time.monotonic() < due_s
            time.sleep(0.05)
        asked.clear()
        threading.Event().wait(10 * event_broker.TICK_S)
        ticks = sum("last_event" in statement and "IN (" in statement for statement in asked)
        assert 2 <= ticks <= 11
        assert len(asked) <= ticks + 2 * 2 * 3  # the places of two takes, each in two questions, once a second
        for job_id in jobs:
            app_server.dance(job_id)
        seen = [future.result() for future in watching]
    for events in seen:
        states = [data["state"] for kind, data in events if kind == "state"]
        assert states == ["queued", "running", "done"]
        assert [event for event in events if event[0] not in ("state", "place")] == MADE[2:6]
    until_closed(app_server)
