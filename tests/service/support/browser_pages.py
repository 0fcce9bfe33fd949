"""Pages opened in a real browser, on a server whose worker is the test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from service.support.app_server import AppServer
from service.support.fake_worker import FakeWorker, film

from bopbot.service.limits import MIB

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "my dance.mp4"
    film(path)
    return path


@pytest.fixture(scope="module")
def fake_worker(app_server_with: Callable[..., AppServer], clip: Path) -> FakeWorker:
    return FakeWorker(app_server_with(waiting=100, upload_bytes=MIB), clip.read_bytes())


@pytest.fixture
def open_page(browser: Browser, fake_worker: FakeWorker) -> Iterator[Open]:
    """Opens pages in fresh profiles; whatever a browser complains about on its console fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(path: str = "/", **profile: Any) -> Page:
        context = browser.new_context(**{"base_url": fake_worker.app_server.url, "reduced_motion": "reduce", **profile})
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def choose(page: Page, clip: Path) -> None:
    page.get_by_label("Choose a video").set_input_files(clip)
    expect(page.get_by_role("button", name="Make a dance")).to_be_focused()
