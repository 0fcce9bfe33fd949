"""The pages as the server makes them, read without a browser."""

import re
from dataclasses import replace

import pytest
from service.support.fake_worker import STATES, WORDS, FakeWorker

from bopbot.service.page.pages import duration


def read(fake_worker: FakeWorker, path: str, status: int = 200) -> str:
    response = fake_worker.app_server.ask("GET", path)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    return response.text


def test_a_form_without_scripts_becomes_a_job(fake_worker: FakeWorker) -> None:
    fields = {"seconds": "30", "style": "neon", "layout": "dance", "temperature": "1.2", "energy": "1", "seed": "7"}
    video = {"video": ("dance.mp4", fake_worker.video)}
    response = fake_worker.app_server.ask(
        "POST", "/", data={**fields, "dancer": "2"}, files=video, allow_redirects=False
    )
    assert response.status_code == 303
    job_id = response.headers["Location"].removeprefix("/d/")
    job = fake_worker.app_server.jobs.job(job_id)
    assert (job.takes[0].options.seconds, job.takes[0].options.style, job.dancer.dancer) == (30, "neon", 2)
    assert "You are next" in read(fake_worker, f"/d/{job_id}")
    fake_worker.app_server.ask("DELETE", f"/api/jobs/{job_id}")


@pytest.mark.parametrize(("fields", "said"), [({}, "Send one video"), ({"seconds": "999"}, "Seconds cannot be")])
def test_what_cannot_be_is_said_on_a_page(fake_worker: FakeWorker, fields: dict[str, str], said: str) -> None:
    response = fake_worker.app_server.ask("POST", "/", data=fields, files={"video": ("", b"")})
    assert response.status_code == 422
    assert said in response.text
    assert "<h1" in response.text


@pytest.mark.parametrize("path", ["/d/nobody", "/d/" + "A" * 22, "/d/" + "A" * 22 + "/1", "/d/%2e%2e%2fjobs"])
def test_what_is_not_there_is_a_page_too(fake_worker: FakeWorker, path: str) -> None:
    assert "has expired, was deleted, or never existed" in read(fake_worker, path, 404)


def test_words_stand_on_the_page_as_far_as_they_are_written(fake_worker: FakeWorker) -> None:
    job_id = fake_worker.working()
    page = read(fake_worker, f"/d/{job_id}")
    assert re.findall(r"<span>(wo\d+)</span>", page) == list(WORDS[:40])
    assert 'http-equiv="refresh"' in page
    fake_worker.finishes(job_id)
    page = read(fake_worker, f"/d/{job_id}")
    assert re.findall(r"<span>(wo\d+)</span>", page) == list(WORDS)
    assert "refresh" not in page
    fake_worker.app_server.ask("DELETE", f"/api/jobs/{job_id}")


@pytest.mark.parametrize("places", [("torso", "left arm"), ("body",)])
def test_a_row_has_as_many_words_as_the_model_has_places(fake_worker: FakeWorker, places: tuple[str, ...]) -> None:
    worker = replace(fake_worker, places=places)
    job_id = worker.working()
    page = read(worker, f"/d/{job_id}")
    columns = re.search(r'<p class="places".*?</p>', page, re.DOTALL)
    assert columns is not None
    assert tuple(re.findall("<span>(.*?)</span>", columns[0])) == places
    assert ("data-places hidden" in columns[0]) == (len(places) == 1)
    assert f'data-per-row="{len(places)}"' in page
    rows = re.findall(r"<p>((?:<span>wo\d+</span> ?)+)</p>", page)
    assert [re.findall(r"wo\d+", row) for row in rows] == [
        list(WORDS[k : k + len(places)]) for k in range(0, 40, len(places))
    ]
    worker.finishes(job_id)
    page = read(worker, f"/d/{job_id}")
    assert f'<p class="line">{"<span></span>" * len(places)}</p>' in page
    assert f"{100 // len(places)} lines" in page
    worker.app_server.ask("DELETE", f"/api/jobs/{job_id}")


def test_another_take_cancel_and_delete_are_plain_forms(fake_worker: FakeWorker) -> None:
    job_id = fake_worker.danced(1)
    ask = fake_worker.app_server.ask
    options = {"seconds": "10", "style": "stick", "layout": "dance", "temperature": "1", "energy": "1", "seed": "3"}
    response = ask("POST", f"/d/{job_id}/takes", data=options, allow_redirects=False)
    assert (response.status_code, response.headers["Location"]) == (303, f"/d/{job_id}/2")
    response = ask("POST", f"/d/{job_id}/cancel", data={"take": "2"}, allow_redirects=False)
    assert (response.status_code, response.headers["Location"]) == (303, f"/d/{job_id}/2")
    assert "Stopped." in read(fake_worker, f"/d/{job_id}/2")
    assert "A new dance" in read(fake_worker, f"/d/{job_id}/1")
    response = ask("POST", f"/d/{job_id}/delete", allow_redirects=False)
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    read(fake_worker, f"/d/{job_id}", 404)
    assert not fake_worker.app_server.storage.folder(job_id).exists()


def test_the_next_take_has_a_seed_of_its_own(fake_worker: FakeWorker) -> None:
    job_id = fake_worker.danced(3)
    assert 'name="seed" min="0" max="4294967295" value="4"' in read(fake_worker, f"/d/{job_id}/1")
    fake_worker.app_server.ask("DELETE", f"/api/jobs/{job_id}")


def test_another_take_before_the_moves_are_learned_says_not_now(fake_worker: FakeWorker) -> None:
    job_id = fake_worker.waiting()
    response = fake_worker.app_server.ask("POST", f"/d/{job_id}/takes", data={"seed": "3"})
    assert response.status_code == 409
    assert "Not now." in response.text
    assert f'href="/d/{job_id}"' in response.text
    fake_worker.app_server.ask("DELETE", f"/api/jobs/{job_id}")


def test_nothing_that_was_said_becomes_markup(fake_worker: FakeWorker) -> None:
    job_id = fake_worker.waiting()
    fake_worker.app_server.jobs.begin(job_id, 1)
    fake_worker.app_server.jobs.finish(job_id, 1, "failed", "<script>alert(1)</script>")
    page = read(fake_worker, f"/d/{job_id}")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page
    fake_worker.app_server.ask("DELETE", f"/api/jobs/{job_id}")


def test_pages_hold_nothing_inline_and_nothing_from_elsewhere(fake_worker: FakeWorker) -> None:
    made = {state: make(fake_worker) for state, make in STATES.items()}
    for path in ("/", *(f"/d/{job_id}" for job_id in made.values())):
        page = read(fake_worker, path)
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
        addresses = re.findall(r"(?:src|href|action)=\"([^\"]*)", page)
        assert all(address.startswith(("/", "#")) for address in addresses), addresses
        for address in addresses:
            if address.startswith("/static/"):
                assert fake_worker.app_server.ask("GET", address).ok, address
    for job_id in made.values():
        fake_worker.app_server.ask("DELETE", f"/api/jobs/{job_id}")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "1 second"),
        (45, "45 seconds"),
        (119, "119 seconds"),
        (180, "3 minutes"),
        (86400, "24 hours"),
        (604800, "7 days"),
    ],
)
def test_durations_as_people_say_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said
