"""The way of a take from the queue to its end, in steps that are taken up again where a worker was killed."""

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
"""How often a webhook is called until it answers."""
CALL_WAIT_S = 2.0
"""Time until the second call; it doubles from call to call."""

NOT_THE_END = (dbos_error.DBOSException, SandboxClosedError)
"""What says nothing of the dance, but that it is not this worker's to end."""

ROOM_BYTES = 64 * MIB
"""What a step of a dance may write; where there is less room it is not begun."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Workflows:
    """What a worker works with. `webhooks_to_private` lets webhooks call addresses of the own network."""

    store: Store
    sandbox: Sandbox
    webhooks_to_private: bool = False

    def register(self) -> None:
        """Tell DBOS what the names in the queue stand for; to be called before it is launched."""

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
        """Make a take, whatever comes in between; its end is told once."""
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
            log.exception("a dance failed for a reason that nobody foresaw")
            self._finish(job_id, number, "failed", "something went wrong on the server; please try again")
        finally:
            self._clear_away(job_id)

    def gif(self, job_id: str, number: int) -> None:
        """Make the GIF of a take that is done."""
        try:
            dancer = retry_on_database_error(lambda: self.store.jobs.dancer(job_id)).model_dump()
            options = retry_on_database_error(lambda: self.store.jobs.take(job_id, number)).options.model_dump()
            DBOS.run_step({"name": GIF}, self._draw_gif, job_id, number, dancer, options)
        finally:
            self._clear_away(job_id)

    def call(self, job_id: str, number: int) -> None:
        """Call the job's webhook, again and again until it answers or enough was tried."""
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

        def deliver_it() -> None:
            if url is not None:
                deliver(url, body, allow_private=self.webhooks_to_private)

        DBOS.run_step(options, deliver_it)

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
            wanted=event_buffer.wanted,
            timeout_s=self.store.limits.take_s,
        )
        event_buffer.write()

    def _draw_gif(self, job_id: str, number: int, *arguments: Any) -> None:
        self.store.storage.remove_unfinished(job_id, number)
        self.store.storage.check_room(ROOM_BYTES)
        folder = self.store.storage.folder(job_id)
        self.sandbox.run(
            GIF, folder, number, *arguments, emit=_nobody, wanted=folder.exists, timeout_s=self.store.limits.take_s
        )

    def _clear_away(self, job_id: str) -> None:
        """Remove what was written between the deletion of a job and the end of the work on it."""
        if not retry_on_database_error(lambda: self.store.jobs.exists(job_id)):
            self.store.storage.remove(job_id)


def _nobody(event: object) -> None:
    """GIFs are made too quickly to tell of it."""
