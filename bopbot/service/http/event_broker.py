"""Streams of server-sent events about takes, which clients can resume after the last event that they received.

Source of the format: the HTML standard, section 9.2, "Server-sent events".
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from bopbot.service.errors import NoSuchJobError, TooManyError
from bopbot.service.store.job import UNFINISHED, RecordedEvent
from bopbot.service.store.jobs import Jobs

TICK_S = 0.15
"""Interval at which the database is polled for new events, once for all streams."""
PLACE_S = 1.0
"""Interval at which positions in the queue are updated."""
PING_S = 15.0
"""Longest silence of a stream, so that no proxy closes it."""
STREAMS = 100
"""Most streams that one address may have open."""
TAKES_PER_QUERY = 500
"""Most takes in one query of the database."""

EVENT = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"enum": ["state", "progress", "row", "words", "notice", "place"]},
        "id": {
            "type": "string",
            "description": "The number of the event; events of kind place have none, as they are not repeated.",
        },
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "description": "Of state: `state` (also `deleted`), `error`, `place`. Of place: `place`. "
            "Of progress: `stage`, `done`, `total`. Of notice: `text`. "
            "Of row: `places`, the names of the places of a row of words. "
            "Of words: `words`, row by row, and `start`, the number of words before them; at 0 the dance restarts.",
        },
    },
}
"""Schema of an event, for the documentation."""

Key = tuple[str, int]
"""A job's id and the number of a take."""

log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Channel:
    """The state of a take that has open streams."""

    streams: int = 0
    events: list[RecordedEvent] = field(default_factory=list)
    place: int | None = None
    gone: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def state(self) -> str | None:
        return next((event.data["state"] for event in reversed(self.events) if event.kind == "state"), None)

    @property
    def is_over(self) -> bool:
        return self.gone or self.state not in (None, *UNFINISHED)

    def wake(self) -> None:
        """Wake all streams of the take."""
        self.news.set()
        self.news = asyncio.Event()


class EventsResponse(StreamingResponse):
    """A response that streams events."""

    media_type = "text/event-stream"


class EventBroker:
    """The source of all event streams, which polls the database once for all of them."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._channels: dict[Key, _Channel] = {}
        self._addresses: list[str] = []
        self._polling: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def n_streams(self) -> int:
        """The number of open streams."""
        return len(self._addresses)

    def check(self, address: str) -> None:
        """Raise TooManyError if an address has `STREAMS` streams open."""
        if self._addresses.count(address) >= STREAMS:
            raise TooManyError(f"your address has {STREAMS} event streams open; close some", retry_after_s=10)

    def close(self) -> None:
        """End all streams before the server stops; clients reconnect to the next server."""
        self._closed = True
        for channel in self._channels.values():
            channel.wake()

    async def stream(self, job_id: str, number: int, after: int, address: str) -> AsyncIterator[bytes]:
        """Yield the encoded events of a take after number `after`, until it is over or deleted.

        Parameters
        ----------
        address : of the client, see `check`.
        """
        place = None
        with self._channel((job_id, number), address) as channel:
            while True:
                news = channel.news
                for event in channel.events[after:]:
                    after = event.seq
                    if event.kind == "state" and event.data["state"] == "queued":
                        place = channel.place
                    yield _encode(event, place)
                if channel.gone:
                    yield _event("state", {"state": "deleted", "error": None, "place": None})
                if channel.is_over or self._closed:
                    return
                if channel.place not in (None, place):
                    place = channel.place
                    yield _event("place", {"place": place})
                try:
                    async with asyncio.timeout(PING_S):
                        await news.wait()
                except TimeoutError:
                    yield KEEPALIVE_COMMENT

    @contextmanager
    def _channel(self, key: Key, address: str) -> Iterator[_Channel]:
        channel = self._channels.setdefault(key, _Channel())
        channel.streams += 1
        self._addresses.append(address)
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        try:
            yield channel
        finally:
            channel.streams -= 1
            self._addresses.remove(address)
            if not channel.streams:
                del self._channels[key]

    async def _poll(self) -> None:
        """Poll the database as long as a stream is open."""
        clock = asyncio.get_running_loop().time
        placed_s = clock()
        while self._channels:
            try:
                await self._read_events()
                if clock() - placed_s >= PLACE_S:
                    await self._update_places()
                    placed_s = clock()
            except Exception as error:  # all streams depend on this one task
                log.warning("event streams could not be updated: %s; this is tried again", type(error).__name__)
            await asyncio.sleep(TICK_S)

    async def _read_events(self) -> None:
        channels = dict(self._channels)
        keys, last = list(channels), dict[Key, int]()
        for begin in range(0, len(keys), TAKES_PER_QUERY):
            last |= await run_in_threadpool(self._jobs.last_events, keys[begin : begin + TAKES_PER_QUERY])
        for key, channel in channels.items():
            known = len(channel.events)
            if key not in last:
                channel.gone = True
            elif last[key] > known:
                channel.events += await run_in_threadpool(self._jobs.events, *key, known)
                await self._update_place(key, channel)
            else:
                continue
            channel.wake()

    async def _update_places(self) -> None:
        """Update the positions of queued takes, of which there are never more than the queue may hold."""
        for key, channel in dict(self._channels).items():
            if await self._update_place(key, channel):
                channel.wake()

    async def _update_place(self, key: Key, channel: _Channel) -> bool:
        """Update the position of a queued take; return whether it changed."""
        before = channel.place
        if channel.state == "queued":
            with suppress(NoSuchJobError):
                channel.place = (await run_in_threadpool(self._jobs.take, *key)).place
        return channel.place != before


def _encode(event: RecordedEvent, place: int | None) -> bytes:
    if event.kind != "state":
        return _event(event.kind, event.data, event.seq)
    return _event("state", {**event.data, "place": place if event.data["state"] == "queued" else None}, event.seq)


def _event(kind: str, data: dict[str, Any], seq: int | None = None) -> bytes:
    return format_sse_event(data_str=json.dumps(data), event=kind, id=None if seq is None else str(seq))
