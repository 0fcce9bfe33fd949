"""`choreograph` and `generate` write every kind of file, typed as a user types it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pygltflib
import pytest
from written_dances import SUFFIXES, assert_holds_dance, name_for

from bopbot.drawing.outputs import POSES
from pose_vocab.formats import read_people
from pose_vocab.joint_mapping import to_dancer

Bopbot = Callable[..., Any]
POSE_SUFFIXES = {suffix for kind in POSES for suffix in kind.suffixes if suffix}
"""Poses are written at the rate of the model's words."""


@pytest.fixture
def continue_dance(bopbot: Bopbot, dances: Path, tiny_model: Path) -> Callable[..., Any]:
    """Run ``bopbot choreograph`` on a pose file, with a tiny model, for one second."""

    def run(output: Path, *more: object) -> Any:
        how = ("--model", tiny_model, "--no-adapt", "--seconds", 1, "--max-copied", 1, *more)
        return bopbot("choreograph", dances / "take_0.npz", "-o", output, *how)

    return run


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_choreograph_writes_every_kind(continue_dance: Callable[..., Any], tmp_path: Path, suffix: str) -> None:
    output = tmp_path / name_for(suffix)
    answer = continue_dance(output)
    assert (answer.code, answer.err) == (0, "")
    assert f"dance   {output}: GPT-2" in answer.out
    assert_holds_dance(output, 30)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_generate_writes_every_kind(bopbot: Bopbot, tiny_model: Path, tmp_path: Path, suffix: str) -> None:
    output = tmp_path / name_for(suffix)
    answer = bopbot("generate", "--model", tiny_model, "-o", output, "--seconds", 1)
    assert answer.code == 0, answer.err
    assert answer.out == f"{output} (1 s)\n"
    assert_holds_dance(output, 20 if suffix in POSE_SUFFIXES else 29)


@pytest.mark.parametrize("suffix", [".bvh", ".openpose", ".html"])
def test_takes_are_written_in_every_kind(continue_dance: Callable[..., Any], tmp_path: Path, suffix: str) -> None:
    answer = continue_dance(tmp_path / f"new{suffix}", "--takes", 2, "--json")
    assert answer.code == 0, answer.err
    outputs = [tmp_path / f"new{suffix}", tmp_path / f"new-2{suffix}"]
    assert [dance["output"] for dance in json.loads(answer.out)["dances"]] == [*map(str, outputs)]
    for output in outputs:
        assert_holds_dance(output, 30)


def test_a_glb_holds_all_takes_as_animations(continue_dance: Callable[..., Any], tmp_path: Path) -> None:
    answer = continue_dance(tmp_path / "new.glb", "--takes", 3, "--json")
    assert answer.code == 0, answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["new.glb"]
    dances = json.loads(answer.out)["dances"]
    assert [dance["output"] for dance in dances] == [str(tmp_path / "new.glb")] * 3
    assert len({dance["seed"] for dance in dances}) == 3
    names = [animation.name for animation in pygltflib.GLTF2().load(tmp_path / "new.glb").animations]
    assert names == ["take 1", "take 2", "take 3"]
    assert_holds_dance(tmp_path / "new.glb", 30)


def test_the_depth_of_2d_words_is_estimated_and_reported(continue_dance: Callable[..., Any], tmp_path: Path) -> None:
    answer = continue_dance(tmp_path / "new.bvh")
    assert "note    " in answer.out
    assert "depth is estimated" in answer.out
    assert read_people(tmp_path / "new.bvh").people[0].dims == 3


def test_two_language_models_are_two_people(continue_dance: Callable[..., Any], tmp_path: Path) -> None:
    assert continue_dance(tmp_path / "new.pose", "--lm", "both").code == 0
    assert len(read_people(tmp_path / "new.pose").people) == 2
    answer = continue_dance(tmp_path / "new.npz", "--lm", "both")
    assert answer.code == 1
    assert "holds one person, not 2" in answer.err


@pytest.mark.parametrize("takes", [1, 2])
def test_two_language_models_stand_beside_each_other_as_characters(
    continue_dance: Callable[..., Any], tmp_path: Path, takes: int
) -> None:
    assert continue_dance(tmp_path / "new.glb", "--lm", "both", "--takes", takes).code == 0
    people = [to_dancer(poses) for poses in read_people(tmp_path / "new.glb").people]
    left, right = sorted(people, key=lambda dancer: float(dancer.keypoints[..., 0].mean()))
    assert left.keypoints[..., 0].max() < right.keypoints[..., 0].min()


@pytest.mark.parametrize(
    ("name", "wishes", "why"),
    [
        ("new.bvh", ["--layout", "side-by-side"], "leave --over or --layout out, or name a .mp4"),
        ("new.npz", ["--style", "neon"], "leave --style out, or name a .mp4"),
        ("new.png", [], "holds one picture"),
        ("new.txt", [], "there is no kind of file '.txt'"),
        ("new.html", ["--style", "neon"], "a player draws the style stick"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_work(
    bopbot: Bopbot, tmp_path: Path, name: str, wishes: list[str], why: str
) -> None:
    answer = bopbot("choreograph", tmp_path / "none.mp4", "-o", tmp_path / name, *wishes)
    assert answer.code == 1
    assert why in answer.err
    assert list(tmp_path.iterdir()) == []
