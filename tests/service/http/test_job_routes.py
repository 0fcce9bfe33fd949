"""The API, asked over real sockets; what a worker does is done by the test."""

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta

import pytest
import requests
from limits import RateLimitItemPerDay
from playwright.sync_api import Browser
from service.support.app_server import FILES, LIMITS, AppServer

from bopbot.service.http import file_routes as results
from bopbot.service.http import upload_intake as receiving
from bopbot.service.http.upload_intake import RECEIVING
from bopbot.service.limits import MIB
from bopbot.service.store.partial_uploads import Uploads

KEY = "0123456789abcdef"
"""The shortest that is taken."""
TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}


@pytest.fixture(scope="module")
def done(app_server: AppServer) -> str:
    return app_server.danced()


def test_a_video_becomes_a_job_that_is_on_the_disk(app_server: AppServer) -> None:
    response = app_server.send(b"its bytes", seconds="20", seed="3", mirror="true", dancer="2", style="neon")
    job = response.json()
    assert response.status_code == 201
    assert response.headers["Location"] == f"/api/jobs/{job['id']}"
    assert (app_server.storage.folder(job["id"]) / "upload").read_bytes() == b"its bytes"
    assert job["dancer"] == {"dancer": 2, "language_model": "gpt2"}
    assert not job["learned"]
    (take,) = job["takes"]
    assert take["number"] == 1
    assert take["state"] == "queued"
    assert take["wish"] == {
        "seconds": 20.0,
        "seed": 3,
        "temperature": 1.0,
        "energy": 1.0,
        "mirror": True,
        "from_scratch": False,
        "style": "neon",
        "layout": "dance",
    }
    created, expires = map(datetime.fromisoformat, (job["created"], job["expires"]))
    assert created.utcoffset() == timedelta(0)
    assert expires - created == timedelta(hours=24)
    assert app_server.ask("GET", job["links"]["self"]).json() == job
    assert app_server.ask("GET", take["links"]["self"]).json() == take
    app_server.ask("DELETE", job["links"]["self"])


def test_file_names_of_users_are_kept_nowhere(app_server: AppServer) -> None:
    job_id = app_server.sent(b"x")
    assert [path.name for path in app_server.storage.folder(job_id).rglob("*")] == ["upload"]
    assert not [path for path in app_server.storage.root.rglob("*") if "v.mp4" in path.name]
    app_server.ask("DELETE", f"/api/jobs/{job_id}")


def test_the_same_request_with_the_same_key_finds_the_same_job(app_server: AppServer) -> None:
    first = app_server.send(b"same", Idempotency_Key=KEY, seed="1")
    again = app_server.send(b"same", Idempotency_Key=KEY, seed="1")
    assert (first.status_code, again.status_code) == (201, 200)
    job_id = first.json()["id"]
    assert again.json()["id"] == job_id
    assert again.headers["Location"] == f"/api/jobs/{job_id}"
    others = [
        app_server.sent(b"other", Idempotency_Key=KEY, seed="1"),
        app_server.sent(b"same", Idempotency_Key=KEY, seed="2"),
        app_server.sent(b"same", Idempotency_Key=KEY[::-1], seed="1"),
    ]
    assert len({job_id, *others}) == 4
    for each in (job_id, *others):
        app_server.ask("DELETE", f"/api/jobs/{each}")


def test_a_key_cannot_be_guessed(app_server: AppServer) -> None:
    refused = app_server.send(Idempotency_Key=KEY[:-1])
    assert refused.status_code == 422
    assert "at least 16 characters" in refused.json()["detail"]


def test_many_with_the_same_key_at_once_make_one_job(app_server: AppServer) -> None:
    folders = set(app_server.storage.jobs.iterdir())
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda _: app_server.send(b"at once", Idempotency_Key=KEY), range(8)))
    assert sorted(response.status_code for response in responses) == [200] * 7 + [201]
    (job_id,) = {response.json()["id"] for response in responses}
    assert set(app_server.storage.jobs.iterdir()) - folders == {app_server.storage.folder(job_id)}
    app_server.ask("DELETE", f"/api/jobs/{job_id}")


def test_a_resumable_upload_becomes_a_job(app_server: AppServer) -> None:
    upload = app_server.ask("POST", "/api/uploads", headers={**TUS, "Upload-Length": "10"}).headers["Location"]
    fields = {"upload": (None, upload.rsplit("/", 1)[1]), "seed": (None, "5")}
    too_early = app_server.ask("POST", "/api/jobs", files=fields)
    assert too_early.status_code == 409
    app_server.ask("PATCH", upload, headers=CHUNK, data=b"ten bytes!")
    made, again = (
        app_server.ask("POST", "/api/jobs", files=fields, headers={"Idempotency-Key": KEY}) for _ in range(2)
    )
    assert (made.status_code, again.status_code) == (201, 200)
    job_id = made.json()["id"]
    assert again.json()["id"] == job_id
    assert (app_server.storage.folder(job_id) / "upload").read_bytes() == b"ten bytes!"
    gone = app_server.ask("POST", "/api/jobs", files=fields)
    assert gone.status_code == 404
    app_server.ask("DELETE", f"/api/jobs/{job_id}")


def uploaded(app_server: AppServer) -> dict[str, tuple[None, str]]:
    """The form for a job of a new resumable upload."""
    upload = app_server.ask("POST", "/api/uploads", headers={**TUS, "Upload-Length": "10"}).headers["Location"]
    assert app_server.ask("PATCH", upload, headers=CHUNK, data=b"ten bytes!").status_code == 204
    return {"upload": (None, upload.rsplit("/", 1)[1])}


def test_of_many_that_have_one_upload_all_find_its_job(app_server: AppServer) -> None:
    fields = uploaded(app_server)

    def post(headers: dict[str, str]) -> requests.Response:
        return app_server.ask("POST", "/api/jobs", files=fields, headers=headers)

    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(post, 6 * [{"Idempotency-Key": KEY}] + 2 * [{}]))
    jobs = {response.json()["id"] for response in responses if response.ok}
    assert len(jobs) == 1
    assert [response.status_code for response in responses].count(201) == 1
    assert {response.status_code for response in responses} <= {200, 201, 404}  # 404: without a key, and too late
    app_server.ask("DELETE", f"/api/jobs/{jobs.pop()}")


def test_who_asks_again_while_the_first_is_at_work_waits(
    app_server: AppServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = uploaded(app_server)

    def post() -> requests.Response:
        return app_server.ask("POST", "/api/jobs", files=fields, headers={"Idempotency-Key": KEY})

    with Uploads(app_server.storage, LIMITS).find(fields["upload"][1]).locked():
        monkeypatch.setattr(receiving, "LOCKED_S", 0.0)
        busy = post()
        assert (busy.status_code, busy.headers["Retry-After"]) == (503, "2")
    monkeypatch.setattr(receiving, "LOCKED_S", 5.0)
    with ExitStack() as held:
        held.enter_context(Uploads(app_server.storage, LIMITS).find(fields["upload"][1]).locked())
        threading.Timer(0.5, held.pop_all().close).start()
        made = post()
    assert made.status_code == 201
    app_server.ask("DELETE", f"/api/jobs/{made.json()['id']}")


def test_an_upload_stays_until_its_job_is_there(app_server_with: Callable[..., AppServer]) -> None:
    app_server = app_server_with(waiting=1)
    keyed, fields = {"Idempotency-Key": KEY}, uploaded(app_server)
    waiting = app_server.sent()
    assert app_server.ask("POST", "/api/jobs", files=fields, headers=keyed).status_code == 503
    app_server.ask("DELETE", f"/api/jobs/{waiting}")
    made = app_server.ask("POST", "/api/jobs", files=fields, headers=keyed)
    assert made.status_code == 201
    # The queue is full again, but nothing new is asked for.
    assert app_server.ask("POST", "/api/jobs", files=fields, headers=keyed).json() == made.json()
    assert not list(app_server.storage.uploads.iterdir())


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"seconds": "500"}, "seconds cannot be '500': it should be less than or equal to 120"),
        ({"seconds": "nan"}, "seconds cannot be 'nan'"),
        ({"style": "cubist"}, "style cannot be 'cubist': it should be 'stick'"),
        ({"wibble": "1"}, "there is no field 'wibble'; choose from video, "),
        ({"seed": "x" * 5000}, "the field seed is longer than 4096 bytes"),
        ({"webhook": "ftp://example.org"}, "webhook"),
        ({"upload": "A" * 22}, "send one video"),
    ],
)
def test_a_bad_field_is_named_with_what_would_work(app_server: AppServer, fields: dict[str, str], says: str) -> None:
    folders = set(app_server.storage.jobs.iterdir())
    response = app_server.send(b"a video", **fields)
    assert response.status_code == 422
    assert list(response.json()) == ["detail"]
    assert says in response.json()["detail"]
    assert set(app_server.storage.jobs.iterdir()) == folders


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        (b"", "multipart/form-data; boundary=b", "the form is incomplete"),
        (b"--b\r\n", "multipart/form-data; boundary=b", "the form is incomplete"),
        (b"--b--\r\n", "multipart/form-data; boundary=b", "send one video"),
        (b"nonsense", "multipart/form-data; boundary=b", "the form cannot be read"),
        (b"--b\r\n\r\nx\r\n--b--\r\n", "multipart/form-data; boundary=b", "there is no field ''"),
        (b"x", "multipart/form-data", "send the video as multipart/form-data"),
        (b"video=x", "application/x-www-form-urlencoded", "send the video as multipart/form-data"),
        (
            b'--b\r\nContent-Disposition: form-data; name="video"; filename="v"\r\n\r\n\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
            "send one video",
        ),
        (
            b'--b\r\nContent-Disposition: form-data; name="seed"\r\n\r\n\xff\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
            "the field seed is not valid UTF-8",
        ),
        (
            2 * b'--b\r\nContent-Disposition: form-data; name="seed"\r\n\r\n1\r\n' + b"--b--\r\n",
            "multipart/form-data; boundary=b",
            "the form has the field seed twice",
        ),
    ],
)
def test_what_is_no_form_with_a_video_is_refused(app_server: AppServer, body: bytes, kind: str, says: str) -> None:
    response = app_server.ask("POST", "/api/jobs", data=body, headers={"Content-Type": kind})
    assert response.status_code == 422
    assert says in response.json()["detail"]


def test_nothing_is_left_of_an_upload_that_breaks_off(app_server: AppServer) -> None:
    begun = threading.Event()

    def body():  # type: ignore[no-untyped-def]
        yield b'--b\r\nContent-Disposition: form-data; name="video"; filename="v"\r\n\r\n' + 100_000 * b"x"
        begun.wait(10)
        raise ConnectionError

    def receiving() -> bool:
        return any(path.name.startswith(RECEIVING) for path in app_server.storage.jobs.iterdir())

    sender = threading.Thread(target=lambda: _ignoring_errors(app_server, body()))
    sender.start()
    assert _soon(receiving)
    begun.set()
    sender.join()
    assert _soon(lambda: not receiving())


def test_too_much_is_refused_before_it_is_read(app_server: AppServer) -> None:
    response = app_server.send(9 * MIB * b"x")
    assert response.status_code == 413
    assert "at most 8 MiB" in response.json()["detail"]


def test_a_full_queue_asks_to_come_back(app_server_with: Callable[..., AppServer]) -> None:
    app_server = app_server_with(waiting=2)
    ids = [app_server.sent(), app_server.sent()]
    refused = app_server.send()
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) == 30
    assert "2 dances are waiting" in refused.json()["detail"]
    assert {path.name for path in app_server.storage.jobs.iterdir()} == set(ids)
    app_server.ask("POST", f"/api/jobs/{ids[0]}/takes/1/cancel")
    assert app_server.send().status_code == 201


def test_a_full_disk_is_said(app_server_with: Callable[..., AppServer]) -> None:
    app_server = app_server_with(disk_bytes=MIB)
    assert app_server.send(2 * MIB * b"x").status_code == 507
    unannounced = app_server.ask("POST", "/api/jobs", data=iter([b"--b\r\n"]))
    assert unannounced.status_code == 507
    assert unannounced.headers["Retry-After"] == "3600"


def test_a_dance_is_made_and_fetched(app_server: AppServer, done: str) -> None:
    here = f"/api/jobs/{done}/takes/1"
    take = app_server.ask("GET", here).json()
    assert take["state"] == "done"
    assert take["finished"] is not None
    film = app_server.ask("GET", take["links"]["video"])
    assert film.content == FILES["dance.mp4"]
    assert film.headers["Content-Type"] == "video/mp4"
    assert "Content-Disposition" not in film.headers
    assert film.headers["Cache-Control"] == "no-store"
    part = app_server.ask("GET", f"{here}/dance.mp4", headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, FILES["dance.mp4"][2:6])
    assert part.headers["Content-Range"] == f"bytes 2-5/{len(FILES['dance.mp4'])}"
    beyond = app_server.ask("GET", f"{here}/dance.mp4", headers={"Range": "bytes=90000-"})
    assert beyond.status_code == 416
    saved = app_server.ask("GET", f"{here}/poses.npz?download=1")
    assert saved.headers["Content-Disposition"] == 'attachment; filename="poses-1.npz"'
    assert app_server.ask("GET", take["links"]["words"]).json() == {
        "words": ["step", "turn", "clap", "bow"],
        "words_per_second": 2.0,
        "words_per_row": 2,
    }
    assert app_server.ask("GET", f"{here}/words.txt").text == "step\nturn\nclap\nbow\n"
    assert app_server.ask("GET", take["links"]["report"]).json() == {"seed": 0}
    assert app_server.ask("GET", take["links"]["player"]).headers["Content-Type"].startswith("text/html")


def test_the_video_is_only_a_video_once_it_is_known_to_be_one(app_server: AppServer) -> None:
    job_id = app_server.danced()
    here = f"/api/jobs/{job_id}"
    assert app_server.ask("GET", f"{here}/video").headers["Content-Type"] == "application/octet-stream"
    assert app_server.ask("GET", f"{here}/keypoints.json").status_code == 409
    folder = app_server.storage.folder(job_id)
    (folder / "dancer.json").write_text('{"media_type": "video/webm"}')
    (folder / "keypoints.json").write_text('{"fps": 20.0}')
    video = app_server.ask("GET", f"{here}/video", headers={"Range": "bytes=0-0"})
    assert (video.status_code, video.content, video.headers["Content-Type"]) == (206, b"a", "video/webm")
    assert app_server.ask("GET", f"{here}/keypoints.json").json() == {"fps": 20.0}
    (folder / "dancer.json").write_text('{"media_type": "text/html"}')
    assert app_server.ask("GET", f"{here}/video").headers["Content-Type"] == "application/octet-stream"


def test_a_gif_is_made_when_it_is_asked_for(app_server: AppServer) -> None:
    job_id = app_server.danced()
    path = app_server.storage.take(job_id, 1) / "dance.gif"
    threading.Timer(0.5, path.write_bytes, [b"GIF89a"]).start()
    response = app_server.ask("GET", f"/api/jobs/{job_id}/takes/1/dance.gif?download=1")
    assert (response.status_code, response.content) == (200, b"GIF89a")
    assert response.headers["Content-Disposition"] == 'attachment; filename="dance-1.gif"'


def test_who_waits_for_the_gif_of_a_deleted_job_is_told(app_server: AppServer) -> None:
    job_id = app_server.danced()
    threading.Timer(0.5, lambda: app_server.ask("DELETE", f"/api/jobs/{job_id}")).start()
    assert app_server.ask("GET", f"/api/jobs/{job_id}/takes/1/dance.gif").status_code == 404


def test_who_waits_for_a_gif_that_cannot_be_made_is_told(
    app_server: AppServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = app_server.danced()
    monkeypatch.setattr(app_server.queue, "gif_failed", lambda *take: True)
    response = app_server.ask("GET", f"/api/jobs/{job_id}/takes/1/dance.gif")
    assert response.status_code == 409
    assert response.json()["detail"] == "the GIF of this take could not be made; fetch dance.mp4 instead"


def test_not_any_number_of_gifs_is_made(app_server: AppServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "GIFS", RateLimitItemPerDay(1))
    monkeypatch.setattr(results, "GIF_S", 0.0)
    job_id = app_server.danced()
    gif = f"/api/jobs/{job_id}/takes/1/dance.gif"
    assert [app_server.ask("GET", gif).status_code for _ in range(2)] == [503, 429]
    (app_server.storage.take(job_id, 1) / "dance.gif").write_bytes(b"GIF89a")
    assert app_server.ask("GET", gif).status_code == 200


def test_files_that_go_while_they_are_asked_for_are_not_there(app_server: AppServer) -> None:
    job_id = app_server.danced()
    shutil.rmtree(app_server.storage.folder(job_id))
    for name in ("takes/1/dance.mp4", "takes/1/words.json", "takes/1/dance.gif", "keypoints.json", "video"):
        assert app_server.ask("GET", f"/api/jobs/{job_id}/{name}").status_code == 404
    app_server.ask("DELETE", f"/api/jobs/{job_id}")


def test_results_wait_for_the_end(app_server: AppServer) -> None:
    job_id = app_server.sent()
    here = f"/api/jobs/{job_id}/takes/1"
    assert app_server.ask("GET", f"{here}/dance.mp4").status_code == 409
    assert app_server.ask("GET", f"{here}/dance.gif").status_code == 409
    cancelled = app_server.ask("POST", f"{here}/cancel").json()
    assert cancelled["state"] == "cancelled"
    assert app_server.ask("POST", f"{here}/cancel").json() == cancelled
    refused = app_server.ask("GET", f"{here}/words.json")
    assert refused.status_code == 409
    assert refused.json()["detail"] == "the state of this take is cancelled, so it has no files; request another take"


def test_another_take(app_server: AppServer, done: str) -> None:
    response = app_server.ask("POST", f"/api/jobs/{done}/takes", json={"seed": 9})
    assert (response.status_code, response.json()["number"]) == (201, 2)
    assert response.json()["wish"]["seed"] == 9
    app_server.dance(done, 2)
    assert [take["state"] for take in app_server.ask("GET", f"/api/jobs/{done}").json()["takes"]] == ["done", "done"]


def test_another_take_needs_learned_moves(app_server: AppServer) -> None:
    job_id = app_server.sent()
    assert app_server.ask("POST", f"/api/jobs/{job_id}/takes", json={}).status_code == 409
    app_server.ask("DELETE", f"/api/jobs/{job_id}")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('{"seconds": "15"}', "seconds cannot be '15': it should be a valid number"),
        ('{"seconds": 0.5}', "seconds cannot be 0.5: it should be greater than or equal to 1"),
        ('{"dancer": 1}', "there is no field 'dancer'"),
        ("{", "the body is not valid JSON"),
        ("", "the body is missing"),
    ],
)
def test_a_bad_wish_is_refused_in_a_sentence(app_server: AppServer, done: str, body: str, says: str) -> None:
    response = app_server.ask(
        "POST", f"/api/jobs/{done}/takes", data=body, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 422
    assert says in response.json()["detail"]


def test_nothing_is_left_of_what_is_deleted(app_server: AppServer) -> None:
    job_id = app_server.danced()
    assert app_server.ask("DELETE", f"/api/jobs/{job_id}").status_code == 204
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/takes/1"), ("GET", "/takes/1/dance.mp4")):
        assert app_server.ask(method, f"/api/jobs/{job_id}{path}").status_code == 404
    assert not app_server.storage.folder(job_id).exists()
    kept = b"".join(path.read_bytes() for path in app_server.storage.root.glob("jobs.sqlite*"))
    assert job_id.encode() not in kept


@pytest.mark.parametrize("job_id", ["x", "..", "%2e%2e%2f%2e%2e", "A" * 22, "A" * 21 + "%00", "ä" * 22])
def test_what_is_no_job_is_not_there(app_server: AppServer, job_id: str) -> None:
    for path in ("", "/takes/1", "/takes/1/events", "/takes/1/dance.mp4", "/video", "/keypoints.json"):
        response = app_server.ask("GET", f"/api/jobs/{job_id}{path}")
        assert response.status_code == 404
        assert list(response.json()) == ["detail"]


def test_a_take_that_is_no_number_is_refused(app_server: AppServer, done: str) -> None:
    assert app_server.ask("GET", f"/api/jobs/{done}/takes/99").status_code == 404
    for number in ("0", "-1", "x", "1e9", str(2**70)):
        assert app_server.ask("GET", f"/api/jobs/{done}/takes/{number}").status_code == 422


def test_an_address_or_method_that_is_not_there(app_server: AppServer, done: str) -> None:
    nowhere = app_server.ask("GET", "/api/nothing")
    assert (nowhere.status_code, list(nowhere.json())) == (404, ["detail"])
    wrong = app_server.ask("PUT", f"/api/jobs/{done}")
    assert wrong.status_code == 405
    assert wrong.json()["detail"] == "this path does not accept PUT; use GET, DELETE"
    assert wrong.headers["Allow"] == "GET, DELETE"


def test_options(app_server: AppServer) -> None:
    options = app_server.ask("GET", "/api/options").json()
    assert options["styles"][0] == "stick"
    assert options["layouts"] == ["dance", "side-by-side"]
    assert options["language_models"] == ["gpt2", "lstm"]
    assert options["limits"]["upload_bytes"] == 8 * MIB
    assert options["limits"]["keep_h"] == 24.0
    assert options["defaults"]["seconds"] == 15.0
    assert options["defaults"]["dancer"] == 1


def test_health_needs_a_worker(app_server: AppServer) -> None:
    without = app_server.ask("GET", "/healthz")
    assert without.status_code == 503
    assert without.json() == {"status": "failing", "database": True, "folder": True, "workers": 0}
    worker = app_server.storage.root / "workers" / "by-hand.0"
    worker.touch()
    assert app_server.ask("GET", "/healthz").json()["workers"] == 0  # It is alive, but not ready.
    worker.write_text("ready")
    assert app_server.ask("GET", "/healthz").json() == {"status": "ok", "database": True, "folder": True, "workers": 1}
    worker.unlink()


def test_metrics_count_and_name_nobody(app_server: AppServer, done: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bopbot.service.store.storage.COUNT_S", -1.0)

    def counted() -> dict[str, float]:
        lines = app_server.ask("GET", "/metrics").text.splitlines()
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}

    before = counted()
    job_id = app_server.danced()
    app_server.ask("GET", "/api/nothing")
    after = counted()
    assert after['bopbot_takes{state="done"}'] == before['bopbot_takes{state="done"}'] + 1
    assert after["bopbot_uploads_total"] == before["bopbot_uploads_total"] + 1
    assert after['bopbot_requests_total{status="404"}'] == before.get('bopbot_requests_total{status="404"}', 0) + 1
    assert after["bopbot_kept_bytes"] > before["bopbot_kept_bytes"]
    assert after["bopbot_event_streams"] == 0
    assert after['bopbot_take_seconds_bucket{le="900.0"}'] == after['bopbot_takes{state="done"}']
    assert job_id not in app_server.ask("GET", "/metrics").text


def test_the_documentation_is_shown_and_loads_nothing_from_elsewhere(app_server: AppServer, browser: Browser) -> None:
    page = browser.new_page()
    asked, complaints = list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{app_server.url}/docs")
    page.locator(".opblock").first.wait_for()
    assert page.locator(".opblock").count() > 20
    assert {url for url in asked if not url.startswith((app_server.url, "data:"))} == set()
    assert complaints == []
    page.close()


def _soon(happens: Callable[[], bool], within_s: float = 10.0) -> bool:
    ticking = threading.Event()
    for _ in range(round(within_s / 0.05)):
        if happens():
            return True
        ticking.wait(0.05)
    return False


def _ignoring_errors(app_server: AppServer, body: object) -> None:
    try:
        app_server.ask("POST", "/api/jobs", data=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    except (ConnectionError, requests.RequestException):
        return
