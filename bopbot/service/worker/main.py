"""The worker process: it makes the takes of the queue, one after the other."""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import threading
from types import FrameType
from typing import NoReturn

from dbos import DBOS

from bopbot.service.deployment import Deployment
from bopbot.service.logs import log_to_stderr
from bopbot.service.store.queue import APPLICATION, CALLS, DANCES, VERSION
from bopbot.service.store.storage import Storage
from bopbot.service.store.worker_leases import BEAT_S, Lease
from bopbot.service.worker.sandbox import WARM_UP_S, Sandbox
from bopbot.service.worker.workflows import Workflows
from pose_vocab.errors import BopBotError

POLLING_S = 0.2
"""Interval at which a worker polls the queue."""
CALLS_AT_ONCE = 8
"""Webhooks that are called in parallel."""

log = logging.getLogger("bopbot.service.worker.main")


def work(deployment: Deployment, *, with_parent: bool = False) -> None:
    """Work until the process is terminated; another worker, or this one later, resumes an interrupted take.

    Parameters
    ----------
    with_parent : whether to exit at the end of standard input, which means that the parent process has died.

    Raises
    ------
    BopBotError : the database or the folder cannot be used.
    """
    store = deployment.open()
    lease = Lease(store.storage, lambda: os._exit(1))
    # The files that a killed worker of this name left there are removed with it.
    tempfile.tempdir = str(store.storage.scratch(lease.name))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    if with_parent:
        threading.Thread(target=_end_with_parent, name="parent watch", daemon=True).start()
    sandbox = Sandbox(deployment.limits.memory_bytes)
    if not sandbox.wait_until_warm(WARM_UP_S):
        raise BopBotError(
            f"the sandbox was not ready within {WARM_UP_S:g} s; use fewer workers if this machine is too busy"
        )
    Workflows(store, sandbox, deployment.webhooks_to_private).register()
    DBOS(
        config={
            "name": APPLICATION,
            "system_database_engine": store.engine,
            "system_database_url": store.engine.url.render_as_string(hide_password=False),
            "application_version": VERSION,
            "executor_id": lease.name,
            "log_level": "CRITICAL",
        }
    )
    DBOS.launch()
    DBOS.register_queue(DANCES, worker_concurrency=1, polling_interval_sec=POLLING_S)
    DBOS.register_queue(CALLS, worker_concurrency=CALLS_AT_ONCE)
    lease.ready()
    log.info("worker %s is ready", lease.name)
    while True:
        _take_over(lease, store.storage)
        threading.Event().wait(2 * BEAT_S)


def _take_over(lease: Lease, storage: Storage) -> None:
    """Queue the takes of dead workers again."""

    def take_over(name: str) -> None:
        log.warning("worker %s has died; its takes are queued again", name)
        DBOS._recover_pending_workflows([name])  # the only way without the paid service of DBOS
        storage.remove_scratch(name)

    lease.take_over_dead(take_over)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """Exit as after a crash: the sandbox dies with its worker, and the take stays pending."""
    os._exit(0)


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(0)


if __name__ == "__main__":
    log_to_stderr()
    work(Deployment.from_json(sys.stdin.readline()), with_parent=True)
