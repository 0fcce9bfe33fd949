"""The whole journey with nothing played: a browser, the server, a worker, a dance."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from service.support.service_processes import ServiceProcesses

DANCES_MS = 120_000
"""Longest time for a dance, on a busy machine with a cold worker."""


@pytest.fixture
def page(browser: Browser, service: ServiceProcesses) -> Page:
    return browser.new_page(base_url=service.url, reduced_motion="reduce")


@pytest.mark.slow
def test_a_video_becomes_a_dance_and_then_another_one_and_then_nothing(
    page: Page, service: ServiceProcesses, short_clip: Path
) -> None:
    page.goto("/")
    page.get_by_label("Choose a video").set_input_files(short_clip)
    page.get_by_role("radio", name="10 s").check(force=True)
    page.get_by_role("button", name="Make a dance").click()
    page.wait_for_url("**/d/*")
    poem = page.get_by_role("region", name="A dance is a text")
    expect(poem).to_be_visible(timeout=DANCES_MS)
    expect(page.get_by_role("heading", name="A new dance")).to_be_visible(timeout=DANCES_MS)
    first = page.locator("[data-scroll]").inner_text()
    assert len(first.split()) == pytest.approx(10 * 10 * 5, abs=10)
    ready = "[...document.querySelectorAll('video')].every(video => video.readyState > 1 && !video.error)"
    expect(page.get_by_label("Your dance", exact=True)).to_be_visible()
    while not page.evaluate(ready):
        page.wait_for_timeout(50)
    assert page.evaluate("document.querySelector('[data-new] video').duration") == pytest.approx(10, abs=0.2)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()

    for link in page.get_by_role("region", name="Keep it").get_by_role("link").all():
        with page.expect_download() as download:
            link.click()
        assert Path(download.value.path()).stat().st_size > 100

    page.get_by_role("button", name="Dance again").click()
    page.wait_for_url("**/2")
    expect(page.get_by_role("heading", name="A new dance")).to_be_visible(timeout=DANCES_MS)
    assert page.locator("[data-scroll]").inner_text() != first
    page.get_by_text("Delete everything").first.click()
    page.get_by_role("button", name="Yes, delete everything").click()
    expect(page.get_by_role("heading", name="Show me a dance.")).to_be_visible()
    assert list((service.folder / "jobs").iterdir()) == []
