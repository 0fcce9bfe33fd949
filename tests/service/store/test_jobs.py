"""The job model, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from service.support.postgres import postgres
from service.support.queue_fakes import NOON_S, Clock, FakeQueue

from bopbot.service.errors import BusyError, NoSuchJobError, NotReadyError
from bopbot.service.events import Notice, Progress, Words
from bopbot.service.limits import Limits
from bopbot.service.options import DancerOptions, TakeOptions
from bopbot.service.store import database
from bopbot.service.store.database import open_database, sqlite_url, wipe_traces
from bopbot.service.store.job import new_id
from bopbot.service.store.jobs import Jobs
from pose_vocab.errors import BopBotError

__all__ = ["postgres"]

LIMITS = Limits(waiting=3, takes=2, keep_h=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    url = sqlite_url(tmp_path / "jobs.sqlite") if request.param == "sqlite" else request.getfixturevalue("postgres")
    opened = open_database(url)
    yield opened
    with opened.begin() as connection:
        connection.execute(sa.text("DELETE FROM bopbot_jobs"))
    opened.dispose()


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jobs(engine: sa.Engine, queue: FakeQueue, clock: Clock) -> Jobs:
    return Jobs(engine, LIMITS, queue, clock)


def made(jobs: Jobs, **more: str) -> str:
    return jobs.create(new_id(), DancerOptions(), TakeOptions(seed=7), **more)


def test_an_id_is_long_and_new_each_time() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000
    assert {len(new_id()) for _ in range(100)} == {22}


def test_a_new_job_waits_with_one_take(jobs: Jobs, queue: FakeQueue) -> None:
    job_id = made(jobs)
    job = jobs.job(job_id)
    [take] = job.takes
    assert (take.state, take.place, take.number, take.options.seed) == ("queued", 1, 1, 7)
    assert (job.created_s, job.expires_s, job.learned) == (NOON_S, NOON_S + 3600, False)
    assert queue.put_in == [(job_id, 1)]
    assert [(told.seq, told.kind, told.data["state"]) for told in jobs.events(job_id, 1)] == [(1, "state", "queued")]


def test_the_same_key_is_the_same_job(jobs: Jobs, queue: FakeQueue) -> None:
    first = made(jobs, idempotency="a key")
    assert made(jobs, idempotency="a key") == first
    other = made(jobs, idempotency="another")
    assert queue.put_in == [(first, 1), (other, 1)]
    assert jobs.find("a key") == first
    assert jobs.find("unheard") is None
    assert jobs.find(None) is None


def test_two_who_send_the_same_key_at_once_get_one_job(jobs: Jobs) -> None:
    got: list[str] = []
    both = threading.Barrier(2)

    def send() -> None:
        both.wait()
        got.append(made(jobs, idempotency="at once"))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == 1
    assert jobs.ids() == set(got)
    assert jobs.unfinished() == [(got[0], 1)]


def test_the_way_of_a_take(jobs: Jobs, clock: Clock) -> None:
    job_id = made(jobs)
    begun = jobs.begin(job_id, 1)
    assert begun is not None
    assert begun.state == "running"
    assert jobs.record(job_id, 1, [Progress("finding", 3, 10), Words(0, ("baboo", "cidal")), Notice("it is dark")])
    clock.now_s += 5
    assert jobs.finish(job_id, 1, "done")
    take = jobs.take(job_id, 1)
    assert (take.state, take.stage, take.done, take.total, take.finished_s) == ("done", "finding", 3, 10, NOON_S + 5)
    assert take.is_over
    assert [(told.seq, told.kind) for told in jobs.events(job_id, 1)] == [
        *((1, "state"), (2, "state"), (3, "progress"), (4, "words"), (5, "notice"), (6, "state"))
    ]
    assert jobs.events(job_id, 1, after=3)[0].data == {"start": 0, "words": ["baboo", "cidal"]}
    assert jobs.job(job_id).notices == ("it is dark",)
    assert jobs.last_events([(job_id, 1), ("nobody", 1)]) == {(job_id, 1): 6}


def test_a_take_ends_once(jobs: Jobs) -> None:
    job_id = made(jobs)
    jobs.begin(job_id, 1)
    assert jobs.finish(job_id, 1, "failed", "nobody dances")
    assert not jobs.finish(job_id, 1, "done")
    assert not jobs.record(job_id, 1, [Progress("drawing", 1, 2)])
    assert jobs.begin(job_id, 1) is None
    take = jobs.take(job_id, 1)
    assert (take.state, take.error, take.stage) == ("failed", "nobody dances", None)


def test_what_is_noticed_again_by_another_worker_is_told_once(jobs: Jobs) -> None:
    job_id = made(jobs)
    for _ in range(2):
        jobs.begin(job_id, 1)
        jobs.record(job_id, 1, [Notice("it is dark")])
    assert [told.kind for told in jobs.events(job_id, 1)].count("notice") == 1


def test_a_worker_that_takes_over_begins_the_same_take_again(jobs: Jobs) -> None:
    job_id = made(jobs)
    assert jobs.begin(job_id, 1) is not None
    assert jobs.begin(job_id, 1) is not None


def test_what_is_cancelled_is_not_wanted(jobs: Jobs, queue: FakeQueue) -> None:
    job_id = made(jobs)
    assert not jobs.wanted(job_id, 1)  # Nobody has begun it.
    jobs.begin(job_id, 1)
    assert jobs.wanted(job_id, 1)
    assert jobs.cancel(job_id, 1).state == "cancelled"
    assert not jobs.wanted(job_id, 1)
    assert queue.put_in == []
    assert jobs.cancel(job_id, 1).state == "cancelled"


def test_another_take_needs_what_was_learned(jobs: Jobs) -> None:
    job_id = made(jobs)
    with pytest.raises(NotReadyError, match="not learned"):
        jobs.add_take(job_id, TakeOptions())
    jobs.mark_learned(job_id)
    assert jobs.add_take(job_id, TakeOptions(seed=8)) == 2
    with pytest.raises(NotReadyError, match="a video can have at most 2 takes"):
        jobs.add_take(job_id, TakeOptions())


def test_takes_asked_for_at_once_have_numbers_of_their_own_and_a_limit(jobs: Jobs) -> None:
    job_id = made(jobs)
    jobs.begin(job_id, 1)
    jobs.finish(job_id, 1, "done")
    jobs.mark_learned(job_id)
    jobs = Jobs(jobs.engine, Limits(), FakeQueue())
    got: list[int | str] = []
    at_once = threading.Barrier(8)

    def ask() -> None:
        at_once.wait()
        try:
            got.append(jobs.add_take(job_id, TakeOptions()))
        except NotReadyError as refused:
            got.append(str(refused))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {number for number in got if isinstance(number, int)} == {2, 3, 4}
    assert got.count("3 takes of this video are not done yet; wait until one is done") == 5


def test_a_queue_does_not_overflow_when_many_come_at_once(jobs: Jobs) -> None:
    at_once = threading.Barrier(10)

    def send() -> None:
        at_once.wait()
        with suppress(BusyError):
            made(jobs)

    threads = [threading.Thread(target=send) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert jobs.counts() == {"queued": LIMITS.waiting}


def test_a_full_queue_is_said(jobs: Jobs) -> None:
    for _ in range(LIMITS.waiting):
        made(jobs)
    with pytest.raises(BusyError, match="3 dances are waiting") as refused:
        made(jobs)
    assert refused.value.retry_after_s == 45
    assert len(jobs.ids()) == LIMITS.waiting


def test_who_waits_moves_up(jobs: Jobs, clock: Clock) -> None:
    first = made(jobs)
    clock.now_s += 1
    second = made(jobs)
    assert jobs.take(second, 1).place == 2
    jobs.begin(first, 1)
    assert jobs.take(second, 1).place == 1
    assert jobs.take(first, 1).place is None
    assert jobs.counts() == {"queued": 1, "running": 1}


def test_a_webhook_is_called_once_when_a_take_is_over(jobs: Jobs, queue: FakeQueue) -> None:
    job_id = made(jobs, webhook="https://example.org/danced")
    jobs.begin(job_id, 1)
    assert queue.calls == []
    jobs.finish(job_id, 1, "done")
    jobs.finish(job_id, 1, "cancelled")
    assert queue.calls == [(job_id, 1)]
    without = made(jobs)
    jobs.finish(without, 1, "cancelled")
    assert queue.calls == [(job_id, 1)]


def test_a_deleted_job_is_gone_altogether(jobs: Jobs, engine: sa.Engine) -> None:
    job_id = made(jobs)
    jobs.begin(job_id, 1)
    jobs.record(job_id, 1, [Notice("secret")])
    assert jobs.delete(job_id) == 1
    with engine.connect() as connection:
        for table in ("bopbot_jobs", "bopbot_takes", "bopbot_events"):
            assert connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0
    assert jobs.events(job_id, 1) == []
    assert not jobs.wanted(job_id, 1)
    assert not jobs.exists(job_id)
    assert not jobs.record(job_id, 1, [Notice("late")])
    for ask in (jobs.job, jobs.dancer, jobs.delete):
        with pytest.raises(NoSuchJobError):
            ask(job_id)


def test_nothing_deleted_is_left_in_the_file(tmp_path: Path) -> None:
    engine = open_database(sqlite_url(tmp_path / "jobs.sqlite"))
    jobs = Jobs(engine, LIMITS, FakeQueue())
    job_id = made(jobs, webhook="https://example.org/a-secret-place")
    jobs.delete(job_id)
    wipe_traces(engine)
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"secret-place" not in left
    assert job_id.encode() not in left
    engine.dispose()


def test_what_has_expired(jobs: Jobs, clock: Clock) -> None:
    job_id = made(jobs)
    assert jobs.expired() == []
    clock.now_s += 3600
    assert jobs.expired() == [job_id]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("nonsense", "the database URL is invalid"),
        ("mysql://here/there", "mysql databases are not supported"),
        ("postgresql://bopbot@127.0.0.1:1/none", "cannot be used"),
        ("sqlite:////nowhere/at/all.sqlite", "unable to open"),
    ],
)
def test_a_database_that_cannot_be_used(url: str, reason: str) -> None:
    with pytest.raises(BopBotError, match=reason):
        open_database(url)


def test_a_password_is_not_said() -> None:
    with pytest.raises(BopBotError) as refused:
        open_database("postgresql://bopbot:very-secret@127.0.0.1:1/none")
    assert "very-secret" not in str(refused.value)


@pytest.mark.parametrize("says_its_version", [True, False], ids=["says its version", "is of the first one"])
def test_jobs_of_an_older_bopbot_go_on_in_a_newer_one(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, says_its_version: bool
) -> None:
    job_id = made(Jobs(engine, LIMITS, FakeQueue()))
    url = engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    if not says_its_version:
        with engine.begin() as connection:
            connection.execute(sa.text("DROP TABLE bopbot_about"))

    def add_column(connection: sa.Connection) -> None:
        connection.execute(sa.text("ALTER TABLE bopbot_jobs ADD COLUMN new VARCHAR"))

    with monkeypatch.context() as newer:
        newer.setattr(database, "UPGRADES", (add_column,))
        for _ in range(2):  # the second time there is nothing left to do
            upgraded = open_database(url)
            assert Jobs(upgraded, LIMITS, FakeQueue()).take(job_id, 1).state == "queued"
            with upgraded.begin() as connection:
                assert connection.execute(sa.text("SELECT id, new FROM bopbot_jobs")).all() == [(job_id, None)]
            upgraded.dispose()
    with pytest.raises(BopBotError, match=r"has version 2 and was made by a newer BopBot; .* up to 1"):
        open_database(url)
    engine.dispose()  # SQLite's connections do not see columns that others added
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE bopbot_jobs DROP COLUMN new"))
        database.write_property(connection, "version", "1")
