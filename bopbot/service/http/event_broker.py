"""What happens to takes, told to all who watch as it happens: server-sent events that can be taken up again.

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
"""How often the database is asked what is new: once for all who watch."""
PLACE_S = 1.0
"""How often it is asked how far those who wait have come."""
PING_S = 15.0
"""A stream says something at least so often, so that nothing between takes it for dead."""
STREAMS = 100
"""How many of them one address may have open."""
ASKED = 500
"""Takes that the database is asked about in one question."""

EVENT = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"enum": ["state", "progress", "row", "words", "notice", "place"]},
        "id": {"type": "string", "description": "Its number; events of a place have none, as they are not repeated."},
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
"""One event, for the documentation."""

Key = tuple[str, int]
"""A job's id and the number of a take."""

log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Channel:
    """What is known of a take that somebody watches."""

    watchers: int = 0
    told: list[RecordedEvent] = field(default_factory=list)
    place: int | None = None
    gone: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def state(self) -> str | None:
        return next((told.data["state"] for told in reversed(self.told) if told.kind == "state"), None)

    @property
    def is_over(self) -> bool:
        return self.gone or self.state not in (None, *UNFINISHED)

    def wake(self) -> None:
        """Let all who watch look again."""
        self.news.set()
        self.news = asyncio.Event()


class EventsResponse(StreamingResponse):
    """Events as they come."""

    media_type = "text/event-stream"


class EventBroker:
    """Asks the database for everybody who watches."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._channels: dict[Key, _Channel] = {}
        self._addresses: list[str] = []
        self._polling: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def n_watchers(self) -> int:
        """How many streams are open."""
        return len(self._addresses)

    def check(self, address: str) -> None:
        """Raises TooManyError where an address has as many streams open as it may."""
        if self._addresses.count(address) >= STREAMS:
            raise TooManyError(f"{STREAMS} streams of events are open from your address; close some", retry_after_s=10)

    def close(self) -> None:
        """End all streams, as the server is to stop; who watches goes on with the next server."""
        self._closed = True
        for channel in self._channels.values():
            channel.wake()

    async def stream(self, job_id: str, number: int, after: int, address: str) -> AsyncIterator[bytes]:
        """The events of a take after number `after`, on the wire, until it is over or deleted.

        Parameters
        ----------
        address : of who watches, see `check`.
        """
        place = None
        with self._watching((job_id, number), address) as channel:
            while True:
                news = channel.news
                for told in channel.told[after:]:
                    after = told.seq
                    if told.kind == "state" and told.data["state"] == "queued":
                        place = channel.place
                    yield _told(told, place)
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
    def _watching(self, key: Key, address: str) -> Iterator[_Channel]:
        channel = self._channels.setdefault(key, _Channel())
        channel.watchers += 1
        self._addresses.append(address)
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        try:
            yield channel
        finally:
            channel.watchers -= 1
            self._addresses.remove(address)
            if not channel.watchers:
                del self._channels[key]

    async def _poll(self) -> None:
        """Look for news as long as somebody watches."""
        clock = asyncio.get_running_loop().time
        placed_s = clock()
        while self._channels:
            try:
                await self._hear()
                if clock() - placed_s >= PLACE_S:
                    await self._find_places()
                    placed_s = clock()
            except Exception as error:  # the one task that all who watch depend on
                log.warning("who watches is told nothing new: %s; it is tried again", type(error).__name__)
            await asyncio.sleep(TICK_S)

    async def _hear(self) -> None:
        watched = dict(self._channels)
        keys, last = list(watched), dict[Key, int]()
        for begin in range(0, len(keys), ASKED):
            last |= await run_in_threadpool(self._jobs.last_events, keys[begin : begin + ASKED])
        for key, channel in watched.items():
            known = len(channel.told)
            if key not in last:
                channel.gone = True
            elif last[key] > known:
                channel.told += await run_in_threadpool(self._jobs.events, *key, known)
                await self._find_place(key, channel)
            else:
                continue
            channel.wake()

    async def _find_places(self) -> None:
        """No more takes wait than the queue is long, so these are few questions, however many watch."""
        for key, channel in dict(self._channels).items():
            if await self._find_place(key, channel):
                channel.wake()

    async def _find_place(self, key: Key, channel: _Channel) -> bool:
        """Whether the place of a take that waits is another one now."""
        before = channel.place
        if channel.state == "queued":
            with suppress(NoSuchJobError):
                channel.place = (await run_in_threadpool(self._jobs.take, *key)).place
        return channel.place != before


def _told(told: RecordedEvent, place: int | None) -> bytes:
    if told.kind != "state":
        return _event(told.kind, told.data, told.seq)
    return _event("state", {**told.data, "place": place if told.data["state"] == "queued" else None}, told.seq)


def _event(kind: str, data: dict[str, Any], seq: int | None = None) -> bytes:
    return format_sse_event(data_str=json.dumps(data), event=kind, id=None if seq is None else str(seq))
