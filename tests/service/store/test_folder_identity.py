"""A folder and its database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bopbot.service.deployment import Deployment
from bopbot.service.limits import Limits
from bopbot.service.store.database import sqlite_url
from bopbot.service.store.folder_identity import NAME
from pose_vocab.errors import BopBotError

Opened = Callable[[str, str], Path]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Opens a folder and a database of these names; gives the folder."""

    def open_them(folder: str, database: str) -> Path:
        url = sqlite_url(tmp_path / f"{database}.sqlite")
        store = Deployment(tmp_path / folder, url, Limits()).open()
        store.close()
        return store.storage.root

    return open_them


def test_two_that_have_met_belong_together(opened: Opened) -> None:
    said = (opened("a", "a") / NAME).read_text()
    (opened("a", "a") / "jobs" / "one").mkdir()
    assert (opened("a", "a") / NAME).read_text() == said


def test_a_database_does_not_take_another_folder(opened: Opened) -> None:
    """As where a share is not mounted: its jobs would all fail."""
    opened("a", "a")
    opened("b", "b")
    for other in ("b", "new"):
        with pytest.raises(BopBotError, match=f"are not in .*{other}; use their folder"):
            opened(other, "a")


def test_a_folder_with_dances_does_not_take_a_new_database(opened: Opened) -> None:
    """Which knows none of them, and would have them removed."""
    (opened("a", "a") / "jobs" / "one").mkdir()
    with pytest.raises(BopBotError, match="belong to another database"):
        opened("a", "new")


def test_a_folder_that_lost_its_database_before_the_first_job_takes_another(opened: Opened) -> None:
    opened("a", "a")
    opened("a", "new")
    with pytest.raises(BopBotError):
        (opened("a", "new") / NAME).unlink()
        opened("a", "new")


def test_what_an_older_bopbot_left_belongs_together(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "old" / "jobs" / "one").mkdir(parents=True)
    assert (opened("old", "old") / NAME).exists()
