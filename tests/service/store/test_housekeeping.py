"""What has expired or was lost: found and put in order, with the real queue."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from service.support.queue_fakes import Clock

from bopbot.service.errors import NoSuchJobError
from bopbot.service.limits import GIB, Limits
from bopbot.service.options import DancerOptions, TakeOptions
from bopbot.service.store.database import open_database, sqlite_url
from bopbot.service.store.deletion import remove
from bopbot.service.store.housekeeping import tidy
from bopbot.service.store.job import new_id
from bopbot.service.store.jobs import Jobs
from bopbot.service.store.partial_uploads import Uploads
from bopbot.service.store.queue import TakeQueue
from bopbot.service.store.storage import Storage
from bopbot.service.store.store import Store

LIMITS = Limits(keep_h=2)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    opened = open_database(sqlite_url(tmp_path / "jobs.sqlite"))
    yield opened
    opened.dispose()


@pytest.fixture
def queue(engine: sa.Engine) -> Iterator[TakeQueue]:
    dances = TakeQueue(engine)
    yield dances
    dances.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jobs(engine: sa.Engine, queue: TakeQueue, clock: Clock) -> Jobs:
    return Jobs(engine, LIMITS, queue, clock)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / "files", GIB)


def made(jobs: Jobs, storage: Storage) -> str:
    job_id = new_id()
    received = storage.root / job_id
    received.write_bytes(b"a video")
    storage.create_job_folder(job_id, received)
    received.unlink()
    return jobs.create(job_id, DancerOptions(), TakeOptions())


def queued(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.text("SELECT workflow_uuid FROM workflow_status ORDER BY 1")))


def test_what_has_expired_goes_with_everything(
    jobs: Jobs, storage: Storage, queue: TakeQueue, engine: sa.Engine, clock: Clock
) -> None:
    old = made(jobs, storage)
    clock.now_s += 3600
    young = made(jobs, storage)
    clock.now_s += 3600
    assert tidy(Store(jobs, storage, queue, LIMITS)) == 1
    assert jobs.ids() == {young}
    assert [path.name for path in storage.jobs.iterdir()] == [young]
    assert queued(engine) == [f"dance.{young}.1"]
    assert old not in str(queued(engine))


def test_a_take_that_nobody_would_work_on_is_queued_anew(
    jobs: Jobs, storage: Storage, queue: TakeQueue, engine: sa.Engine
) -> None:
    lost, waiting = made(jobs, storage), made(jobs, storage)
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE workflow_status SET status = 'ERROR' WHERE workflow_uuid LIKE :like"), {"like": f"%{lost}%"}
        )
    tidy(Store(jobs, storage, queue, LIMITS))
    with engine.connect() as connection:
        states = connection.scalars(sa.text("SELECT status FROM workflow_status")).all()
    assert states == ["ENQUEUED", "ENQUEUED"]
    assert queued(engine) == sorted([f"dance.{lost}.1", f"dance.{waiting}.1"])


def test_what_was_queued_for_a_deleted_job_is_forgotten(
    jobs: Jobs, storage: Storage, queue: TakeQueue, engine: sa.Engine
) -> None:
    kept, deleted = made(jobs, storage), made(jobs, storage)
    jobs.delete(deleted)  # and killed before it could go on
    tidy(Store(jobs, storage, queue, LIMITS))
    assert queued(engine) == [f"dance.{kept}.1"]
    with pytest.raises(NoSuchJobError):
        queue.put_gif(deleted, 1)


def test_a_removal_that_was_interrupted_can_be_done_again(
    jobs: Jobs, storage: Storage, queue: TakeQueue, engine: sa.Engine
) -> None:
    job_id = made(jobs, storage)
    storage.remove(job_id)  # and killed before it could go on
    remove(Store(jobs, storage, queue, LIMITS), job_id)
    assert (jobs.ids(), queued(engine), list(storage.jobs.iterdir())) == (set(), [], [])


def test_uploads_that_were_given_up_go(jobs: Jobs, storage: Storage, queue: TakeQueue) -> None:
    uploads = Uploads(storage, LIMITS)
    old, young = uploads.find(uploads.create(10)), uploads.find(uploads.create(10))
    then = time.time() - 2.1 * 3600
    os.utime(old.path, (then, then))
    tidy(Store(jobs, storage, queue, LIMITS))
    assert list(storage.uploads.iterdir()) == [young.path]
