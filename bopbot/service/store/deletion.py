"""Deletion of everything that belongs to a job: rows, files and queue entries."""

from __future__ import annotations

from bopbot.service.store.database import wipe_traces
from bopbot.service.store.store import Store


def remove(store: Store, job_id: str) -> None:
    """Delete a job; a worker that makes one of its takes stops by itself. Raise NoSuchJobError for an unknown job.

    The row is deleted after the files, so that an interrupted deletion can be repeated.
    """
    for take in store.jobs.job(job_id).takes:
        store.jobs.cancel(job_id, take.number)
    store.storage.remove(job_id)
    n_takes = store.jobs.delete(job_id)
    store.queue.forget(job_id, range(1, n_takes + 1))
    wipe_traces(store.engine)
