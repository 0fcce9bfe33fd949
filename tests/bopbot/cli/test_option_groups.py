"""Groups of options: defined once, seen by typer as single options, one object in the command."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from bopbot.cli import app
from bopbot.cli.option_groups import (
    CleaningOptions,
    OptionGroup,
    PoseFileOptions,
    PoseModelOptions,
    SamplingOptions,
    takes_option_groups,
)
from pose_vocab.cleaning import Cleaning
from pose_vocab.formats import PoseInput

POSE_FILES = {"--format", "--source-fps", "--skeleton", "--source-size"}
CLEANING = {"--min-confidence", "--max-gap", "--smoothing"}
SAMPLING = {"--seed", "--energy", "--temperature", "--top-k", "--top-p"}


def options_of(*path: str) -> set[str]:
    command: Any = typer.main.get_command(app)
    for name in path:
        command = command.commands[name]
    assert all(option.help for option in command.params if option.param_type_name == "option" and option.name != "help")
    return {name for option in command.params for name in option.opts}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["choreograph"], POSE_FILES | CLEANING | SAMPLING | {"--pose-model", "--pose"}),
        (["train"], POSE_FILES | CLEANING | {"--pose-model", "--pose"}),
        (["vocab", "build"], POSE_FILES | CLEANING | {"--pose-model", "--pose"}),
        (["evaluate"], POSE_FILES | CLEANING | {"--pose-model", "--pose"}),
        (["render"], POSE_FILES),
        (["convert"], POSE_FILES),
        (["generate"], SAMPLING),
        (["live"], SAMPLING),
    ],
)
def test_every_command_lists_the_options_of_its_groups(command: list[str], expected: set[str]) -> None:
    assert expected <= options_of(*command)


def typed(*words: str) -> list[OptionGroup]:
    """Run a command with two groups, and return what it got."""
    got: list[OptionGroup] = []

    def command(path: Path, *, cleaning: CleaningOptions, more: int = 1, pose_files: PoseFileOptions) -> None:
        got.extend([cleaning, pose_files])

    small = typer.Typer()
    run: Callable[..., None] = takes_option_groups(command)
    small.command()(run)
    answer = CliRunner().invoke(small, ["a.npz", *words], standalone_mode=False)
    assert answer.exception is None
    return got


def test_a_command_gets_one_object_for_each_group() -> None:
    assert typed() == [CleaningOptions(), PoseFileOptions()]
    assert typed("--max-gap", "0", "--source-fps", "20") == [CleaningOptions(max_gap=0), PoseFileOptions(source_fps=20)]


def test_groups_become_the_objects_of_the_library() -> None:
    assert CleaningOptions(0, 0.25, 0).cleaning() == Cleaning(None, 0.25, None)
    bundle = Path("a.task")
    assert PoseFileOptions("csv", 20, None, "640x480").pose_input(bundle) == PoseInput(
        "csv", 20, None, (640, 480), bundle
    )
    assert PoseModelOptions().pose_model is None
    sampling = SamplingOptions(seed=3, top_k=5).sampling(seconds=2, own=0.7)
    assert (sampling.seed, sampling.top_k, sampling.seconds, sampling.own) == (3, 5, 2, 0.7)


@pytest.mark.parametrize("option", ["--pose", "--pose-model"])
def test_the_heavy_pose_model_is_named_where_it_is_missing(
    option: str, bopbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    answer = bopbot("extract", "a.mp4", "-o", tmp_path / "poses", option, "heavy")
    assert answer.code == 2
    assert "save MediaPipe's pose_landmarker_heavy.task there" in " ".join(answer.err.replace("│", "").split())
