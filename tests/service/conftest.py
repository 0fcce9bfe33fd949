"""The service as tests ask for it: with the worker's part played by the test, or whole."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browsers import browser  # noqa: F401  a fixture
from service.support.app_server import LIMITS, AppServer, running_app_server
from service.support.browser_pages import clip, fake_worker, open_page  # noqa: F401  fixtures
from service.support.service_processes import ServiceProcesses
from service.support.short_clip import write_short_clip


@pytest.fixture(scope="module")
def app_server_with(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., AppServer]]:
    """Makes servers with other limits."""
    with ExitStack() as stages:

        def make(**limits: Any) -> AppServer:
            return stages.enter_context(running_app_server(tmp_path_factory.mktemp("stage"), replace(LIMITS, **limits)))

        yield make


@pytest.fixture(scope="module")
def app_server(app_server_with: Callable[..., AppServer]) -> AppServer:
    """A server whose worker is the test, for all tests of a file."""
    return app_server_with()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcesses]:
    """The whole service in processes of its own, ready to dance."""
    processes = ServiceProcesses(tmp_path_factory.mktemp("service") / "kept")
    processes.wait(processes.is_healthy)
    yield processes
    processes.stop()


@pytest.fixture(scope="session")
def short_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of the example, small: the least that a dance can be made of quickly."""
    return write_short_clip(tmp_path_factory.mktemp("clip") / "my private dance.mp4")
