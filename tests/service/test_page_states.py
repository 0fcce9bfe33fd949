"""Every state of the page: nothing in it that axe-core finds fault with, and nothing wider than the screen."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from service.support.browser_pages import Open, choose
from service.support.fake_worker import STATES, FakeWorker

PHONE, DESK = {"width": 360, "height": 780}, {"width": 1440, "height": 900}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_is_accessible_and_fits_a_phone(
    open_page: Open, fake_worker: FakeWorker, clip: Path, scheme: str
) -> None:
    page = open_page(color_scheme=scheme, viewport=DESK if scheme == "light" else PHONE)

    def check(state: str) -> None:
        found = Axe().run(page)
        assert found.violations_count == 0, f"{state}: {found.generate_report()}"
        for width in (PHONE["width"], 430, 768, DESK["width"]):
            page.set_viewport_size({**page.viewport_size, "width": width})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (state, width)

    check("start")
    choose(page, clip)
    page.get_by_text("More", exact=True).click()
    check("chosen")
    for state, make in STATES.items():
        page.goto(f"/d/{make(fake_worker)}")
        for summary in page.locator("summary").all():
            if summary.is_visible():
                summary.click()
        check(state)
    page.goto("/d/" + "A" * 22)
    check("gone")
