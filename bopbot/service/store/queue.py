"""The queue of takes: the client of DBOS, which resumes a workflow after any process was killed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, EnqueueOptions

from bopbot.service.errors import NoSuchJobError
from bopbot.service.store import database

APPLICATION = "bopbot"
DANCES, CALLS = "dances", "calls"
"""Names of the queues: one for work that a worker does one after the other, one for webhooks, called in parallel."""
DANCE, GIF, CALL = "dance", "gif", "call"
"""Names of the workflows. They are stored in the queue and must not change."""
VERSION = "1"
"""DBOS resumes only workflows of its own version; this must not change, or an upgrade would lose jobs."""


class TakeQueue:
    """The queue of takes, in the same database as the jobs.

    Parameters
    ----------
    engine : see `bopbot.service.store.database.open_database`.
    """

    def __init__(self, engine: sa.Engine) -> None:
        DBOS.migrate(engine.url.render_as_string(hide_password=False))
        self._client = DBOSClient(system_database_engine=engine, application_name=APPLICATION)
        self._engine = engine

    def put(self, connection: sa.Connection, job_id: str, number: int) -> None:
        """Queue a take as part of the connection's transaction."""
        self._put(connection, DANCES, DANCE, job_id, number)

    def put_webhook(self, connection: sa.Connection, job_id: str, number: int) -> None:
        """Queue a call of the job's webhook as part of the connection's transaction."""
        self._put(connection, CALLS, CALL, job_id, number)

    def put_gif(self, job_id: str, number: int) -> None:
        """Queue the GIF of a take, unless it is queued already; a failed one is tried again."""
        gif = _id(GIF, job_id, number)
        if not self._is_unfinished(gif):
            self._client.delete_workflow(gif)
        with self._engine.begin() as connection:
            database.lock_jobs(connection)
            if connection.scalar(sa.select(database.jobs.c.id).where(database.jobs.c.id == job_id)) is None:
                raise NoSuchJobError("there is no such job")
            self._put(connection, DANCES, GIF, job_id, number)

    def gif_failed(self, job_id: str, number: int) -> bool:
        """Return whether the GIF of a take has failed."""
        return bool(self._client.list_workflows(workflow_ids=[_id(GIF, job_id, number)], status=["ERROR"]))

    def requeue_lost(self, job_id: str, number: int) -> bool:
        """Queue an unfinished take again if its workflow is lost; return whether it was."""
        dance = _id(DANCE, job_id, number)
        if self._is_unfinished(dance):
            return False
        self._client.delete_workflow(dance)
        with self._engine.begin() as connection:
            self.put(connection, job_id, number)
        return True

    def cancel(self, job_id: str, number: int) -> None:
        """Remove a cancelled take from the queue; a worker that makes it notices by itself."""
        self._client.cancel_workflow(_id(DANCE, job_id, number))

    def forget(self, job_id: str, numbers: Iterable[int]) -> None:
        """Delete everything about takes, whatever their state."""
        ids = [_id(name, job_id, number) for number in numbers for name in (DANCE, GIF, CALL)]
        self._client.cancel_workflows(ids)
        self._client.delete_workflows(ids)

    def remove_unknown(self, known: Callable[[], Collection[str]]) -> None:
        """Delete the entries of unknown jobs, which were deleted while something was queued for them."""
        ids = [workflow.workflow_id for workflow in self._client.list_workflows(load_input=False, load_output=False)]
        existing = known()  # after the list: a job exists before anything of it is queued
        unknown = [each for each in ids if _job_of(each) not in existing]
        if unknown:
            self._client.cancel_workflows(unknown)
            self._client.delete_workflows(unknown)

    def _is_unfinished(self, workflow_id: str) -> bool:
        live_workers = ["ENQUEUED", "PENDING", "DELAYED"]
        return bool(self._client.list_workflows(workflow_ids=[workflow_id], status=live_workers))

    def _put(self, connection: sa.Connection, queue: str, name: str, job_id: str, number: int) -> None:
        options: EnqueueOptions = {
            "queue_name": queue,
            "workflow_name": name,
            "workflow_id": _id(name, job_id, number),
            "app_version": VERSION,
        }
        self._client.enqueue_in_transaction(connection, options, job_id, number)

    def close(self) -> None:
        """Close the connection to the database."""
        self._client.destroy()


def _id(name: str, job_id: str, number: int) -> str:
    return f"{name}.{job_id}.{number}"


def _job_of(workflow_id: str) -> str:
    return workflow_id.split(".")[1]
