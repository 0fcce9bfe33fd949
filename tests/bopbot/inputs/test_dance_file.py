"""What a path holds is decided in one place."""

from pathlib import Path

import pytest
from builders import random_walk_px
from PIL import Image

from bopbot.inputs.dance_file import (
    DancePoses,
    DanceVideo,
    formats_to_search,
    is_named_as_video,
    looks_like_dance,
    open_dance,
    open_poses,
    open_video,
)
from bopbot.inputs.discovery import files_in
from pose_vocab.errors import PoseError, VideoError
from pose_vocab.formats import PoseInput, write_people


@pytest.fixture
def poses(tmp_path: Path) -> Path:
    """One dance in two formats."""
    for name in ("a.npz", "frames"):
        write_people([random_walk_px(20, seed=1)], tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", ["a.mp4", "a.MKV", "upload", "a.ts"])
def test_what_is_not_named_as_poses_is_a_video_and_is_not_opened(tmp_path: Path, name: str) -> None:
    assert open_dance(tmp_path / name) == DanceVideo(tmp_path / name)
    assert open_video(tmp_path / name) == DanceVideo(tmp_path / name)


def test_in_a_folder_an_animated_webp_is_a_video_and_a_still_one_is_not(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (64, 48), (index, 0, 0)) for index in range(20)]
    pictures[0].save(tmp_path / "dance.webp", save_all=True, append_images=pictures[1:], duration=100)
    pictures[0].save(tmp_path / "still.webp")
    assert is_named_as_video(tmp_path / "dance.webp")
    assert files_in([tmp_path]) == [tmp_path / "dance.webp"]
    assert open_dance(tmp_path / "dance.webp") == DanceVideo(tmp_path / "dance.webp")


@pytest.mark.parametrize(("name", "format_name"), [("a.npz", "bopbot"), ("frames", "openpose")])
def test_poses_are_opened_with_their_format(poses: Path, name: str, format_name: str) -> None:
    dance = open_dance(poses / name)
    assert isinstance(dance, DancePoses)
    assert dance.format.name == format_name
    assert len(dance.read().people[0]) == 20


def test_a_named_format_makes_poses_of_any_file_but_a_video(poses: Path) -> None:
    (poses / "a.npz").rename(poses / "a.dat")
    own = PoseInput(format="bopbot", fps=10)
    dance = open_dance(poses / "a.dat", own)
    assert isinstance(dance, DancePoses)
    assert dance.read().people[0].fps == 10
    assert isinstance(open_dance(poses / "a.mp4", own), DanceVideo)


def test_where_poses_are_needed_a_video_is_refused_with_what_to_do() -> None:
    with pytest.raises(PoseError, match=r"a.mp4 is a video; extract its poses first: bopbot extract a.mp4 -o FOLDER"):
        open_poses(Path("a.mp4"))
    with pytest.raises(PoseError, match="there is no file or folder"):
        open_poses(Path("none.npz"))


def test_where_a_video_is_needed_poses_are_refused_with_what_to_do(poses: Path) -> None:
    with pytest.raises(VideoError, match=r"holds poses already \(OpenPose JSON.*bopbot convert"):
        open_video(poses / "frames")


def test_the_skeleton_of_a_motion_is_no_dance_of_its_own(data: Path) -> None:
    folder = data / "mocap_other"
    formats = formats_to_search(None)
    assert not looks_like_dance(folder / "lambada.asf", formats)
    assert looks_like_dance(folder / "lambada.amc", formats)
    with pytest.raises(PoseError, match=r"without a motion; name the \.amc file"):
        open_poses(folder / "lambada.asf").read()
