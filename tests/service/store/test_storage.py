"""The files of jobs."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from bopbot.service.errors import FullError, NoSuchJobError
from bopbot.service.store.job import new_id
from bopbot.service.store.storage import Storage


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / "service", disk_bytes=1000)


def received(storage: Storage, size: int = 10) -> Path:
    path = storage.root / "received"
    path.unlink(missing_ok=True)
    path.write_bytes(bytes(size))
    return path


def test_a_job_has_a_folder_of_its_own(storage: Storage) -> None:
    job_id = new_id()
    storage.create_job_folder(job_id, received(storage))
    assert [path.name for path in storage.folder(job_id).iterdir()] == ["upload"]
    assert (storage.root / "received").exists()  # until the job is kept
    assert storage.take(job_id, 2) == storage.folder(job_id) / "takes" / "2"
    assert stat.S_IMODE(storage.folder(job_id).stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "a/b", "x" * 23, "x" * 21, "é" * 22, "x" * 21 + "\n"])
def test_nothing_but_an_id_becomes_a_path(storage: Storage, name: str) -> None:
    with pytest.raises(NoSuchJobError):
        storage.folder(name)


def test_a_removed_job_leaves_nothing_and_nothing_can_be_written_there(storage: Storage) -> None:
    job_id = new_id()
    storage.create_job_folder(job_id, received(storage))
    (storage.take(job_id, 1)).mkdir(parents=True)
    storage.remove(job_id)
    assert list(storage.jobs.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        (storage.folder(job_id) / "poses.npz").write_bytes(b"late")
    storage.remove(job_id)


def test_the_disk_has_a_limit(storage: Storage) -> None:
    assert storage.used_bytes() == 0
    storage.create_job_folder(new_id(), received(storage, 600))
    (storage.root / "received").unlink()
    assert storage.used_bytes() == 0  # They are not counted each time.
    storage = Storage(storage.root, storage.disk_bytes)
    assert storage.used_bytes() == 600
    storage.check_room(400)
    with pytest.raises(FullError, match="disk is full") as refused:
        storage.check_room(401)
    assert refused.value.retry_after_s == 3600


def test_strays_go_when_they_are_old(storage: Storage) -> None:
    kept, old, young = new_id(), new_id(), new_id()
    for job_id in (kept, old, young):
        storage.create_job_folder(job_id, received(storage))
    for job_id in (kept, old):
        os.utime(storage.folder(job_id) / "upload", (0, 0))
        os.utime(storage.folder(job_id), (0, 0))
    storage.remove_orphans(lambda: {kept}, time.time() - 60)
    assert {path.name for path in storage.jobs.iterdir()} == {kept, young}


def test_scratch_is_empty_each_time(storage: Storage) -> None:
    (storage.scratch("worker") / "left").write_text("over")
    assert list(storage.scratch("worker").iterdir()) == []


def test_half_written_files_are_swept(storage: Storage) -> None:
    job_id = new_id()
    storage.create_job_folder(job_id, received(storage))
    kept = storage.take(job_id, 1) / "dance.mp4"
    for folder in (storage.folder(job_id), storage.take(job_id, 1), storage.take(job_id, 2)):
        (folder / ".dance.mp4.abc").mkdir(parents=True)
        (folder / ".dance.mp4.abc" / "dance.mp4").touch()
    kept.touch()
    storage.remove_unfinished(job_id, 1)
    left = [path for path in storage.folder(job_id).rglob("*") if path.is_file()]
    assert sorted(left) == sorted(
        [storage.folder(job_id) / "upload", kept, storage.take(job_id, 2) / ".dance.mp4.abc" / "dance.mp4"]
    )
