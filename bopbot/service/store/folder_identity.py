"""A folder and a database belong together: beside another database every job of the folder would be a stray."""

from __future__ import annotations

import sqlalchemy as sa

from bopbot.service.store import database
from bopbot.service.store.durable_write import durable_write
from bopbot.service.store.job import new_id
from bopbot.service.store.storage import Storage
from pose_vocab.errors import BopBotError

NAME = "folder.id"
"""The file that says which folder it is; the database says the same."""


def claim_folder(engine: sa.Engine, storage: Storage) -> None:
    """See that a folder and a database belong together. Those that belong to none yet do from now on.

    Raises
    ------
    BopBotError : one of them belongs to another one.
    """
    file = storage.root / NAME
    with engine.begin() as connection:
        database.lock_jobs(connection)
        known = database.said(connection, "folder")
        here = file.read_text() if file.exists() else None
        # A folder without jobs may have been left so by a process that was killed right here.
        if known is None and (here is None or not any(storage.jobs.iterdir())):
            known = here = here or new_id()
            with durable_write(file) as beside:
                beside.write_text(here)
            database.say(connection, "folder", known)
    if known is None:
        raise BopBotError(
            f"the dances in {storage.root} are those of another database; name that one, or another folder"
        )
    if known != here:
        raise BopBotError(
            f"the dances of the database do not lie in {storage.root}; name their folder, and see that it is mounted"
        )
