"""``bopbot render``, typed as a user types it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from builders import moved, random_walk_px, standing_px
from numpy.typing import NDArray
from PIL import Image

from bopbot.dance_model import STARTER
from pose_vocab.video import probe, read_frames
from render.theme import THEMES
from render.writer import write_video

Bopbot = Callable[..., Any]
SMALL = ("--width", 160, "--height", 120)


@pytest.fixture
def dance(tmp_path: Path) -> Path:
    """A pose file: one second of wandering joints."""
    path = tmp_path / "dance.npz"
    random_walk_px(20, seed=5).save(path)
    return path


@pytest.fixture
def in_space(tmp_path: Path) -> Path:
    """The same in metres."""
    flat = random_walk_px(20, seed=5)
    keypoints = np.concatenate([flat.keypoints * (0.005, -0.005), np.zeros((20, 16, 1))], axis=2)
    path = tmp_path / "in-space.npz"
    flat.with_keypoints(keypoints).save(path)
    return path


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A grey video, 320x240."""
    path = tmp_path / "film.mp4"
    write_video([np.full((240, 320, 3), 90, np.uint8)] * 24, path, 20)
    return path


def first_frame(path: Path) -> NDArray[np.uint8]:
    return next(iter(read_frames(path)))


def share_of(picture: NDArray[np.uint8], colour: tuple[int, int, int], within: int = 40) -> float:
    return float((np.abs(picture.astype(int) - colour).max(axis=2) < within).mean())


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.webm", "a.gif"])
def test_films_and_animations(bopbot: Bopbot, dance: Path, tmp_path: Path, name: str) -> None:
    answer = bopbot("render", dance, "-o", tmp_path / name, *SMALL)
    assert answer.code == 0
    assert answer.out.strip() == f"{tmp_path / name} (1.0 s)"
    assert "BopBot's own" in answer.err
    with av.open(str(tmp_path / name)) as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert frames == 29


def test_an_animated_picture(bopbot: Bopbot, dance: Path, tmp_path: Path) -> None:
    assert bopbot("render", dance, "-o", tmp_path / "a.webp", *SMALL).code == 0
    with Image.open(tmp_path / "a.webp") as picture:
        assert (picture.n_frames, picture.size) == (29, (160, 120))


def test_frames_a_sheet_and_a_player(bopbot: Bopbot, dance: Path, tmp_path: Path) -> None:
    assert bopbot("render", dance, "-o", tmp_path / "frames", *SMALL).code == 0
    assert len(list((tmp_path / "frames").glob("*.png"))) == 29
    for name, begins in (("sheet.svg", "<?xml"), ("player.html", "<!doctype html>")):
        assert bopbot("render", dance, "-o", tmp_path / name, "--quiet").err == ""
        assert (tmp_path / name).read_text(encoding="utf-8").lower().startswith(begins)


def test_a_line_of_three_is_three_dancers(bopbot: Bopbot, tmp_path: Path) -> None:
    standing_px(10).save(tmp_path / "one.npz")
    blues = []
    for name, wishes in (("one", ()), ("three", ("--formation", "line:3", "--mirror", "--canon", 0.1))):
        path = tmp_path / f"{name}.mp4"
        assert bopbot("render", tmp_path / "one.npz", "-o", path, "--width", 480, "--height", 160, *wishes).code == 0
        columns = np.abs(first_frame(path).astype(int) - THEMES["light"].right).max(axis=2) < 40
        seen = np.flatnonzero(columns.any(axis=0))
        blues.append(int((np.diff(seen) > 20).sum()) + 1)
    assert blues == [1, 3]


def test_dancers_of_two_files_share_a_picture(bopbot: Bopbot, tmp_path: Path) -> None:
    standing_px(10).save(tmp_path / "a.npz")
    moved(standing_px(10), np.tile([400.0, 0], (10, 1))).save(tmp_path / "b.npz")
    assert bopbot("render", tmp_path / "a.npz", tmp_path / "b.npz", "-o", tmp_path / "c.mp4", *SMALL).code == 0
    orange = np.abs(first_frame(tmp_path / "c.mp4").astype(int) - THEMES["light"].left).max(axis=2) < 50
    columns = np.flatnonzero(orange.any(axis=0))
    assert (np.diff(columns) > 30).sum() == 1


def test_over_a_video_the_dance_is_where_it_was_filmed(bopbot: Bopbot, film: Path, tmp_path: Path) -> None:
    small = standing_px(24).with_keypoints((standing_px(24).keypoints - (400, 700)) * np.float32(0.8))
    small.save(tmp_path / "a.npz")
    over = tmp_path / "over.mp4"
    assert bopbot("render", tmp_path / "a.npz", "-o", over, "--over", film, "--fps", 20).code == 0
    info = probe(over)
    assert (info.width, info.height) == (320, 240)
    picture = first_frame(over).astype(int)
    assert np.abs(picture[5, 5] - 90).max() < 6
    knee = 0.7 * small.joint("left_knee")[0] + 0.3 * small.joint("left_ankle")[0]
    x, y = knee.round().astype(int)
    assert np.abs(picture[y, x] - THEMES["light"].left).max() < 60
    assert bopbot("render", tmp_path / "a.npz", "-o", over, "--over", film, "--height", 120).code == 0
    assert (probe(over).width, probe(over).height) == (160, 120)


def test_beats_of_the_dance_and_a_title(bopbot: Bopbot, dance: Path, tmp_path: Path) -> None:
    plain, marked = tmp_path / "plain.mp4", tmp_path / "marked.mp4"
    assert bopbot("render", dance, "-o", plain, *SMALL).code == 0
    assert bopbot("render", dance, "-o", marked, *SMALL, "--beats", "--title", "Now").code == 0
    differing = (np.abs(first_frame(plain).astype(int) - first_frame(marked)) > 30).any(axis=(1, 2))
    assert differing[:20].any()
    assert differing[100:].any()


def test_the_words_of_the_dance_stand_below(bopbot: Bopbot, tmp_path: Path) -> None:
    random_walk_px(60, seed=5).save(tmp_path / "dance.npz")
    for name, wishes in (("plain.mp4", ()), ("words.mp4", ("--captions", STARTER))):
        assert bopbot("render", tmp_path / "dance.npz", "-o", tmp_path / name, *SMALL, *wishes).code == 0
    plain, words = (np.stack(list(read_frames(tmp_path / name))).astype(int) for name in ("plain.mp4", "words.mp4"))
    differing = np.abs(words - plain).max(axis=(1, 2, 3)) > 60
    assert differing.mean() > 0.7


@pytest.mark.parametrize(
    ("wishes", "says"),
    [
        (["-o", "a.html", "--style", "mannequin"], "a player draws the style stick"),
        (["-o", "a.html", "--formation", "line:3"], "a player shows dancers as they are"),
        (["-o", "a.gif", "--audio", "film.mp4"], "a.gif"),
        (["-o", "a.mp4", "--audio", "film.mp4"], "has no sound"),
        (["-o", "a.mp4", "--theme", "transparent"], ".webm"),
        (["-o", "a.html", "--theme", "studio"], "a player is light or dark"),
        (["-o", "film.mp4", "--over", "film.mp4"], "is also an input or another output"),
        (["-o", "a.mp4", "--over", "film.mp4", "--formation", "line:3"], "needs a stage"),
        (["-o", "a.webm", "--over", "film.mp4", "--theme", "transparent"], "is not transparent"),
        (["-o", "a.mp4", "--title", "\u4f60"], "U+4F60"),
        (["-o", "a.mp4", "--person", "2"], "no person 2"),
        (["-o", "a.mp4", "--captions", "dance.npz"], "dance.npz"),
    ],
)
def test_what_cannot_be_is_answered(
    bopbot: Bopbot, dance: Path, film: Path, monkeypatch: pytest.MonkeyPatch, wishes: list[str], says: str
) -> None:
    monkeypatch.chdir(dance.parent)
    before = sorted(path.name for path in dance.parent.iterdir())
    answer = bopbot("render", "dance.npz", *wishes)
    assert answer.code == 1
    assert len(answer.err.strip().splitlines()) == 1
    assert says in answer.err
    assert sorted(path.name for path in dance.parent.iterdir()) == before


def test_metres_have_no_place_in_a_filmed_picture(bopbot: Bopbot, in_space: Path, film: Path, tmp_path: Path) -> None:
    answer = bopbot("render", in_space, "-o", tmp_path / "a.mp4", "--over", film)
    assert answer.code == 1
    assert "give 2D poses" in answer.err


def test_dancers_of_different_kinds_do_not_meet(bopbot: Bopbot, dance: Path, in_space: Path, tmp_path: Path) -> None:
    answer = bopbot("render", dance, in_space, "-o", tmp_path / "a.mp4")
    assert answer.code == 1
    assert "2D at 30 frames per second, 3D" in answer.err


def test_a_video_is_no_file_of_poses(bopbot: Bopbot, film: Path, tmp_path: Path) -> None:
    answer = bopbot("render", film, "-o", tmp_path / "a.mp4")
    assert answer.code == 1
    assert "bopbot extract" in answer.err


@pytest.mark.parametrize(
    "wishes",
    [
        [],
        ["-o", "a.mp4", "--live", "json"],
        ["-o", "a.mp4", "--theme", "pink"],
        ["-o", "a.mp4", "--formation", "heap:3"],
        ["-o", "a.mp4", "--formation", "line:0"],
        ["-o", "a.mp4", "--loop"],
    ],
)
def test_wrong_usage(bopbot: Bopbot, dance: Path, wishes: list[str]) -> None:
    assert bopbot("render", dance, *wishes).code == 2


@pytest.mark.parametrize(
    "wishes",
    [
        ["--live", "json", "--grid"],
        ["--live", "json", "--no-shadow"],
        ["-o", "a.html", "--beats"],
        ["-o", "a.svg", "--captions", "model"],
        ["-o", "a.svg", "--audio", "film.mp4"],
    ],
)
def test_an_option_that_changes_nothing_is_refused(bopbot: Bopbot, dance: Path, wishes: list[str]) -> None:
    answer = bopbot("render", dance, *wishes)
    assert answer.code == 2
    assert "has no effect" in " ".join(answer.err.split())


def test_a_single_pose_is_a_picture(bopbot: Bopbot, tmp_path: Path) -> None:
    standing_px(1).save(tmp_path / "one.npz")
    assert bopbot("render", tmp_path / "one.npz", "-o", tmp_path / "one.png", *SMALL).code == 0
    assert cv2.imread(str(tmp_path / "one.png")).shape == (120, 160, 3)
