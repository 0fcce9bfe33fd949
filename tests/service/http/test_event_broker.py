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
from service.stage import WORDS, Stage

from bopbot.service.client.event_stream import EventStream, Message
from bopbot.service.events import Notice, Progress, Words
from bopbot.service.http import event_broker as feed

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
def watched(stage: Stage, job_id: str, number: int = 1, **request: Any) -> Iterator[Iterator[tuple[str, Any]]]:
    """The events of a take as they come in."""
    url = f"{stage.url}/api/jobs/{job_id}/takes/{number}/events"
    with requests.get(url, stream=True, timeout=30, **request) as response:
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert response.headers["Cache-Control"] == "no-store"
        yield (read(message) for message in EventStream().read(response.iter_content(None)))


def read(message: Message) -> tuple[str, Any]:
    return message.kind, json.loads(message.data)


def told(stage: Stage, job_id: str, **request: Any) -> list[tuple[str, Any]]:
    """All events until the stream ends."""
    with watched(stage, job_id, **request) as events:
        return list(events)


def open_streams(stage: Stage) -> float:
    lines = stage.ask("GET", "/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("bopbot_event_streams "))


def until_closed(stage: Stage) -> None:
    due_s = time.monotonic() + 10
    while open_streams(stage):
        assert time.monotonic() < due_s
        time.sleep(0.05)


def test_a_take_is_told_as_it_happens(stage: Stage) -> None:
    job_id = stage.sent()
    with watched(stage, job_id) as events:
        assert next(events) == ("state", {"state": "queued", "error": None, "place": 1})
        assert stage.jobs.begin(job_id, 1) is not None
        assert next(events) == MADE[1]
        stage.tell(job_id, 1, Notice("nobody is there at first"))
        assert next(events) == ("notice", {"text": "nobody is there at first"})
        stage.tell(job_id, 1, Progress("writing", 0, 10), Words(0, ("step",)))
        assert list(islice(events, 2)) == [
            ("progress", {"stage": "writing", "done": 0, "total": 10}),
            ("words", {"start": 0, "words": ["step"]}),
        ]
        assert stage.jobs.finish(job_id, 1, "failed", "nobody dances")
        assert list(events) == [("state", {"state": "failed", "error": "nobody dances", "place": None})]


def test_what_is_over_is_told_again_from_any_event_on(stage: Stage) -> None:
    job_id = stage.danced()
    assert told(stage, job_id) == MADE
    assert told(stage, job_id, params={"after": 4}) == MADE[4:]
    assert told(stage, job_id, headers={"Last-Event-ID": "6"}) == MADE[6:]
    assert told(stage, job_id, headers={"Last-Event-ID": "6"}, params={"after": 1}) == MADE[6:]
    here = f"/api/jobs/{job_id}/takes/1/events"
    for nothing_left in ({"headers": {"Last-Event-ID": "7"}}, {"params": {"after": 99}}):
        response = stage.ask("GET", here, **nothing_left)
        assert (response.status_code, response.content) == (204, b"")
    assert stage.ask("GET", here, headers={"Last-Event-ID": "x"}).status_code == 422


def test_a_stream_that_broke_goes_on_where_it_was(stage: Stage) -> None:
    job_id = stage.sent()
    url = f"{stage.url}/api/jobs/{job_id}/takes/1/events"
    stream = EventStream()
    with requests.get(url, stream=True, timeout=30) as response:
        next(stream.read(response.iter_content(None)))
    stage.dance(job_id)
    assert stream.last_id == "1"
    with requests.get(url, stream=True, timeout=30, headers={"Last-Event-ID": stream.last_id}) as response:
        assert [read(message) for message in stream.read(response.iter_content(None))] == MADE[1:]
    assert stream.last_id == "7"


def test_the_place_in_the_queue_is_told_when_it_changes(stage: Stage) -> None:
    first, second = stage.sent(), stage.sent()
    with watched(stage, second) as events:
        assert next(events) == ("state", {"state": "queued", "error": None, "place": 2})
        stage.ask("POST", f"/api/jobs/{first}/takes/1/cancel")
        assert next(events) == ("place", {"place": 1})
        stage.ask("POST", f"/api/jobs/{second}/takes/1/cancel")
        assert list(events) == [("state", {"state": "cancelled", "error": None, "place": None})]


def test_who_watches_a_job_that_is_deleted_is_told(stage: Stage) -> None:
    job_id = stage.sent()
    with watched(stage, job_id) as events:
        next(events)
        stage.ask("DELETE", f"/api/jobs/{job_id}")
        assert list(events) == [("state", {"state": "deleted", "error": None, "place": None})]
    assert stage.ask("GET", f"/api/jobs/{job_id}/takes/1/events").status_code == 404


def test_nothing_is_kept_of_clients_that_leave(stage: Stage) -> None:
    job_id = stage.sent()
    until_closed(stage)
    with watched(stage, job_id) as one, watched(stage, job_id) as other:
        next(one), next(other)
        assert open_streams(stage) == 2
    until_closed(stage)
    stage.ask("DELETE", f"/api/jobs/{job_id}")


def test_an_address_has_so_many_streams_at_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "STREAMS", 2)
    until_closed(stage)
    job_id = stage.sent()
    with watched(stage, job_id) as one, watched(stage, job_id) as other:
        next(one), next(other)
        refused = stage.ask("GET", f"/api/jobs/{job_id}/takes/1/events")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")
    until_closed(stage)
    with watched(stage, job_id) as events:
        next(events)
    stage.ask("DELETE", f"/api/jobs/{job_id}")


def test_who_watches_hears_on_when_the_database_was_away_for_a_while(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, asked = stage.jobs.last_events, list[int]()

    def answer(takes: list[feed.Key]) -> dict[feed.Key, int]:
        asked.append(len(takes))
        if len(asked) <= 2:
            raise OSError("out of files")
        return ask(takes)

    monkeypatch.setattr(feed, "ASKED", 1)
    monkeypatch.setattr(stage.jobs, "last_events", answer)
    jobs = [stage.danced(), stage.danced()]
    with watched(stage, jobs[0]) as one, watched(stage, jobs[1]) as other:
        assert [list(one), list(other)] == [MADE, MADE]
    assert len(asked) > 2
    assert set(asked) == {1}


def test_streams_end_when_the_server_is_to_stop(stage: Stage) -> None:
    job_id = stage.sent()

    async def heard() -> list[bytes]:
        closing = feed.EventBroker(stage.jobs)
        heard = []
        async for event in closing.stream(job_id, 1, 0, "here"):
            heard.append(event)
            closing.close()
        return heard

    (event,) = asyncio.run(heard())
    assert event.startswith(b"event: state\ndata: ")
    stage.ask("DELETE", f"/api/jobs/{job_id}")


def test_a_quiet_stream_says_that_it_lives(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "PING_S", 0.2)
    job_id = stage.sent()
    url = f"{stage.url}/api/jobs/{job_id}/takes/1/events"
    with requests.get(url, stream=True, timeout=30) as response:
        heard = b""
        for piece in response.iter_content(None):
            heard += piece
            if heard.count(b": ping\n\n") == 2:
                break
    stage.ask("DELETE", f"/api/jobs/{job_id}")


def test_many_watchers_cost_one_question(stage: Stage) -> None:
    """Sixty clients watch two takes: all see all of it, and the database hears no more than of two clients."""
    jobs = [stage.sent(), stage.sent()]
    asked = []
    sa.event.listen(stage.jobs.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    with ThreadPoolExecutor(60) as pool:
        watching = [pool.submit(told, stage, job_id) for job_id in 30 * jobs]
        due_s = time.monotonic() + 10
        while open_streams(stage) < 60:
            assert time.monotonic() < due_s
            time.sleep(0.05)
        asked.clear()
        threading.Event().wait(10 * feed.TICK_S)
        ticks = sum("last_event" in statement and "IN (" in statement for statement in asked)
        assert 2 <= ticks <= 11
        assert len(asked) <= ticks + 2 * 2 * 3  # the places of two takes, each in two questions, once a second
        for job_id in jobs:
            stage.dance(job_id)
        seen = [future.result() for future in watching]
    for events in seen:
        states = [data["state"] for kind, data in events if kind == "state"]
        assert states == ["queued", "running", "done"]
        assert [event for event in events if event[0] not in ("state", "place")] == MADE[2:6]
    until_closed(stage)
