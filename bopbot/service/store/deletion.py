"""How everything of a job goes: rows, files, and its place in the queue."""

from __future__ import annotations

from bopbot.service.store.database import wipe_traces
from bopbot.service.store.store import Store


def remove(store: Store, job_id: str) -> None:
    """Leave no trace of a job; what works on it stops by itself. Raises NoSuchJobError where there is none.

    As long as anything else is there its row is, too: who was interrupted can begin again.
    """
    for take in store.jobs.job(job_id).takes:
        store.jobs.cancel(job_id, take.number)
    store.storage.remove(job_id)
    n_takes = store.jobs.delete(job_id)
    store.queue.forget(job_id, range(1, n_takes + 1))
    wipe_traces(store.engine)
