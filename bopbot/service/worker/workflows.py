"""The workflows that the queue runs, in steps that resume after a worker was killed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from dbos import DBOS, StepOptions
from dbos import error as dbos_error

from bopbot.service.errors import NotWantedError
from bopbot.service.limits import MIB
from bopbot.service.store.job import State
from bopbot.service.store.queue import CALL, DANCE, GIF
from bopbot.service.store.store import Store
from bopbot.service.webhook import deliver
from bopbot.service.worker.database_retry import retry_on_database_error
from bopbot.service.worker.event_buffer import EventBuffer
from bopbot.service.worker.sandbox import Sandbox, SandboxClosedError
from pose_vocab.errors import BopBotError

CALL_TRIES = 6
"""Attempts to call a webhook."""
CALL_WAIT_S = 2.0
"""Time until the second attempt; it doubles from attempt to attempt."""

NOT_THE_END = (dbos_error.DBOSException, SandboxClosedError)
"""Errors that do not concern the take itself; another worker may finish it."""

ROOM_BYTES = 64 * MIB
"""Space that a step of a take may need; it is not started with less."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Workflows:
    """The workflows of a worker.

    Parameters
    ----------
    store : jobs, files and queue.
    sandbox : the child process that does the work.
    webhooks_to_private : whether webhooks may call private addresses.
    """

    store: Store
    sandbox: Sandbox
    webhooks_to_private: bool = False

    def register(self) -> None:
        """Register the workflows at DBOS under the names that the queue stores; call it before DBOS is launched."""

        @DBOS.workflow(name=DANCE)
        def dance(job_id: str, number: int) -> None:
            self.dance(job_id, number)

        @DBOS.workflow(name=GIF)
        def gif(job_id: str, number: int) -> None:
            self.gif(job_id, number)

        @DBOS.workflow(name=CALL)
        def call(job_id: str, number: int) -> None:
            self.call(job_id, number)

    def dance(self, job_id: str, number: int) -> None:
        """Make a take and record its end once, however often the workflow is resumed."""
        take = retry_on_database_error(lambda: self.store.jobs.begin(job_id, number))
        if take is None:
            return
        options = take.options.model_dump()
        try:
            dancer = retry_on_database_error(lambda: self.store.jobs.dancer(job_id)).model_dump()
            self._run_step("prepare", job_id, number, dancer, self.store.limits)
            retry_on_database_error(lambda: self.store.jobs.mark_learned(job_id))
            self._run_step("dance", job_id, number, number, dancer, options, self.store.limits)
            self._run_step("draw", job_id, number, number, dancer, options, self.store.limits)
            self._finish(job_id, number, "done")
        except (*NOT_THE_END, NotWantedError):
            raise
        except BopBotError as error:
            self._finish(job_id, number, "failed", str(error))
        except Exception:
            log.exception("a take failed with an unexpected error")
            self._finish(job_id, number, "failed", "something went wrong on the server; please try again")
        finally:
            self._remove_deleted(job_id)

    def gif(self, job_id: str, number: int) -> None:
        """Draw the GIF of a take that is done."""
        try:
            dancer = retry_on_database_error(lambda: self.store.jobs.dancer(job_id)).model_dump()
            options = retry_on_database_error(lambda: self.store.jobs.take(job_id, number)).options.model_dump()
            DBOS.run_step({"name": GIF}, self._draw_gif, job_id, number, dancer, options)
        finally:
            self._remove_deleted(job_id)

    def call(self, job_id: str, number: int) -> None:
        """Call the webhook of a job; repeat it until it succeeds or `CALL_TRIES` is reached."""
        take, url = retry_on_database_error(
            lambda: (self.store.jobs.take(job_id, number), self.store.jobs.webhook(job_id))
        )
        options: StepOptions = {
            "name": CALL,
            "retries_allowed": True,
            "max_attempts": CALL_TRIES,
            "interval_seconds": CALL_WAIT_S,
            "backoff_rate": 2,
        }
        body = {"id": job_id, "take": number, "state": take.state, "error": take.error}

        def deliver_body() -> None:
            if url is not None:
                deliver(url, body, allow_private=self.webhooks_to_private)

        DBOS.run_step(options, deliver_body)

    def _finish(self, job_id: str, number: int, state: State, error: str | None = None) -> None:
        retry_on_database_error(lambda: self.store.jobs.finish(job_id, number, state, error))

    def _run_step(self, task: str, job_id: str, number: int, *arguments: Any) -> None:
        DBOS.run_step({"name": task}, self._work, task, job_id, number, *arguments)

    def _work(self, task: str, job_id: str, number: int, *arguments: Any) -> None:
        self.store.storage.remove_unfinished(job_id, number)
        self.store.storage.check_room(ROOM_BYTES)
        event_buffer = EventBuffer(self.store.jobs, job_id, number)
        self.sandbox.run(
            task,
            self.store.storage.folder(job_id),
            *arguments,
            emit=event_buffer.emit,
            is_wanted=event_buffer.is_wanted,
            timeout_s=self.store.limits.take_s,
        )
        event_buffer.write()

    def _draw_gif(self, job_id: str, number: int, *arguments: Any) -> None:
        self.store.storage.remove_unfinished(job_id, number)
        self.store.storage.check_room(ROOM_BYTES)
        folder = self.store.storage.folder(job_id)
        self.sandbox.run(
            GIF, folder, number, *arguments, emit=_ignore, is_wanted=folder.exists, timeout_s=self.store.limits.take_s
        )

    def _remove_deleted(self, job_id: str) -> None:
        """Remove files that were written after the job was deleted."""
        if not retry_on_database_error(lambda: self.store.jobs.exists(job_id)):
            self.store.storage.remove(job_id)


def _ignore(event: object) -> None:
    """Drop the events of a GIF, which is drawn too quickly to report progress."""
