"""What nobody has to ask for: expired jobs are removed, and what a killed server left behind."""

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
"""How often it is looked for what has expired."""
STRAY_S = 3600.0
"""What belongs to no job is removed when it was not written to for so long."""

log = logging.getLogger(__name__)


def tidy(store: Store) -> int:
    """Remove what has expired or belongs to no job, and queue anew what was lost; how many jobs went."""
    late = store.jobs.expired()
    for job_id in late:
        with suppress(NoSuchJobError):
            remove(store, job_id)
    store.storage.remove_orphans(store.jobs.ids, time.time() - STRAY_S)
    Uploads(store.storage, store.limits).expire(time.time() - max(STRAY_S, 3600 * store.limits.keep_h))
    for job_id, number in store.jobs.unfinished():
        if store.queue.requeue_lost(job_id, number):
            log.warning("a dance that nobody worked on any more is queued anew")
    store.queue.remove_unknown(store.jobs.ids)
    wipe_traces(store.engine)
    return len(late)


class Housekeeper:
    """Tidies in the background, until it is stopped."""

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
                log.exception("what has expired could not be removed; it is tried again")
            if self._stopped.wait(EVERY_S):
                return
