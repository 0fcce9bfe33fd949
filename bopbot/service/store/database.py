"""The tables of jobs, in SQLite or PostgreSQL; the queue of DBOS keeps its own beside them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError

from pose_vocab.errors import BopBotError

BUSY_S = 30
"""How long a process waits while another one writes to the SQLite file."""
POOL = 10
"""Connections of one process."""

metadata = sa.MetaData()
jobs = sa.Table(
    "bopbot_jobs",
    metadata,
    sa.Column("id", sa.String(22), primary_key=True),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("expires", sa.Float, nullable=False, index=True),
    sa.Column("dancer", sa.JSON, nullable=False),
    sa.Column("learned", sa.Boolean, nullable=False),
    sa.Column("webhook", sa.String),
    sa.Column("idempotency", sa.String(64), unique=True),
)
takes = sa.Table(
    "bopbot_takes",
    metadata,
    sa.Column("job_id", sa.ForeignKey("bopbot_jobs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("state", sa.String(9), nullable=False, index=True),
    sa.Column("stage", sa.String),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("wish", sa.JSON, key="options", nullable=False),
    sa.Column("error", sa.String),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("finished", sa.Float),
    sa.Column("last_event", sa.Integer, nullable=False),
)
events = sa.Table(
    "bopbot_events",
    metadata,
    sa.Column("job_id", sa.String(22), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.ForeignKeyConstraint(["job_id", "number"], ["bopbot_takes.job_id", "bopbot_takes.number"], ondelete="CASCADE"),
)

about = sa.Table(
    "bopbot_about",
    metadata,
    sa.Column("name", sa.String(8), primary_key=True),
    sa.Column("said", sa.String, nullable=False),
)
UPGRADES: tuple[Callable[[sa.Connection], None], ...] = ()
"""What makes the tables of one version those of the next: the first is for version 1."""


def sqlite_url(path: Path) -> str:
    """The URL of a database in one file."""
    return f"sqlite:///{path}"


def open_database(url: str) -> sa.Engine:
    """Connect, and make the tables that are not there, or bring those of an older BopBot up to date.

    Parameters
    ----------
    url : ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/NAME``.

    Raises
    ------
    BopBotError : it is no such URL, the database cannot be reached, or a newer BopBot made it.
    """
    try:
        parsed = sa.make_url(url)
    except ArgumentError as error:
        # What was meant may hold a password.
        raise BopBotError("that is no URL of a database; name one like postgresql://user:password@host/name") from error
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise BopBotError(f"a database of {parsed.get_backend_name()} is not used; SQLite and PostgreSQL are")
    is_sqlite = parsed.get_backend_name() == "sqlite"
    if not is_sqlite:
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = sa.create_engine(
        parsed, pool_size=POOL, max_overflow=POOL, pool_pre_ping=not is_sqlite, hide_parameters=True
    )
    if is_sqlite:
        sa.event.listen(engine, "connect", _prepare_sqlite)
    try:
        with engine.begin() as connection:
            if is_sqlite:
                connection.execute(sa.text("BEGIN IMMEDIATE"))
            else:  # Two that begin at once would both find no table.
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(20251)"))
            is_new = not sa.inspect(connection).has_table(jobs.name)
            metadata.create_all(connection)
            _upgrade(connection, is_new)
    except BopBotError:
        engine.dispose()
        raise
    except DBAPIError as error:
        engine.dispose()
        reason = str(error.orig).strip().splitlines()[0]
        raise BopBotError(f"the database at {parsed.render_as_string()} cannot be used: {reason}") from error
    return engine


def lock_jobs(connection: sa.Connection) -> None:
    """Let nobody else change jobs until the connection's transaction is through: what is counted stays true."""
    if connection.dialect.name == "sqlite":
        connection.execute(jobs.update().where(sa.false()).values(learned=True))  # begins the transaction
    else:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(20252)"))


def said(connection: sa.Connection, name: str) -> str | None:
    """What the database says of itself under a name; None where it says nothing."""
    words: str | None = connection.scalar(sa.select(about.c.said).where(about.c.name == name))
    return words


def say(connection: sa.Connection, name: str, words: str) -> None:
    """Have the database say something of itself, for good."""
    connection.execute(about.delete().where(about.c.name == name))
    connection.execute(about.insert().values(name=name, said=words))


def _upgrade(connection: sa.Connection, is_new: bool) -> None:
    newest = 1 + len(UPGRADES)
    version = newest if is_new else int(said(connection, "version") or 1)
    if version > newest:
        raise BopBotError(
            f"the database is of version {version}, made by a newer BopBot; this one knows versions up to {newest}"
        )
    for upgrade in UPGRADES[version - 1 :]:
        upgrade(connection)
    say(connection, "version", str(newest))


def wipe_traces(engine: sa.Engine) -> None:
    """Overwrite what was deleted: SQLite's log of changes still holds it."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))


def _prepare_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = "IMMEDIATE"
    connection.execute(f"PRAGMA busy_timeout={1000 * BUSY_S}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")
