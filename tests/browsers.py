"""A real browser for pages that people are to open."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from required_programs import require_program

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window.

    It lives no longer than one file of tests: while it does, asyncio takes its thread for busy.
    """
    program = require_program(*CHROMIUMS)
    root_has_no_sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=root_has_no_sandbox)
        yield chromium
        chromium.close()
