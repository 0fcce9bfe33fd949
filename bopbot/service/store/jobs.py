"""Jobs, their takes and the events of each, in the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Protocol

import sqlalchemy as sa

from bopbot.service.errors import BusyError, NoSuchJobError, NotReadyError
from bopbot.service.events import Event, Notice, Progress, Row, Words
from bopbot.service.limits import Limits
from bopbot.service.options import DancerOptions, TakeOptions
from bopbot.service.store import database
from bopbot.service.store.job import UNFINISHED, Job, RecordedEvent, State, Take

USUAL_S = 15
"""Seconds that each queued take adds to the Retry-After of a rejected request."""
AT_ONCE = 3
"""Most unfinished takes of one job, so that no client fills the whole queue."""
NO_SUCH_JOB = "there is no such job; jobs are removed when they expire"
KINDS: dict[type[Event], str] = {Progress: "progress", Row: "row", Words: "words", Notice: "notice"}
"""Names of the events in the database and in the stream; a change of state is `state`."""


class Queue(Protocol):
    """A queue of takes that wait for a worker."""

    def put(self, connection: sa.Connection, job_id: str, number: int) -> None:
        """Queue a take as part of the connection's transaction."""

    def put_webhook(self, connection: sa.Connection, job_id: str, number: int) -> None:
        """Queue a call of the job's webhook as part of the connection's transaction."""

    def cancel(self, job_id: str, number: int) -> None:
        """Remove a take from the queue."""


class Jobs:
    """Queries and changes of jobs; each change is one transaction.

    Raises
    ------
    NoSuchJobError : from each method that takes an id, for an unknown job or take.
    """

    def __init__(self, engine: sa.Engine, limits: Limits, queue: Queue, clock: Callable[[], float] = time.time) -> None:
        self.engine = engine
        self._limits = limits
        self._queue = queue
        self._clock = clock

    def create(
        self,
        job_id: str,
        dancer: DancerOptions,
        options: TakeOptions,
        *,
        webhook: str | None = None,
        idempotency: str | None = None,
    ) -> str:
        """Create a job with one queued take; return its id, or that of an earlier job with the same `idempotency`.

        Raises
        ------
        BusyError : the queue is full.
        """
        now = self._clock()
        with self.engine.begin() as connection:
            database.lock_jobs(connection)
            known = _found(connection, idempotency)
            if known is not None:
                return known
            self._check_queue(connection)
            connection.execute(
                database.jobs.insert().values(
                    id=job_id,
                    created=now,
                    expires=now + 3600 * self._limits.keep_h,
                    dancer=dancer.model_dump(),
                    learned=False,
                    webhook=webhook,
                    idempotency=idempotency,
                )
            )
            self._add(connection, job_id, 1, options)
        return job_id

    def find(self, idempotency: str | None) -> str | None:
        """Return the id of the job that was created with that key, None if there is none."""
        with self.engine.connect() as connection:
            return _found(connection, idempotency)

    def add_take(self, job_id: str, options: TakeOptions) -> int:
        """Queue another take; return its number.

        Raises
        ------
        NotReadyError : the moves are not learned yet, or the job has too many takes, in total or unfinished.
        BusyError : the queue is full.
        """
        with self.engine.begin() as connection:
            database.lock_jobs(connection)
            row = connection.execute(sa.select(database.jobs.c.learned).where(database.jobs.c.id == job_id)).first()
            if row is None:
                raise NoSuchJobError("there is no such job")
            if not row.learned:
                raise NotReadyError("the moves of this dancer are not learned yet; wait until the first take is done")
            self._check_queue(connection)
            columns = database.takes.c
            at_once = sa.select(sa.func.count()).where(columns.job_id == job_id, columns.state.in_(UNFINISHED))
            if (connection.scalar(at_once) or 0) >= AT_ONCE:
                raise NotReadyError(f"{AT_ONCE} takes of this video are not done yet; wait until one is done")
            number = _n_takes(connection, job_id) + 1
            if number > self._limits.takes:
                raise NotReadyError(f"a video can have at most {self._limits.takes} takes; upload it again")
            self._add(connection, job_id, number, options)
        return number

    def job(self, job_id: str) -> Job:
        """Return a job with all its takes."""
        with self.engine.connect() as connection:
            row = connection.execute(sa.select(database.jobs).where(database.jobs.c.id == job_id)).first()
            if row is None:
                raise NoSuchJobError(NO_SUCH_JOB)
            found = connection.execute(
                sa.select(database.takes).where(database.takes.c.job_id == job_id).order_by(database.takes.c.number)
            ).all()
            notices = tuple(notice["text"] for notice in self._notices(connection, job_id))
            made = tuple(_take(each, self._place(connection, each)) for each in found)
        return Job(row.id, row.created, row.expires, DancerOptions(**row.dancer), bool(row.learned), notices, made)

    def take(self, job_id: str, number: int) -> Take:
        """Return one take of a job."""
        with self.engine.connect() as connection:
            row = connection.execute(sa.select(database.takes).where(*_is(job_id, number))).first()
            if row is None:
                raise NoSuchJobError("there is no such take")
            return _take(row, self._place(connection, row))

    def dancer(self, job_id: str) -> DancerOptions:
        """Return the options that hold for all takes of a job."""
        with self.engine.connect() as connection:
            found = connection.scalar(sa.select(database.jobs.c.dancer).where(database.jobs.c.id == job_id))
        if found is None:
            raise NoSuchJobError("there is no such job")
        return DancerOptions(**found)

    def webhook(self, job_id: str) -> str | None:
        """Return the URL of a job's webhook; None if it has none or was deleted."""
        with self.engine.connect() as connection:
            found: str | None = connection.scalar(
                sa.select(database.jobs.c.webhook).where(database.jobs.c.id == job_id)
            )
            return found

    def events(self, job_id: str, number: int, after: int = 0) -> list[RecordedEvent]:
        """Return the events of a take after number `after`; none for an unknown take."""
        columns = database.events.c
        with self.engine.connect() as connection:
            rows = connection.execute(
                sa.select(columns.seq, columns.kind, columns.data)
                .where(columns.job_id == job_id, columns.number == number, columns.seq > after)
                .order_by(columns.seq)
            ).all()
        return [RecordedEvent(row.seq, row.kind, row.data) for row in rows]

    def last_events(self, takes: Sequence[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Return the number of the last event for each of the takes that exists, in one query."""
        columns = database.takes.c
        with self.engine.connect() as connection:
            rows = connection.execute(
                sa.select(columns.job_id, columns.number, columns.last_event).where(
                    columns.job_id.in_({job_id for job_id, _ in takes})
                )
            ).all()
        return {(row.job_id, row.number): row.last_event for row in rows}

    def begin(self, job_id: str, number: int) -> Take | None:
        """Mark a take as running, for the first time or again; return None if it is over or was deleted."""
        with self.engine.begin() as connection:
            if not self._change(connection, job_id, number, "running", UNFINISHED):
                return None
        return self.take(job_id, number)

    def record(self, job_id: str, number: int, events: Sequence[Event]) -> bool:
        """Store events of a take; return False if it is not running any more."""
        latest = next((event for event in reversed(events) if isinstance(event, Progress)), None)
        stage = {} if latest is None else asdict(latest)
        with self.engine.begin() as connection:
            rows = [(KINDS[type(event)], asdict(event)) for event in events]
            known = self._notices(connection, job_id) if any(kind == KINDS[Notice] for kind, _ in rows) else []
            return self._append(
                connection,
                job_id,
                number,
                [(kind, data) for kind, data in rows if data not in known],
                ("running",),
                **stage,
            )

    def mark_learned(self, job_id: str) -> None:
        """Mark the moves of a job as learned; from now on it may have more takes."""
        with self.engine.begin() as connection:
            connection.execute(database.jobs.update().where(database.jobs.c.id == job_id).values(learned=True))

    def finish(self, job_id: str, number: int, state: State, error: str | None = None) -> bool:
        """Mark a take as over; return False if it was over before or was deleted."""
        with self.engine.begin() as connection:
            return self._change(connection, job_id, number, state, UNFINISHED, error)

    def cancel(self, job_id: str, number: int) -> Take:
        """Cancel a take that is not over; a finished one does not change."""
        if self.finish(job_id, number, "cancelled"):
            self._queue.cancel(job_id, number)
        return self.take(job_id, number)

    def wanted(self, job_id: str, number: int) -> bool:
        """Return whether a take is running: it was neither cancelled nor deleted."""
        with self.engine.connect() as connection:
            return connection.scalar(sa.select(database.takes.c.state).where(*_is(job_id, number))) == "running"

    def delete(self, job_id: str) -> int:
        """Delete all rows of a job; return how many takes it had."""
        with self.engine.begin() as connection:
            database.lock_jobs(connection)
            n_takes = _n_takes(connection, job_id)
            if not connection.execute(database.jobs.delete().where(database.jobs.c.id == job_id)).rowcount:
                raise NoSuchJobError("there is no such job")
        return n_takes

    def unfinished(self) -> list[tuple[str, int]]:
        """Return job id and number of each take that is queued or running."""
        columns = database.takes.c
        with self.engine.connect() as connection:
            rows = connection.execute(
                sa.select(columns.job_id, columns.number).where(columns.state.in_(UNFINISHED))
            ).all()
        return [(row.job_id, row.number) for row in rows]

    def expired(self) -> list[str]:
        """Return the ids of expired jobs."""
        with self.engine.connect() as connection:
            expired = sa.select(database.jobs.c.id).where(database.jobs.c.expires <= self._clock())
            return list(connection.scalars(expired))

    def check(self, job_id: str) -> None:
        """Raise NoSuchJobError for an unknown job."""
        if not self.exists(job_id):
            raise NoSuchJobError(NO_SUCH_JOB)

    def exists(self, job_id: str) -> bool:
        """Return whether a job exists."""
        with self.engine.connect() as connection:
            return connection.scalar(sa.select(database.jobs.c.id).where(database.jobs.c.id == job_id)) is not None

    def ids(self) -> set[str]:
        """Return the ids of all jobs."""
        with self.engine.connect() as connection:
            return set(connection.scalars(sa.select(database.jobs.c.id)))

    def counts(self) -> dict[str, int]:
        """Return the number of takes in each state."""
        columns = database.takes.c
        with self.engine.connect() as connection:
            rows = connection.execute(
                sa.select(columns.state, sa.func.count().label("n")).group_by(columns.state)
            ).all()
        return {row.state: row.n for row in rows}

    def seconds_taken(self) -> list[float]:
        """Return the seconds from request to result of each take that is done."""
        columns = database.takes.c
        with self.engine.connect() as connection:
            durations = sa.select(columns.finished - columns.created).where(columns.state == "done")
            return list(connection.scalars(durations))

    def check_queue(self) -> None:
        """Raise BusyError if the queue is full."""
        with self.engine.connect() as connection:
            self._check_queue(connection)

    def _check_queue(self, connection: sa.Connection) -> None:
        waiting = sa.select(sa.func.count()).where(database.takes.c.state == "queued")
        n_waiting = connection.scalar(waiting) or 0
        if n_waiting >= self._limits.waiting:
            raise BusyError(
                f"{n_waiting} dances are waiting; try again in a few minutes", retry_after_s=USUAL_S * n_waiting
            )

    def _add(self, connection: sa.Connection, job_id: str, number: int, options: TakeOptions) -> None:
        connection.execute(
            database.takes.insert().values(
                job_id=job_id,
                number=number,
                state="queued",
                done=0,
                total=0,
                options=options.model_dump(),
                created=self._clock(),
                last_event=0,
            )
        )
        self._append(connection, job_id, number, [("state", {"state": "queued", "error": None})], ("queued",))
        self._queue.put(connection, job_id, number)

    def _change(
        self,
        connection: sa.Connection,
        job_id: str,
        number: int,
        state: State,
        before: Sequence[str],
        error: str | None = None,
    ) -> bool:
        said = [("state", {"state": state, "error": error})]
        if state in UNFINISHED:
            return self._append(connection, job_id, number, said, before, state=state)
        ended = {"state": state, "finished": self._clock(), "error": error}
        changed = self._append(connection, job_id, number, said, before, **ended)
        webhook = sa.select(database.jobs.c.webhook).where(database.jobs.c.id == job_id)
        if changed and connection.scalar(webhook) is not None:
            self._queue.put_webhook(connection, job_id, number)
        return changed

    def _append(
        self,
        connection: sa.Connection,
        job_id: str,
        number: int,
        said: Sequence[tuple[str, dict[str, Any]]],
        before: Sequence[str],
        **values: Any,
    ) -> bool:
        """Change a take that is in one of the states `before`, and append numbered events to it."""
        columns = database.takes.c
        last = connection.scalar(
            database.takes.update()
            .where(*_is(job_id, number), columns.state.in_(before))
            .values(last_event=columns.last_event + len(said), **values)
            .returning(columns.last_event)
        )
        if last is None:
            return False
        if said:
            connection.execute(
                database.events.insert(),
                [
                    {"job_id": job_id, "number": number, "seq": seq, "kind": kind, "data": data}
                    for seq, (kind, data) in enumerate(said, last - len(said) + 1)
                ],
            )
        return True

    def _notices(self, connection: sa.Connection, job_id: str) -> Sequence[dict[str, Any]]:
        columns = database.events.c
        return connection.scalars(
            sa.select(columns.data)
            .where(columns.job_id == job_id, columns.kind == KINDS[Notice])
            .order_by(columns.number, columns.seq)
        ).all()

    def _place(self, connection: sa.Connection, row: sa.Row[Any]) -> int | None:
        if row.state != "queued":
            return None
        columns = database.takes.c
        before = sa.select(sa.func.count()).where(columns.state == "queued", columns.created < row.created)
        return int(connection.scalar(before) or 0) + 1


def _found(connection: sa.Connection, idempotency: str | None) -> str | None:
    if idempotency is None:
        return None
    job_id: str | None = connection.scalar(
        sa.select(database.jobs.c.id).where(database.jobs.c.idempotency == idempotency)
    )
    return job_id


def _n_takes(connection: sa.Connection, job_id: str) -> int:
    columns = database.takes.c
    return connection.scalar(sa.select(sa.func.max(columns.number)).where(columns.job_id == job_id)) or 0


def _is(job_id: str, number: int) -> tuple[sa.ColumnElement[bool], ...]:
    return database.takes.c.job_id == job_id, database.takes.c.number == number


def _take(row: sa.Row[Any], place: int | None) -> Take:
    return Take(
        number=row.number,
        state=row.state,
        stage=row.stage,
        done=row.done,
        total=row.total,
        options=TakeOptions(**row.options),
        error=row.error,
        place=place,
        created_s=row.created,
        finished_s=row.finished,
        last_event=row.last_event,
    )
