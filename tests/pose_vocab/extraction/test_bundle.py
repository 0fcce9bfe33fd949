"""The pose model that comes along, and the larger one that users may have."""

import zipfile
from pathlib import Path

import pytest

from pose_vocab.errors import ModelError
from pose_vocab.extraction.bundle import SHIPPED, find_pose_model
from pose_vocab.extraction.landmarker import ImageLandmarker


@pytest.fixture
def user_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data"


def test_the_bundle_holds_the_two_networks_as_they_are() -> None:
    with zipfile.ZipFile(find_pose_model()) as archive:
        assert archive.namelist() == ["pose_detector.tflite", "pose_landmarks_detector.tflite"]
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.testzip() is None


def test_the_licence_is_beside_the_bundle() -> None:
    text = SHIPPED.with_name("pose_landmarker_full.LICENSE.txt").read_text()
    assert "The MediaPipe Authors" in text
    assert "Apache License" in text


def test_another_model_is_taken_as_it_is(tmp_path: Path) -> None:
    model = tmp_path / "lite.task"
    model.touch()
    assert find_pose_model(model) == model


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no pose model .*lost\.task"):
        find_pose_model(tmp_path / "lost.task")


def test_heavy_is_a_file_that_the_user_has(user_data: Path) -> None:
    with pytest.raises(ModelError, match=r"no heavy pose model .*bopbot/pose_landmarker_heavy\.task; save MediaPipe's"):
        find_pose_model("heavy")
    model = user_data / "bopbot" / "pose_landmarker_heavy.task"
    model.parent.mkdir(parents=True)
    model.write_bytes(SHIPPED.read_bytes())
    assert find_pose_model("heavy") == model
    ImageLandmarker(find_pose_model("heavy")).close()


def test_a_data_folder_that_is_not_absolute_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ModelError, match=str(tmp_path / ".local" / "share" / "bopbot")):
        find_pose_model("heavy")
