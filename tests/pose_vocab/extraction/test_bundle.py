import importlib.metadata
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from pose_vocab.errors import ModelError
from pose_vocab.extraction.bundle import pose_bundle


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def networks(bundle: Path) -> dict[str, bytes]:
    """What a bundle holds; the rest of the file says when it was made, to two seconds."""
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_bundle_holds_the_two_networks_as_they_are(cache: Path) -> None:
    with pose_bundle() as bundle, zipfile.ZipFile(bundle) as archive:
        assert archive.namelist() == ["pose_detector.tflite", "pose_landmarks_detector.tflite"]
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


def test_the_bundle_is_made_once_for_each_version_of_mediapipe(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pose_bundle() as bundle:
        assert bundle.is_relative_to(cache)
        made = bundle.stat().st_mtime_ns
    with pose_bundle() as again:
        assert again == bundle
        assert again.stat().st_mtime_ns == made
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "0.0.0")
    with pose_bundle() as other:
        assert other != bundle
        assert networks(other) == networks(bundle)


def test_a_damaged_bundle_is_made_again(cache: Path) -> None:
    with pose_bundle() as bundle:
        good = networks(bundle)
        bundle.write_bytes(bundle.read_bytes()[:1000])
    with pose_bundle() as bundle:
        assert networks(bundle) == good


def test_several_may_make_it_at_once(cache: Path) -> None:
    with ThreadPoolExecutor(4) as pool, ExitStack() as open_bundles:
        bundles = list(pool.map(lambda _: open_bundles.enter_context(pose_bundle()), range(4)))
        assert len(set(bundles)) == 1
        assert zipfile.is_zipfile(bundles[0])
        assert list(bundles[0].parent.iterdir()) == [bundles[0]]


def test_where_the_cache_cannot_be_written_a_temporary_file_serves(cache: Path) -> None:
    cache.write_text("a file where the folder would be")
    with pose_bundle() as bundle:
        assert zipfile.is_zipfile(bundle)
    assert not bundle.exists()


def test_a_cache_folder_that_is_not_absolute_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pose_bundle() as bundle:
        assert bundle.parent == tmp_path / ".cache" / "bopbot"


def test_another_model_is_taken_as_it_is(tmp_path: Path) -> None:
    model = tmp_path / "heavy.task"
    model.touch()
    with pose_bundle(model) as bundle:
        assert bundle == model


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no pose model .*lost\.task"), pose_bundle(tmp_path / "lost.task"):
        pass
