"""Events of a take, written to the database a few times a second instead of at every step."""

from __future__ import annotations

import time
from collections.abc import Callable

from bopbot.service.events import Event, Progress
from bopbot.service.store.jobs import Jobs
from bopbot.service.worker.database_retry import retry_on_database_error

EVERY_S = 0.15
"""Shortest time between two writes."""


class EventBuffer:
    """A buffer for the events of one take; of the progress of a stage only the latest is kept."""

    def __init__(self, jobs: Jobs, job_id: str, number: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._jobs, self._job_id, self._number = jobs, job_id, number
        self._clock = clock
        self._events: list[Event] = []
        self._written_s = -EVERY_S

    def emit(self, event: Event) -> None:
        """Add an event, and write the buffer if `EVERY_S` has passed."""
        last = self._events[-1] if self._events else None
        if isinstance(event, Progress) and isinstance(last, Progress) and last.stage == event.stage:
            self._events.pop()
        self._events.append(event)
        if self._clock() - self._written_s >= EVERY_S:
            self.write()

    def write(self) -> None:
        """Write the buffered events to the database."""
        if self._events:
            retry_on_database_error(lambda: self._jobs.record(self._job_id, self._number, self._events))
            self._events.clear()
        self._written_s = self._clock()

    def is_wanted(self) -> bool:
        """Write the buffered events, and return whether the take is still wanted."""
        self.write()
        return retry_on_database_error(lambda: self._jobs.wanted(self._job_id, self._number))
