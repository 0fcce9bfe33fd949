"""Settings that a server and its workers share."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bopbot.service.limits import Limits
from bopbot.service.store.database import open_database
from bopbot.service.store.folder_identity import claim_folder
from bopbot.service.store.storage import Storage
from bopbot.service.store.store import Store
from pose_vocab.errors import BopBotError


@dataclass(frozen=True)
class Deployment:
    """Settings of a server and its workers.

    Parameters
    ----------
    folder : the folder that all of them share.
    database : URL of the database.
    limits : limits of the service.
    webhooks_to_private : whether webhooks may call private addresses.
    """

    folder: Path
    database: str
    limits: Limits
    webhooks_to_private: bool = False

    def open(self) -> Store:
        """Open the database and the folder.

        Raises
        ------
        BopBotError : one of them cannot be used, or they do not belong together.
        """
        engine, storage = open_database(self.database), Storage(self.folder, self.limits.disk_bytes)
        try:
            claim_folder(engine, storage)
        except BopBotError:
            engine.dispose()
            raise
        return Store.create(engine, storage, self.limits)

    def to_json(self) -> str:
        """Return the settings as one line of JSON, for `from_json`."""
        return json.dumps({**asdict(self), "folder": str(self.folder)})

    @classmethod
    def from_json(cls, line: str) -> Deployment:
        """Return the settings that `to_json` wrote."""
        fields = json.loads(line)
        return cls(**{**fields, "folder": Path(fields["folder"]), "limits": Limits(**fields["limits"])})
