"""What a worker tells, written to the database a few times a second instead of at every step."""

from __future__ import annotations

import time
from collections.abc import Callable

from bopbot.service.events import Event, Progress
from bopbot.service.store.jobs import Jobs
from bopbot.service.worker.database_retry import retry_on_database_error

EVERY_S = 0.15
"""Shortest time between two writings."""


class EventBuffer:
    """Gathers the events of one take; of the progress of a stage only the latest counts."""

    def __init__(self, jobs: Jobs, job_id: str, number: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._jobs, self._job_id, self._number = jobs, job_id, number
        self._clock = clock
        self._gathered: list[Event] = []
        self._written_s = -EVERY_S

    def emit(self, event: Event) -> None:
        """Take in an event, and write down what was gathered if it is time."""
        last = self._gathered[-1] if self._gathered else None
        if isinstance(event, Progress) and isinstance(last, Progress) and last.stage == event.stage:
            self._gathered.pop()
        self._gathered.append(event)
        if self._clock() - self._written_s >= EVERY_S:
            self.write()

    def write(self) -> None:
        """Write down what was gathered."""
        if self._gathered:
            retry_on_database_error(lambda: self._jobs.record(self._job_id, self._number, self._gathered))
            self._gathered.clear()
        self._written_s = self._clock()

    def wanted(self) -> bool:
        """Write down what was gathered, and ask whether anybody still waits for the take."""
        self.write()
        return retry_on_database_error(lambda: self._jobs.wanted(self._job_id, self._number))
