"""Where servers and workers meet."""

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
    """What a server and its workers have in common.

    Parameters
    ----------
    folder : shared by all of them.
    database : its URL.
    limits : what may be asked for.
    webhooks_to_private : whether webhooks may call addresses of the own network.
    """

    folder: Path
    database: str
    limits: Limits
    webhooks_to_private: bool = False

    def open(self) -> Store:
        """Open the database and the folder.

        Raises
        ------
        BopBotError : one of them cannot be used, or belongs to another one.
        """
        engine, storage = open_database(self.database), Storage(self.folder, self.limits.disk_bytes)
        try:
            claim_folder(engine, storage)
        except BopBotError:
            engine.dispose()
            raise
        return Store.create(engine, storage, self.limits)

    def to_json(self) -> str:
        """One line, of which `from_json` makes the same deployment."""
        return json.dumps({**asdict(self), "folder": str(self.folder)})

    @classmethod
    def from_json(cls, line: str) -> Deployment:
        """The deployment that `to_json` wrote."""
        said = json.loads(line)
        return cls(**{**said, "folder": Path(said["folder"]), "limits": Limits(**said["limits"])})
