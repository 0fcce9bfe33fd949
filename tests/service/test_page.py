"""The page as people use it: a real browser, the real application, and a test that does the worker's part."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from service.support.app_server import AppServer
from service.support.browser_pages import Open, choose
from service.support.fake_worker import WORDS, FakeWorker

from bopbot.service.limits import MIB

SOON_S = 10


def job_of(page: Page) -> str:
    page.wait_for_url("**/d/*")
    return page.url.rsplit("/", 1)[1]


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def soon(page: Page, condition: str) -> None:
    """Playwright's own way to wait for a condition needs an eval, which the pages forbid."""
    due_s = time.monotonic() + SOON_S
    while not page.evaluate(condition):
        assert time.monotonic() < due_s, condition
        page.wait_for_timeout(50)


def test_from_a_video_to_another_take_and_to_nothing(open_page: Open, fake_worker: FakeWorker, clip: Path) -> None:
    page = open_page()
    choose(page, clip)
    expect(page.get_by_text("my dance.mp4, 0.0 MB, 0:02")).to_be_visible()
    page.get_by_role("radio", name="30 s").check(force=True)
    page.get_by_role("radio", name="Neon").check(force=True)
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Seed").fill("7")
    page.get_by_role("button", name="Make a dance").click()
    job_id = job_of(page)
    options = fake_worker.app_server.jobs.take(job_id, 1).options
    assert (options.seconds, options.style, options.seed) == (30, "neon", 7)

    heading(page, "You are next")
    fake_worker.begins(job_id)
    fake_worker.reaches(job_id, "finding", 62)
    heading(page, "Finding the dancer")
    expect(page.get_by_role("listitem").filter(has_text="Finding the dancer")).to_contain_text("62 %")
    expect(page.get_by_role("status")).to_have_text("Finding the dancer")
    fake_worker.learns(job_id)
    fake_worker.reaches(job_id, "writing", 10)
    fake_worker.writes(job_id, 0, 12)
    expect(page.get_by_text(" ".join(WORDS[5:10]))).to_be_visible()
    expect(page.get_by_text(WORDS[10])).to_have_count(0)  # a line appears when it is whole
    fake_worker.finishes(job_id)
    heading(page, "A new dance")
    expect(page.get_by_role("link", name="Film MP4")).to_have_attribute(
        "href", f"/api/jobs/{job_id}/takes/1/dance.mp4?download=1"
    )

    page.get_by_role("button", name="Dance again").click()
    page.wait_for_url("**/2")
    assert fake_worker.app_server.jobs.take(job_id, 2).options.seed == 8
    fake_worker.begins(job_id, 2)
    fake_worker.finishes(job_id, 2)
    expect(page.get_by_role("link", name="Take 2")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="New video").click()
    expect(page.get_by_role("link", name="my dance")).to_have_attribute("href", f"/d/{job_id}")
    page.get_by_role("link", name="my dance").click()

    page.get_by_text("Delete everything").first.click()
    page.get_by_role("button", name="Yes, delete everything").click()
    heading(page, "Show me a dance.")
    expect(page.get_by_role("link", name="my dance")).to_have_count(0)
    assert job_id not in fake_worker.app_server.jobs.ids()


def test_by_keyboard_alone(open_page: Open, fake_worker: FakeWorker, clip: Path) -> None:
    page = open_page()
    page.on("filechooser", lambda chooser: chooser.set_files(clip))

    def tab_to(name: str) -> None:
        focus = "(({ labels, ariaLabel, textContent }) => labels?.[0]?.textContent || ariaLabel || textContent)"
        for _ in range(40):
            page.keyboard.press("Tab")
            if name in page.evaluate(f"{focus}(document.activeElement)"):
                return
        raise AssertionError(f"no way to {name}")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_in_viewport()
    tab_to("Choose a video")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Make a dance")).to_be_focused()
    page.keyboard.press("Enter")
    job_id = job_of(page)
    fake_worker.begins(job_id)
    fake_worker.learns(job_id)
    fake_worker.finishes(job_id)
    expect(page.get_by_role("heading", name="A new dance")).to_be_focused()

    tab_to("Play")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_focused()
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    tab_to("Where in the dance")
    page.keyboard.press("Home")
    for key in (".", ".", ",", "ArrowRight"):
        page.keyboard.press(key)
        soon(page, "!document.querySelector('[data-new] video').seeking")
    assert page.evaluate("document.querySelector('[data-new] video').currentTime") == pytest.approx(2 / 30, abs=0.01)
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Mirror")).to_have_attribute("aria-pressed", "true")
    tab_to("Delete everything")
    page.keyboard.press("Enter")
    tab_to("Yes, delete everything")
    page.keyboard.press("Enter")
    heading(page, "Show me a dance.")


def test_without_scripts(open_page: Open, fake_worker: FakeWorker, clip: Path) -> None:
    page = open_page(java_script_enabled=False)
    page.locator("input[type=file]").set_input_files(clip)
    expect(page.get_by_role("button", name="Record one")).to_be_hidden()
    page.get_by_role("button", name="Make a dance").click()
    job_id = job_of(page)
    fake_worker.begins(job_id)
    fake_worker.learns(job_id)
    fake_worker.reaches(job_id, "learning", 5)
    heading(page, "Learning the moves")  # the page asks again by itself
    fake_worker.finishes(job_id)
    heading(page, "A new dance")
    expect(page.get_by_label("The new dance", exact=True).locator("visible=true")).to_have_attribute("controls", "")
    expect(page.get_by_role("button", name="Loop")).to_be_hidden()
    page.get_by_role("button", name="Dance again").click()
    page.get_by_role("button", name="Cancel").click()
    heading(page, "Stopped.")


def test_both_dances_begin_together_and_move_as_one(open_page: Open, fake_worker: FakeWorker) -> None:
    page = open_page(f"/d/{fake_worker.danced(1)}", reduced_motion="no-preference")
    moments = "[...document.querySelectorAll('video')].map(video => video.currentTime)"
    soon(page, "[...document.querySelectorAll('video')].every(video => video.currentTime > 0.3)")
    original, dance = page.evaluate(moments)
    assert original == pytest.approx(dance, abs=0.2)
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("radio", name="½").check(force=True)
    assert page.evaluate("[...document.querySelectorAll('video')].map(video => video.playbackRate)") == [0.5, 0.5]
    page.get_by_role("slider").fill("1")
    soon(page, "[...document.querySelectorAll('video')].every(video => !video.seeking)")
    assert page.evaluate(moments) == pytest.approx([1, 1], abs=0.02)
    expect(page.locator("[data-scroll] .now")).to_have_text(" ".join(WORDS[50:55]))
    # The nose is 20 pixels to the right after a second.
    nose = "document.querySelector('canvas').getContext('2d').getImageData(21, 1, 1, 1).data[3]"
    soon(page, f"{nose} > 0")
    # The last place counts, also while the original is on its way to an earlier one.
    page.evaluate(
        "for (const at of [0.4, 0.8, 0.2]) document.querySelector('[data-do=scrub]').value = at,"
        " document.querySelector('[data-do=scrub]').oninput()"
    )
    soon(page, "[...document.querySelectorAll('video')].every(video => Math.abs(video.currentTime - 0.2) < 0.02)")


def test_motion_is_reduced_where_that_is_wished(open_page: Open, fake_worker: FakeWorker) -> None:
    page = open_page(f"/d/{fake_worker.danced(1)}")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0
    page.goto("/")
    assert page.evaluate("document.getAnimations().length") == 0


def test_a_reload_in_mid_work_loses_nothing(open_page: Open, fake_worker: FakeWorker) -> None:
    job_id = fake_worker.working()
    page = open_page(f"/d/{job_id}")
    page.reload()
    heading(page, "Writing words")
    expect(page.get_by_text(" ".join(WORDS[35:40]))).to_be_visible()
    fake_worker.writes(job_id, 40, 50)
    expect(page.get_by_text(" ".join(WORDS[45:50]))).to_be_visible()
    assert page.get_by_text(WORDS[38]).count() == 1


def test_a_line_that_is_cut_is_taken_up_again(open_page: Open, fake_worker: FakeWorker) -> None:
    job_id = fake_worker.working()
    page = open_page()
    asked: list[str] = []
    seq = fake_worker.app_server.jobs.take(job_id, 1).last_event + 1
    words = json.dumps({"start": 40, "words": WORDS[40:50]})

    def cut_once(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            route.continue_()
            return
        told = f"retry: 700\nid: {seq}\nevent: words\ndata: {words}\n\n"
        route.fulfill(content_type="text/event-stream", body=told)

    page.route("**/events?*", cut_once)
    page.goto(f"/d/{job_id}")
    expect(page.get_by_text("The connection to the server is lost.")).to_be_visible()
    fake_worker.writes(job_id, 40, 50)
    fake_worker.writes(job_id, 50, 60)
    expect(page.get_by_text(" ".join(WORDS[55:60]))).to_be_visible()
    expect(page.get_by_text("The connection to the server is lost.")).to_be_hidden()
    assert len(asked) == 2
    assert page.get_by_text(WORDS[48]).count() == 1


def test_an_upload_that_is_cut_goes_on(open_page: Open, fake_worker: FakeWorker, clip: Path) -> None:
    page = open_page()
    choose(page, clip)
    cuts = iter([True])

    def cut_once(route: Route) -> None:
        if route.request.method == "PATCH" and next(cuts, False):
            route.abort()
        else:
            route.continue_()

    page.route("**/api/uploads/*", cut_once)
    page.get_by_role("button", name="Make a dance").click()
    expect(page.get_by_text("The connection was lost. Continuing in 1 s; nothing is lost.")).to_be_visible()
    assert (fake_worker.app_server.storage.folder(job_of(page)) / "upload").read_bytes() == fake_worker.video


def test_cancelling_an_upload_leaves_nothing(open_page: Open, fake_worker: FakeWorker, clip: Path) -> None:
    page = open_page()
    choose(page, clip)
    page.route("**/api/uploads/*", lambda route: None if route.request.method == "PATCH" else route.continue_())
    with page.expect_response(lambda response: response.request.method == "DELETE"):
        page.get_by_role("button", name="Make a dance").click()
        page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Make a dance")).to_be_focused()
    assert list(fake_worker.app_server.storage.uploads.iterdir()) == []


def test_a_full_house_says_when_to_come_again(
    open_page: Open, app_server_with: Callable[..., AppServer], clip: Path
) -> None:
    url = app_server_with(waiting=0).url
    page = open_page(base_url=url)
    choose(page, clip)
    page.get_by_role("button", name="Make a dance").click()
    expect(page.get_by_text("0 dances are waiting")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.txt", b"words", "notes.txt is not a video. MP4, MOV and WebM work well."),
        ("empty.mp4", b"", "empty.mp4 is empty. Choose another one."),
        ("large.mp4", bytes(2 * MIB), "large.mp4 has 2.0 MB; the limit is 1.0 MB."),
    ],
)
def test_what_cannot_be_sent_is_said_at_once(open_page: Open, name: str, content: bytes, said: str) -> None:
    page = open_page()
    file = {"name": name, "mimeType": "text/plain" if "txt" in name else "video/mp4", "buffer": content}
    page.get_by_label("Choose a video").set_input_files(file)
    expect(page.get_by_role("alert")).to_contain_text(said)
    expect(page.get_by_role("button", name="Make a dance")).to_be_hidden()


@pytest.mark.parametrize(("name", "kind"), [("a.gif", "image/gif"), ("a.webp", "image/webp")])
def test_an_animation_can_be_sent(open_page: Open, name: str, kind: str) -> None:
    """The browser has no player for it, but BopBot reads it."""
    page = open_page()
    page.get_by_label("Choose a video").set_input_files({"name": name, "mimeType": kind, "buffer": b"animation"})
    expect(page.get_by_text("This browser cannot show it, but BopBot may be able to read it.")).to_be_visible()
    expect(page.get_by_role("button", name="Make a dance")).to_be_visible()


def test_what_lasts_too_long_is_said_at_once(
    open_page: Open, app_server_with: Callable[..., AppServer], clip: Path
) -> None:
    url = app_server_with(video_s=1.0).url
    page = open_page(base_url=url)
    page.get_by_label("Choose a video").set_input_files(clip)
    expect(page.get_by_role("alert")).to_contain_text("my dance.mp4 lasts 0:02; the limit is 0:01.")


def test_a_dance_from_the_camera(open_page: Open) -> None:
    page = open_page()
    page.evaluate(
        "navigator.mediaDevices.getUserMedia = async () => document.createElement('canvas').captureStream(10)"
    )
    page.clock.install()
    page.get_by_role("button", name="Record one").click()
    page.get_by_role("button", name="Start in 5 seconds").click()
    for left in (5, 4, 3, 2, 1):
        expect(page.get_by_text(str(left), exact=True)).to_be_visible()
        page.clock.run_for(1000)
    expect(page.get_by_text("Recording: 15 s left")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Recorded.")).to_be_visible()


def test_what_is_dropped_is_chosen(open_page: Open) -> None:
    page = open_page()
    page.evaluate(
        """() => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["not really"], "dropped.mp4", { type: "video/mp4" }));
          document.querySelector("form > .stage").dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
        }"""
    )
    expect(page.get_by_text("dropped.mp4, 0.0 MB. This browser cannot show it")).to_be_visible()


def test_an_original_that_the_browser_cannot_play_is_shown_as_it_was_seen(
    open_page: Open, fake_worker: FakeWorker
) -> None:
    job_id = fake_worker.danced(1)
    (fake_worker.app_server.storage.folder(job_id) / "upload").write_bytes(b"nothing that a browser plays")
    page = open_page(f"/d/{job_id}")
    expect(page.get_by_text("this browser cannot play the original")).to_be_visible()
    soon(page, "document.querySelector('canvas').getContext('2d').getImageData(1, 1, 1, 1).data[3] > 0")


def test_forgotten_dances_leave_the_gallery(open_page: Open, fake_worker: FakeWorker) -> None:
    page = open_page()
    dances = [{"id": fake_worker.waiting(), "title": f"dance {k}", "made": 0, "poster": ""} for k in range(2)]
    page.evaluate("dances => localStorage.setItem('bopbot.dances', JSON.stringify(dances))", dances)
    page.reload()
    page.get_by_role("button", name="Forget dance 0").click()
    expect(page.get_by_role("button", name="Forget dance 1")).to_be_focused()
    page.reload()
    expect(page.get_by_role("link", name="dance 1")).to_be_visible()
    expect(page.get_by_role("link", name="dance 0")).to_have_count(0)


def test_a_codec_with_one_word_a_row_has_one_word_a_line(open_page: Open, fake_worker: FakeWorker) -> None:
    worker = replace(fake_worker, places=("body",))
    job_id = worker.waiting()
    page = open_page(f"/d/{job_id}")
    worker.begins(job_id)
    worker.reaches(job_id, "writing", 10)
    worker.writes(job_id, 0, 12)
    expect(page.locator("[data-lines] p")).to_have_text(list(WORDS[:12]))
    expect(page.locator("[data-places]")).to_be_hidden()
    worker.learns(job_id)
    worker.finishes(job_id)
    heading(page, "A new dance")
    expect(page.locator("[data-now] .line span")).to_have_count(1)
    expect(page.locator("[data-scroll] p")).to_have_count(len(WORDS))


def test_the_columns_are_named_as_the_model_names_them(open_page: Open, fake_worker: FakeWorker) -> None:
    worker = replace(fake_worker, places=("upper half", "lower half"))
    job_id = worker.waiting()
    page = open_page(f"/d/{job_id}")
    worker.begins(job_id)
    worker.reaches(job_id, "writing", 10)
    worker.writes(job_id, 0, 4)
    expect(page.locator("[data-places] span")).to_have_text(["upper half", "lower half"])
    expect(page.locator("[data-lines] p")).to_have_text([" ".join(WORDS[:2]), " ".join(WORDS[2:4])])
