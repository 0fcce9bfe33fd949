"""The pages as the server makes them, read without a browser."""

import re

import pytest
from service.performing import STATES, WORDS, Performer

from bopbot.service.page.pages import duration, lines
from bopbot.service.store.job import Told


def read(performer: Performer, path: str, status: int = 200) -> str:
    response = performer.stage.ask("GET", path)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    return response.text


def test_a_form_without_scripts_becomes_a_job(performer: Performer) -> None:
    fields = {"seconds": "30", "style": "neon", "layout": "dance", "temperature": "1.2", "energy": "1", "seed": "7"}
    video = {"video": ("dance.mp4", performer.video)}
    response = performer.stage.ask("POST", "/", data={**fields, "dancer": "2"}, files=video, allow_redirects=False)
    assert response.status_code == 303
    job_id = response.headers["Location"].removeprefix("/d/")
    job = performer.stage.jobs.job(job_id)
    assert (job.takes[0].wish.seconds, job.takes[0].wish.style, job.dancer.dancer) == (30, "neon", 2)
    assert "You are next" in read(performer, f"/d/{job_id}")
    performer.stage.ask("DELETE", f"/api/jobs/{job_id}")


@pytest.mark.parametrize(("fields", "said"), [({}, "Send one video"), ({"seconds": "999"}, "Seconds cannot be")])
def test_what_cannot_be_is_said_on_a_page(performer: Performer, fields: dict[str, str], said: str) -> None:
    response = performer.stage.ask("POST", "/", data=fields, files={"video": ("", b"")})
    assert response.status_code == 422
    assert said in response.text
    assert "<h1" in response.text


@pytest.mark.parametrize("path", ["/d/nobody", "/d/" + "A" * 22, "/d/" + "A" * 22 + "/1", "/d/%2e%2e%2fjobs"])
def test_what_is_not_there_is_a_page_too(performer: Performer, path: str) -> None:
    assert "has expired, was deleted, or never was" in read(performer, path, 404)


def test_words_stand_on_the_page_as_far_as_they_are_written(performer: Performer) -> None:
    job_id = performer.working()
    page = read(performer, f"/d/{job_id}")
    assert re.findall(r"<span>(wo\d+)</span>", page) == list(WORDS[:40])
    assert 'http-equiv="refresh"' in page
    performer.finishes(job_id)
    page = read(performer, f"/d/{job_id}")
    assert re.findall(r"<span>(wo\d+)</span>", page) == list(WORDS)
    assert "refresh" not in page
    performer.stage.ask("DELETE", f"/api/jobs/{job_id}")


def test_what_is_written_anew_replaces_what_was_written() -> None:
    told = [
        Told(1, "words", {"start": 0, "words": list("abcdef")}),
        Told(2, "state", {"state": "running"}),
        Told(3, "words", {"start": 0, "words": list("uvwxy")}),
        Told(4, "words", {"start": 5, "words": list("z")}),
    ]
    assert lines(told) == [list("uvwxy"), ["z"]]


def test_another_take_cancel_and_delete_are_plain_forms(performer: Performer) -> None:
    job_id = performer.danced(1)
    ask = performer.stage.ask
    wish = {"seconds": "10", "style": "stick", "layout": "dance", "temperature": "1", "energy": "1", "seed": "3"}
    response = ask("POST", f"/d/{job_id}/takes", data=wish, allow_redirects=False)
    assert (response.status_code, response.headers["Location"]) == (303, f"/d/{job_id}/2")
    response = ask("POST", f"/d/{job_id}/cancel", data={"take": "2"}, allow_redirects=False)
    assert (response.status_code, response.headers["Location"]) == (303, f"/d/{job_id}/2")
    assert "Stopped." in read(performer, f"/d/{job_id}/2")
    assert "A new dance" in read(performer, f"/d/{job_id}/1")
    response = ask("POST", f"/d/{job_id}/delete", allow_redirects=False)
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    read(performer, f"/d/{job_id}", 404)
    assert not performer.stage.storage.folder(job_id).exists()


def test_the_next_take_has_a_seed_of_its_own(performer: Performer) -> None:
    job_id = performer.danced(3)
    assert 'name="seed" min="0" max="4294967295" value="4"' in read(performer, f"/d/{job_id}/1")
    performer.stage.ask("DELETE", f"/api/jobs/{job_id}")


def test_another_take_before_the_moves_are_learned_says_not_now(performer: Performer) -> None:
    job_id = performer.waiting()
    response = performer.stage.ask("POST", f"/d/{job_id}/takes", data={"seed": "3"})
    assert response.status_code == 409
    assert "Not now." in response.text
    assert f'href="/d/{job_id}"' in response.text
    performer.stage.ask("DELETE", f"/api/jobs/{job_id}")


def test_nothing_that_was_said_becomes_markup(performer: Performer) -> None:
    job_id = performer.waiting()
    performer.stage.jobs.begin(job_id, 1)
    performer.stage.jobs.finish(job_id, 1, "failed", "<script>alert(1)</script>")
    page = read(performer, f"/d/{job_id}")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page
    performer.stage.ask("DELETE", f"/api/jobs/{job_id}")


def test_pages_hold_nothing_inline_and_nothing_from_elsewhere(performer: Performer) -> None:
    made = {state: make(performer) for state, make in STATES.items()}
    for path in ("/", *(f"/d/{job_id}" for job_id in made.values())):
        page = read(performer, path)
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
        addresses = re.findall(r"(?:src|href|action)=\"([^\"]*)", page)
        assert all(address.startswith(("/", "#")) for address in addresses), addresses
        for address in addresses:
            if address.startswith("/static/"):
                assert performer.stage.ask("GET", address).ok, address
    for job_id in made.values():
        performer.stage.ask("DELETE", f"/api/jobs/{job_id}")


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
