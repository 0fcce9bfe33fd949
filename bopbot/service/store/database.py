"""The tables of jobs in SQLite or PostgreSQL; DBOS has its own tables beside them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError

from pose_vocab.errors import BopBotError

BUSY_S = 30
"""Longest time that a process waits while another one writes to the SQLite file."""
POOL = 10
"""Connections that a process keeps open."""

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

properties = sa.Table(
    "bopbot_about",
    metadata,
    sa.Column("name", sa.String(8), primary_key=True),
    sa.Column("said", sa.String, key="value", nullable=False),
)
UPGRADES: tuple[Callable[[sa.Connection], None], ...] = ()
"""Functions that upgrade the tables of one version to the next; the first one upgrades version 1."""


def sqlite_url(path: Path) -> str:
    """Return the URL of an SQLite file."""
    return f"sqlite:///{path}"


def open_database(url: str) -> sa.Engine:
    """Connect to a database; create missing tables, and upgrade those of an older BopBot.

    Parameters
    ----------
    url : ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/NAME``.

    Raises
    ------
    BopBotError : the URL is invalid, the database cannot be reached, or a newer BopBot created it.
    """
    try:
        parsed = sa.make_url(url)
    except ArgumentError as error:
        # The text is left out of the message, as it may contain a password.
        raise BopBotError("the database URL is invalid; write it like postgresql://user:password@host/name") from error
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise BopBotError(f"{parsed.get_backend_name()} databases are not supported; use SQLite or PostgreSQL")
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
            else:  # Two processes that start together would both find no table.
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
    """Lock the tables of jobs until the end of the transaction, so that counts stay valid."""
    if connection.dialect.name == "sqlite":
        connection.execute(jobs.update().where(sa.false()).values(learned=True))  # starts the transaction
    else:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(20252)"))


def read_property(connection: sa.Connection, name: str) -> str | None:
    """Return a property of the database, None where it is not set."""
    value: str | None = connection.scalar(sa.select(properties.c.value).where(properties.c.name == name))
    return value


def write_property(connection: sa.Connection, name: str, value: str) -> None:
    """Set a property of the database."""
    connection.execute(properties.delete().where(properties.c.name == name))
    connection.execute(properties.insert().values(name=name, value=value))


def _upgrade(connection: sa.Connection, is_new: bool) -> None:
    newest = 1 + len(UPGRADES)
    version = newest if is_new else int(read_property(connection, "version") or 1)
    if version > newest:
        raise BopBotError(
            f"the database has version {version} and was made by a newer BopBot; this one supports up to {newest}: "
            "upgrade BopBot"
        )
    for upgrade in UPGRADES[version - 1 :]:
        upgrade(connection)
    write_property(connection, "version", str(newest))


def wipe_traces(engine: sa.Engine) -> None:
    """Overwrite deleted rows, which SQLite's write-ahead log still contains."""
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
