"""Who may import whom: bopbot -> models, render -> pose_vocab -> nothing of ours."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
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


def imported(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            yield str(node.module)


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_from_below(room: str) -> None:
    assert modules(room)
    for module in modules(room):
        for name in imported(module):
            top = name.split(".")[0]
            assert top not in MAY_IMPORT or top in MAY_IMPORT[room], f"{module} imports {name}"
            assert top not in FOREIGN.get(room, set()), f"{module} imports {name}"


@pytest.mark.parametrize("module", SEES_INTEGERS_ONLY)
def test_language_models_know_no_poses(module: str) -> None:
    ours = {name for name in imported(ROOT / module) if name.startswith("pose_vocab")}
    assert ours <= {"pose_vocab.errors", "pose_vocab.files"}
