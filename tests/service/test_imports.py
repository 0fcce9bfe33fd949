"""Which modules the web server may load: nothing of the worker, and none of the libraries that make a dance."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ROOT / "bopbot" / "service"
WORKER = "bopbot.service.worker"
SERVER = sorted(
    path
    for path in SERVICE.rglob("*.py")
    if path.relative_to(SERVICE).parts[0] not in ("worker", "client") and path.name != "__init__.py"
)
HEAVY = ("torch", "mediapipe", "cv2", "numba", "av", "transformers")


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imported(module: str) -> Iterator[str]:
    """Yield the modules of ours that a module imports at any depth of its text, and the packages it lies in."""
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if not file.exists():
        return
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reached_from(module: str) -> set[str]:
    """Return all modules of the service that a module imports, directly or through others."""
    found, waiting = set[str](), [module]
    while waiting:
        name = waiting.pop()
        if name not in found and name.startswith("bopbot.service"):
            found.add(name)
            waiting += imported(name)
    return found


@pytest.mark.parametrize("path", SERVER, ids=name_of)
def test_the_server_imports_nothing_of_the_worker(path: Path) -> None:
    reached = reached_from(name_of(path))
    assert not [name for name in reached if name.split(".")[:3] == WORKER.split(".")]


def test_the_rule_sees_transitive_imports() -> None:
    assert {f"{WORKER}.tasks", "bopbot.service.options", "bopbot.service.store.file_names"} <= reached_from(
        f"{WORKER}.tasks"
    )
    assert f"{WORKER}.sandbox_child" in reached_from(f"{WORKER}.main")


def test_the_server_loads_no_heavy_library() -> None:
    code = f"import bopbot.cli, bopbot.service.supervisor, sys; print(*(m for m in {HEAVY} if m in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert loaded.stdout.split() == []
