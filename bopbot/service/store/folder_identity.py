"""The link between a folder and its database: with another database, all files of the folder would be orphans."""

from __future__ import annotations

import sqlalchemy as sa

from bopbot.service.store import database
from bopbot.service.store.durable_write import durable_write
from bopbot.service.store.job import new_id
from bopbot.service.store.storage import Storage
from pose_vocab.errors import BopBotError

NAME = "folder.id"
"""The file with the id of the folder; the database stores the same id."""


def claim_folder(engine: sa.Engine, storage: Storage) -> None:
    """Check that a folder and a database belong together, and link them if both are new.

    Raises
    ------
    BopBotError : one of them belongs to another one.
    """
    file = storage.root / NAME
    with engine.begin() as connection:
        database.lock_jobs(connection)
        known = database.read_property(connection, "folder")
        here = file.read_text() if file.exists() else None
        # A folder with an id but without jobs may come from a process that was killed right here.
        if known is None and (here is None or not any(storage.jobs.iterdir())):
            known = here = here or new_id()
            with durable_write(file) as beside:
                beside.write_text(here)
            database.write_property(connection, "folder", known)
    if known is None:
        raise BopBotError(
            f"the dances in {storage.root} belong to another database; use that database, or another folder"
        )
    if known != here:
        raise BopBotError(
            f"the dances of the database are not in {storage.root}; use their folder, and check that it is mounted"
        )
