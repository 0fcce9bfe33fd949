"""Regular cleaning: expired jobs and the leftovers of killed processes are removed."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress

from bopbot.service.errors import NoSuchJobError
from bopbot.service.store.database import wipe_traces
from bopbot.service.store.deletion import remove
from bopbot.service.store.partial_uploads import Uploads
from bopbot.service.store.store import Store

EVERY_S = 60.0
"""Interval of the cleaning."""
ORPHAN_S = 3600.0
"""Age after the last write at which files that belong to no job are removed."""

log = logging.getLogger(__name__)


def tidy(store: Store) -> int:
    """Remove expired jobs and orphaned files, and queue lost takes again; return the number of removed jobs."""
    expired = store.jobs.expired()
    for job_id in expired:
        with suppress(NoSuchJobError):
            remove(store, job_id)
    store.storage.remove_orphans(store.jobs.ids, time.time() - ORPHAN_S)
    Uploads(store.storage, store.limits).expire(time.time() - max(ORPHAN_S, 3600 * store.limits.keep_h))
    for job_id, number in store.jobs.unfinished():
        if store.queue.requeue_lost(job_id, number):
            log.warning("a take that had no worker any more is queued again")
    store.queue.remove_unknown(store.jobs.ids)
    wipe_traces(store.engine)
    return len(expired)


class Housekeeper:
    """A background thread that cleans until it is stopped."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                removed = tidy(self._store)
                if removed:
                    log.info("%d jobs have expired", removed)
            except Exception:
                log.exception("expired jobs could not be removed; this is tried again")
            if self._stopped.wait(EVERY_S):
                return
