"""What a worker tells reaches the database a few times a second."""

from __future__ import annotations

from pathlib import Path

import pytest
from service.support.queue_fakes import Clock, FakeQueue

from bopbot.service.events import Progress, Words
from bopbot.service.limits import Limits
from bopbot.service.options import DancerOptions, TakeOptions
from bopbot.service.store.database import open_database, sqlite_url
from bopbot.service.store.job import new_id
from bopbot.service.store.jobs import Jobs
from bopbot.service.worker.event_buffer import EventBuffer


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return Jobs(open_database(sqlite_url(tmp_path / "jobs.sqlite")), Limits(), FakeQueue())


@pytest.fixture
def running(jobs: Jobs) -> str:
    job_id = jobs.create(new_id(), DancerOptions(), TakeOptions())
    jobs.begin(job_id, 1)
    return job_id


def told(jobs: Jobs, job_id: str) -> list[object]:
    return [event.data for event in jobs.events(job_id, 1) if event.kind != "state"]


def test_of_quick_steps_only_the_latest_is_written(jobs: Jobs, running: str) -> None:
    clock = Clock()
    event_buffer = EventBuffer(jobs, running, 1, clock)
    event_buffer.emit(Progress("finding", 0, 100))
    for done in range(1, 100):
        event_buffer.emit(Progress("finding", done, 100))
    assert told(jobs, running) == [{"stage": "finding", "done": 0, "total": 100}]
    clock.now_s += 1
    event_buffer.emit(Progress("finding", 100, 100))
    assert told(jobs, running)[1:] == [{"stage": "finding", "done": 100, "total": 100}]


def test_no_word_and_no_stage_is_lost(jobs: Jobs, running: str) -> None:
    event_buffer = EventBuffer(jobs, running, 1, Clock())
    event_buffer.emit(Progress("learning", 1, 2))
    event_buffer.emit(Progress("learning", 2, 2))
    event_buffer.emit(Words(0, ("baboo",)))
    event_buffer.emit(Words(1, ("cidal",)))
    event_buffer.emit(Progress("drawing", 1, 9))
    event_buffer.write()
    assert [event.kind for event in jobs.events(running, 1)] == [
        *("state", "state", "progress", "progress", "words", "words", "progress")
    ]


def test_it_is_known_when_nobody_waits_any_more(jobs: Jobs, running: str) -> None:
    event_buffer = EventBuffer(jobs, running, 1, Clock())
    assert event_buffer.is_wanted()
    jobs.finish(running, 1, "cancelled")
    event_buffer.emit(Progress("finding", 1, 2))
    assert not event_buffer.is_wanted()
    assert told(jobs, running) == []
