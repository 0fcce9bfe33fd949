"""The service as tests ask for it: with the worker's part played by the test, or whole."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import pytest
import requests
from browsers import browser  # noqa: F401  a fixture
from service.stage import LIMITS, Stage, staged
from service.visiting import clip, open_page, performer  # noqa: F401  fixtures

from pose_vocab.video import read_frames
from render.writer import write_video

EXAMPLE = Path(__file__).parents[2] / "bopbot" / "example" / "salsa.mp4"
STARTS_S = 60.0
"""Longest time until the whole service is ready, on a busy machine."""


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


@dataclass
class Service:
    """`bopbot serve`, with its worker."""

    url: str
    process: subprocess.Popen[bytes]
    folder: Path
    log: Path


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The whole service in processes of its own, ready to dance."""
    folder = tmp_path_factory.mktemp("service")
    log = folder / "log"
    command = [sys.executable, "-m", "bopbot", "serve", "--port", "0", "--folder", str(folder / "kept")]
    with log.open("wb") as stderr, subprocess.Popen(command, stderr=stderr) as process:
        try:
            url = _soon(lambda: re.search(r"BopBot dances at (\S+)", log.read_text()), log)[1]
            _soon(lambda: requests.get(f"{url}/healthz", timeout=10).ok, log)
            yield Service(url, process, folder / "kept", log)
        finally:
            process.send_signal(signal.SIGINT)


def _soon(attempt: Callable[[], Any], log: Path) -> Any:
    due_s = time.monotonic() + STARTS_S
    while not (found := attempt()):
        assert time.monotonic() < due_s, log.read_text()
        time.sleep(0.1)
    return found


@pytest.fixture(scope="session")
def short_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of the example, small: the least that a dance can be made of quickly."""
    pictures = read_frames(EXAMPLE, 20.0, stop_s=4.0)
    path = tmp_path_factory.mktemp("clip") / "my private dance.mp4"
    write_video((cv2.resize(picture, None, fx=0.5, fy=0.5) for picture in pictures), path, 20.0)
    return path
