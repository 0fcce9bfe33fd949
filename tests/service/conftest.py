"""The service as tests ask for it: with the worker's part played by the test, or whole."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browsers import browser  # noqa: F401  a fixture
from service.clip import write_short_clip
from service.stage import LIMITS, Stage, staged
from service.tree import Tree
from service.visiting import clip, open_page, performer  # noqa: F401  fixtures


@pytest.fixture(scope="module")
def stage_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Stage]]:
    """Makes servers with other limits."""
    with ExitStack() as stages:

        def make(**limits: Any) -> Stage:
            return stages.enter_context(staged(tmp_path_factory.mktemp("stage"), replace(LIMITS, **limits)))

        yield make


@pytest.fixture(scope="module")
def stage(stage_of: Callable[..., Stage]) -> Stage:
    """A server whose worker is the test, for all tests of a file."""
    return stage_of()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """The whole service in processes of its own, ready to dance."""
    tree = Tree(tmp_path_factory.mktemp("service") / "kept")
    tree.wait(tree.is_healthy)
    yield tree
    tree.stop()


@pytest.fixture(scope="session")
def short_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of the example, small: the least that a dance can be made of quickly."""
    return write_short_clip(tmp_path_factory.mktemp("clip") / "my private dance.mp4")
