"""Everything that servers and workers share: the rows of jobs, their files and the queue."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from bopbot.service.limits import Limits
from bopbot.service.store.jobs import Jobs
from bopbot.service.store.queue import TakeQueue
from bopbot.service.store.storage import Storage


@dataclass(frozen=True, eq=False)
class Store:
    """The shared state of the service.

    Parameters
    ----------
    jobs : rows of jobs and takes.
    storage : folders of their files.
    queue : takes that wait for a worker.
    limits : how much is accepted and kept.
    """

    jobs: Jobs
    storage: Storage
    queue: TakeQueue
    limits: Limits

    @classmethod
    def create(cls, engine: sa.Engine, storage: Storage, limits: Limits) -> Store:
        """Return the store of an open database and a folder."""
        queue = TakeQueue(engine)
        return cls(Jobs(engine, limits, queue), storage, queue, limits)

    @property
    def engine(self) -> sa.Engine:
        """The database."""
        return self.jobs.engine

    def close(self) -> None:
        """Close the connections to the database."""
        self.queue.close()
        self.engine.dispose()
