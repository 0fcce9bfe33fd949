"""Where takes wait for a worker: the server's side of DBOS, which brings each to its end whatever is killed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, EnqueueOptions

from bopbot.service.errors import NoSuchJobError
from bopbot.service.store import database

APPLICATION = "bopbot"
DANCES, CALLS = "dances", "calls"
"""The queues: of what is made one after the other, and of webhooks, which may wait for each other's servers."""
DANCE, GIF, CALL = "dance", "gif", "call"
"""What can be queued; servers and workers of all versions know these names."""
VERSION = "1"
"""DBOS runs only what was begun by its own version; this stays, so that an upgrade goes on with every job."""


class TakeQueue:
    """The queue of takes, in the database of the jobs.

    Parameters
    ----------
    engine : see `bopbot.service.store.database.open_database`.
    """

    def __init__(self, engine: sa.Engine) -> None:
        DBOS.migrate(engine.url.render_as_string(hide_password=False))
        self._client = DBOSClient(system_database_engine=engine, application_name=APPLICATION)
        self._engine = engine

    def put(self, connection: sa.Connection, job_id: str, number: int) -> None:
        """Let a take be worked on as soon as the connection's transaction is through."""
        self._put(connection, DANCES, DANCE, job_id, number)

    def put_webhook(self, connection: sa.Connection, job_id: str, number: int) -> None:
        """Let the job's webhook be called, as its take is over when the connection's transaction is through."""
        self._put(connection, CALLS, CALL, job_id, number)

    def put_gif(self, job_id: str, number: int) -> None:
        """Let a GIF of a take be made; asking while it is made changes nothing, asking where it failed tries anew."""
        gif = _id(GIF, job_id, number)
        if not self._goes_on(gif):
            self._client.delete_workflow(gif)
        with self._engine.begin() as connection:
            database.lock_jobs(connection)
            if connection.scalar(sa.select(database.jobs.c.id).where(database.jobs.c.id == job_id)) is None:
                raise NoSuchJobError("there is no such job")
            self._put(connection, DANCES, GIF, job_id, number)

    def gif_failed(self, job_id: str, number: int) -> bool:
        """Whether a GIF that was asked for could not be made."""
        return bool(self._client.list_workflows(workflow_ids=[_id(GIF, job_id, number)], status=["ERROR"]))

    def requeue_lost(self, job_id: str, number: int) -> bool:
        """Put a take that is not over, but which nobody will work on any more, in again; whether it was such a one."""
        dance = _id(DANCE, job_id, number)
        if self._goes_on(dance):
            return False
        self._client.delete_workflow(dance)
        with self._engine.begin() as connection:
            self.put(connection, job_id, number)
        return True

    def cancel(self, job_id: str, number: int) -> None:
        """Take a dance that was cancelled out of the queue; a worker finds out by itself that it is not wanted."""
        self._client.cancel_workflow(_id(DANCE, job_id, number))

    def forget(self, job_id: str, numbers: Iterable[int]) -> None:
        """Leave no trace of takes, whatever state they are in."""
        ids = [_id(name, job_id, number) for number in numbers for name in (DANCE, GIF, CALL)]
        self._client.cancel_workflows(ids)
        self._client.delete_workflows(ids)

    def remove_unknown(self, known: Callable[[], Collection[str]]) -> None:
        """Leave no trace of jobs that are not known, which were deleted while something was put in for them."""
        ids = [workflow.workflow_id for workflow in self._client.list_workflows(load_input=False, load_output=False)]
        here = known()  # asked after it: a job is there before anything of it is queued
        strange = [each for each in ids if _job_of(each) not in here]
        if strange:
            self._client.cancel_workflows(strange)
            self._client.delete_workflows(strange)

    def _goes_on(self, workflow_id: str) -> bool:
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
        """Let go of the database."""
        self._client.destroy()


def _id(name: str, job_id: str, number: int) -> str:
    return f"{name}.{job_id}.{number}"


def _job_of(workflow_id: str) -> str:
    return workflow_id.split(".")[1]
