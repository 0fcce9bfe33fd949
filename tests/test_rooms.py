"""Imports follow the figure in ``docs/architecture.md``: every room imports only from the lines below its own."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bopbot", "models", "render", "pose_vocab")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
FIGURE = re.search(r"## The figure.*?```\n(.*?)```", ARCHITECTURE, re.DOTALL)
LINES = [line.split() for line in FIGURE.group(1).splitlines()] if FIGURE else []
DEPTH = {room: depth for depth, line in enumerate(LINES) for room in line}

MAY_IMPORT = {
    "pose_vocab": {"pose_vocab"},
    "models": {"models", "pose_vocab"},
    "render": {"render", "pose_vocab"},
    "bopbot": {"bopbot", "models", "render", "pose_vocab"},
}
SEES_INTEGERS_ONLY = [
    f"models/{name}.py"
    for name in (
        *("baselines", "gpt2", "row_layout", "row_embedding", "row_reader", "language_model", "lstm", "lstm_stack"),
        *("mixture_lstm", "pretrained", "sampling", "training", "training_windows", "resume_state"),
        *("vocabulary_expansion",),
    )
]
FOREIGN = {"pose_vocab": {"torch", "transformers"}, "render": {"torch", "transformers", "mediapipe"}}
MOST_MODULES_IN_BOPBOT = 9
ENTRANCES = {"bopbot/__init__.py", "bopbot/__main__.py", "pose_vocab/__init__.py"}
"""They hand out names of rooms above them when these are first used."""


def imported(module: Path) -> Iterator[str]:
    """Yield the dotted names of the modules that a module imports."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            package = str(node.module)
            for name in node.names:
                yield f"{package}.{name.name}" if is_module(f"{package}.{name.name}") else package


def is_module(dotted: str) -> bool:
    path = ROOT / dotted.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


def room_of(dotted: str) -> str:
    """Return the room of the figure in which a module stands."""
    inside = [room for room in DEPTH if f"{dotted}.".startswith(f"{room}.")]
    assert inside, f"docs/architecture.md has no room for {dotted}"
    return max(inside, key=len)


def dotted(module: Path) -> str:
    return ".".join(module.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def test_every_folder_of_bopbot_and_pose_vocab_is_a_room_of_the_figure() -> None:
    """A folder with a module, directly in the package."""
    for package in ("bopbot", "pose_vocab"):
        for folder in {module.parent for module in modules(package)}:
            if folder.parent == ROOT / package:
                assert dotted(folder) in DEPTH, f"docs/architecture.md lacks {dotted(folder)}"
    assert all((ROOT / room.replace(".", "/")).is_dir() for room in DEPTH)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_room_imports_only_from_the_lines_below_it(package: str) -> None:
    for module in modules(package):
        if str(module.relative_to(ROOT)) in ENTRANCES:
            continue
        here = room_of(dotted(module))
        for name in imported(module):
            if name.split(".")[0] in PACKAGES:
                there = room_of(name)
                assert here == there or DEPTH[here] < DEPTH[there], f"{dotted(module)} imports {name}"


def test_every_line_of_the_figure_is_needed() -> None:
    """Two lines are two because something above imports something below."""
    for above, below in pairwise(LINES):
        joined = {
            room_of(name)
            for room in above
            for module in modules(room.split(".")[0])
            if room_of(dotted(module)) == room
            for name in imported(module)
            if name.split(".")[0] in PACKAGES
        }
        assert joined & set(below), f"nothing in {above} imports anything in {below}"


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_from_below(package: str) -> None:
    assert modules(package)
    for module in modules(package):
        for name in imported(module):
            top = name.split(".")[0]
            assert top not in MAY_IMPORT or top in MAY_IMPORT[package], f"{module} imports {name}"
            assert top not in FOREIGN.get(package, set()), f"{module} imports {name}"


@pytest.mark.parametrize("module", SEES_INTEGERS_ONLY)
def test_language_models_know_no_poses(module: str) -> None:
    ours = {name for name in imported(ROOT / module) if name.startswith("pose_vocab")}
    assert ours <= {"pose_vocab.errors", "pose_vocab.files", "pose_vocab.ids"}


def test_the_paths_that_the_architecture_names_exist() -> None:
    paths = re.findall(r"`((?:bopbot|models|render|pose_vocab|tests)/[\w./]*)`", ARCHITECTURE)
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_top_of_bopbot_stays_small() -> None:
    assert len(list((ROOT / "bopbot").glob("*.py"))) <= MOST_MODULES_IN_BOPBOT
