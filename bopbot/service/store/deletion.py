"""How everything of a job goes: rows, files, and its place in the queue."""

from __future__ import annotations

from bopbot.service.store.database import wipe_traces
from bopbot.service.store.jobs import Jobs
from bopbot.service.store.queue import Dances
from bopbot.service.store.storage import Storage


def remove(job_id: str, jobs: Jobs, storage: Storage, queue: Dances) -> None:
    """Leave no trace of a job; what works on it stops by itself. Raises NoSuchJobError where there is none.

    As long as anything else is there its row is, too: who was interrupted can begin again.
    """
    for take in jobs.job(job_id).takes:
        jobs.cancel(job_id, take.number)
    storage.remove(job_id)
    n_takes = jobs.delete(job_id)
    queue.forget(job_id, range(1, n_takes + 1))
    wipe_traces(jobs.engine)
