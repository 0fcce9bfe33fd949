"""``bopbot choreograph --server``: asks for what was asked, refuses what a server does not do, leaves nothing there."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.responses import JSONResponse, StreamingResponse
from service.support.http_server import served
from service.support.stub_server import FILE, StubServer

from bopbot.__main__ import main
from bopbot.choreography.copy_detection import NearestSecond, Novelty
from bopbot.choreography.report import DanceReport, Report
from bopbot.choreography.scoring import Scores

MADE = Report(
    video="the video",
    output="dance.mp4",
    frames=300,
    dancer_share=0.9,
    notices=("the video is damaged",),
    model="starter",
    adapted=True,
    vocabulary_size=1200,
    seed=3,
    seconds=2.0,
    dances=(
        DanceReport(
            language_model="lstm",
            output="dance.mp4",
            seed=3,
            drawn=1,
            words=("a", "b", "c"),
            distinct_words=3,
            own_share=0.5,
            longest_copied_s=0.4,
            novelty=Novelty((NearestSecond("the video", 3.0, 0.2), NearestSecond()), 0.0),
            marks=Scores(1.0, 0.1, 0.2, 0.9, 0.0),
            beat_alignment=None,
            seam=None,
        ),
    ),
    words_per_second=50.0,
)


@pytest.fixture
def send_wrapped() -> StubServer:
    send_wrapped = StubServer()
    send_wrapped.report = json.loads(MADE.to_json())
    return send_wrapped


@pytest.fixture
def url(send_wrapped: StubServer) -> Iterator[str]:
    with served(send_wrapped.app) as (host, port):
        yield f"http://{host}:{port}"


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "salsa.mp4"
    path.write_bytes(b"dancing" * 1000)
    return path


def bopbot(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["bopbot", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def test_a_dance_made_elsewhere(
    url: str,
    send_wrapped: StubServer,
    video: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    new, report = tmp_path / "new.mp4", tmp_path / "new.json"
    options = ["--lm", "lstm", "--seconds", "2", "--seed", "3", "--mirror", "--layout", "side-by-side"]
    assert bopbot(monkeypatch, "choreograph", video, "-o", new, "--server", url, "--report", report, *options) == 0
    assert new.read_bytes() == FILE
    [(_, form)] = send_wrapped.forms
    assert form == {
        **{"upload": "u1", "dancer": "1", "language_model": "lstm", "seconds": "2.0", "seed": "3", "mirror": "true"},
        **{"layout": "side-by-side", "style": "stick", "temperature": "1.0", "energy": "1.0", "from_scratch": "false"},
    }
    said = capsys.readouterr().out.splitlines()
    assert said[:4] == [
        "note    the video is damaged",
        "saw     300 frames, the dancer in 90% of them",
        "model   starter, adapted to this dancer: 1200 words, seed 3",
        f"dance   {new}: LSTM, seed 3",
    ]
    written = json.loads(report.read_text())
    assert (written["video"], written["output"], written["dances"][0]["output"]) == (str(video), str(new), str(new))
    assert written["dances"][0]["novelty"] == send_wrapped.report["dances"][0]["novelty"]
    assert send_wrapped.deleted


@pytest.mark.parametrize(
    "options",
    [
        *(["--model", "m"], ["--no-adapt"], ["--adapt-on", "more"], ["--save-model", "m"], ["--keep", "0-1"]),
        *(["--takes", "2"], ["--own", "0.8"], ["--max-copied", "1"], ["--top-k", "5"], ["--top-p", "0.5"]),
        *(["--audio"], ["--music", "a.wav"], ["--pose-model", "p.task"], ["--min-confidence", "0.1"]),
        *(["--max-gap", "1"], ["--smoothing", "0"], ["--format", "bvh"], ["--source-fps", "30"]),
        *(["--skeleton", "openpose-25"], ["--source-size", "10x10"]),
    ],
    ids=lambda options: options[0],
)
def test_what_a_server_does_not_do(
    options: list[str], video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["choreograph", video, "-o", tmp_path / "a.mp4", "--server", "http://127.0.0.1:1", *options]
    assert bopbot(monkeypatch, *words) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert f"Invalid value for {options[0]}: " in said


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--seconds", "900"], "less than or equal to 120, got 900"),
        (["--temperature", "4"], "less than or equal to 3, got 4"),
        (["--lm", "both"], "got both"),
        (["--style", "overlay"], "got overlay"),
    ],
)
def test_what_is_more_than_a_server_gives(
    options: list[str],
    says: str,
    video: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["choreograph", video, "-o", tmp_path / "a.mp4", "--server", "http://127.0.0.1:1", *options]
    assert bopbot(monkeypatch, *words) == 2
    said = capsys.readouterr().err
    assert options[0] in said
    assert says in " ".join(said.replace("│", "").split())


def test_a_dance_that_fails_leaves_nothing_there_or_here(
    url: str,
    send_wrapped: StubServer,
    video: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    send_wrapped.take = {"number": 1, "state": "failed", "error": "nobody is seen dancing in the video"}
    assert bopbot(monkeypatch, "choreograph", video, "-o", tmp_path / "new.mp4", "--server", url) == 1
    assert capsys.readouterr().err == "bopbot: nobody is seen dancing in the video\n"
    assert send_wrapped.deleted
    assert list(tmp_path.iterdir()) == [video]


def test_ctrl_c_leaves_nothing_there(
    url: str, send_wrapped: StubServer, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press() -> Iterator[str]:
        yield ": ping\n"
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.5)

    pressing = StreamingResponse(press(), media_type="text/event-stream")
    send_wrapped.trouble[("GET", "/api/jobs/j1/takes/1/events")] = [pressing]
    assert bopbot(monkeypatch, "choreograph", video, "-o", tmp_path / "new.mp4", "--server", url) == 130
    assert send_wrapped.deleted
    assert list(tmp_path.iterdir()) == [video]


def test_what_could_not_be_deleted_is_told(
    url: str,
    send_wrapped: StubServer,
    video: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    send_wrapped.trouble[("DELETE", "/api/jobs/j1")] = [
        JSONResponse({"detail": "the database is busy"}, 503, {"Retry-After": "300"})
    ]
    assert bopbot(monkeypatch, "choreograph", video, "-o", tmp_path / "new.mp4", "--server", url, "--quiet") == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "bopbot: the video stays on the server until it expires: the database is busy\n"


def test_only_an_mp4_is_made(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["choreograph", video, "-o", tmp_path / "a.gif", "--server", "http://127.0.0.1:1"]
    assert bopbot(monkeypatch, *words) == 1
    assert "with --server only .mp4 can be written" in capsys.readouterr().err
