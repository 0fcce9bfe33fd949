"""The table of outputs: every kind is written and read again, and what it cannot hold is refused."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import random_walk_px
from written_dances import SUFFIXES, assert_holds_dance, name_for

from bopbot.cli.options import DanceOutput
from bopbot.drawing.look import Look
from bopbot.drawing.outputs import DANCES, DRAWN, POSES, OutputOptions, find_output
from bopbot.drawing.pose_drawing import draw
from pose_vocab.errors import OutputError
from render.sound import Soundtrack
from render.writer import OUTPUTS, write_video

SMALL = Look(width=64, height=64)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_written_is_read_again(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / name_for(suffix)
    draw([random_walk_px(16, seed=1)], path, SMALL, kinds=DANCES)
    assert_holds_dance(path, 16)


def test_every_suffix_is_in_one_row_of_each_command() -> None:
    for kinds in (DRAWN, POSES):
        suffixes = [suffix for kind in kinds for suffix in kind.suffixes]
        assert len(suffixes) == len(set(suffixes))
    assert {suffix for kind in DRAWN for suffix in kind.suffixes} == {*OUTPUTS, ".svg", ".html", ".htm"}


def test_the_help_names_every_suffix() -> None:
    [option] = DanceOutput.__metadata__
    for suffix in filter(None, SUFFIXES):
        assert suffix in option.help
    assert "without a suffix" in option.help


@pytest.mark.parametrize(
    ("name", "kinds", "why"),
    [
        ("a.npz", DRAWN, r".npz holds poses; bopbot convert writes it; expected a name with .mp4"),
        ("a.mp4", POSES, r"bopbot render draws .mp4; expected a name with .npz, .bvh, .openpose"),
        ("a.png", DANCES, r".png holds one picture; expected a name with .mp4"),
        ("a.txt", DANCES, r"no kind of file '.txt'; expected .*without a suffix for a folder of PNG frames"),
        ("a.txt", POSES, r"without a suffix for OpenPose JSON"),
    ],
)
def test_another_suffix_is_refused_with_those_that_work(name: str, kinds: Any, why: str) -> None:
    with pytest.raises(OutputError, match=why):
        find_output(Path(name), kinds)


@pytest.mark.parametrize("name", ["a.npz", "a.bvh", "a.openpose", "a.svg", "a.html"])
def test_what_a_kind_cannot_hold_is_refused_with_what_would_work(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    kind = find_output(path, DANCES)
    sound = tmp_path / "sound.wav"
    for options, why in (
        (OutputOptions(audio=Soundtrack(sound)), "has no sound; leave --audio out, or name a .mp4"),
        (OutputOptions(with_video=True), "leave --over or --layout out, or name a .mp4"),
    ):
        with pytest.raises(OutputError, match=why):
            kind.check(path, options)


def test_poses_have_no_style_and_some_hold_one_person(tmp_path: Path) -> None:
    for name, options, why in (
        ("a.bvh", OutputOptions(Look(style="neon")), "leave --style out, or name a .mp4"),
        ("a.bvh", OutputOptions(n_people=2), "holds one person, not 2; .* .openpose, .pose, .csv"),
    ):
        with pytest.raises(OutputError, match=why):
            find_output(tmp_path / name, DANCES).check(tmp_path / name, options)
    for name in ("a.csv", "a.openpose", "a.pose", "a.svg", "a.mp4"):
        find_output(tmp_path / name, DANCES).check(tmp_path / name, OutputOptions(n_people=2))


def test_a_folder_of_other_things_is_not_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "dance.openpose"
    draw([random_walk_px(16, seed=1)], folder, SMALL, kinds=DANCES)
    kind = find_output(folder, DANCES)
    kind.check(folder, OutputOptions())
    (folder / "letter.txt").write_text("")
    with pytest.raises(OutputError, match=r"contains letter.txt"):
        kind.check(folder, OutputOptions())


def test_pictures_are_drawn_only_where_they_are_written(tmp_path: Path) -> None:
    def never() -> Any:
        pytest.fail("pictures were drawn")

    for name in ("a.npz", "a.svg", "a.html"):
        find_output(tmp_path / name, DANCES).write(
            [random_walk_px(16, seed=1)], tmp_path / name, OutputOptions(), never
        )


def test_a_silent_file_is_no_sound(tmp_path: Path) -> None:
    silent = tmp_path / "silent.mp4"
    write_video([np.zeros((16, 16, 3), np.uint8)] * 3, silent, 20)
    with pytest.raises(Exception, match="has no sound"):
        find_output(tmp_path / "a.mp4", DANCES).check(tmp_path / "a.mp4", OutputOptions(audio=Soundtrack(silent)))


def test_a_missing_extra_is_named_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "a.parquet"
    with pytest.raises(OutputError, match=r"needs pyarrow, .* pip install 'bopbot\[parquet\]'"):
        find_output(path, DANCES).check(path, OutputOptions())
