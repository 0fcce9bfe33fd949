"""A real browser for pages that people are to open."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window; a machine that has none skips the test.

    It lives no longer than one file of tests: while it does, asyncio takes its thread for busy.
    """
    program = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if program is None:
        pytest.skip(f"no browser found; install one of {', '.join(CHROMIUMS)}")
    root_has_no_sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=root_has_no_sandbox)
        yield chromium
        chromium.close()
