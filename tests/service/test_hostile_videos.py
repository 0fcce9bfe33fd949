"""Hostile uploads, looked at in a limited process: each gives pictures or one of our errors, soon, in little memory."""

import json
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from service.support.hostile_uploads import HostileUpload, coded, hostile_uploads, playlists

from bopbot.service.limits import GIB
from pose_vocab.errors import VideoError
from pose_vocab.video import probe

PATIENCE_S = 20.0
"""How long one file may take."""
MEMORY_BYTES = 1 * GIB
"""What a process may take; less than a studio may."""
LOOKS = """
import itertools, json, sys, time
from pose_vocab.errors import BopBotError
from pose_vocab.video import probe, read_frames
for path in sys.stdin.read().split():
    begun_s = time.monotonic()
    try:
        probe(path)
        outcome = f"{sum(1 for _ in itertools.islice(read_frames(path), 40))} pictures"
    except BopBotError as error:
        outcome = f"{type(error).__name__}: {error}"
    except BaseException as error:
        outcome = f"UNEXPECTED {type(error).__name__}: {error}"
    print(json.dumps([outcome, time.monotonic() - begun_s]), flush=True)
"""


@dataclass(frozen=True)
class Look:
    """What came of a file."""

    upload: HostileUpload
    outcome: str
    took_s: float


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory, salsa: Path) -> list[Look]:
    different: dict[Path, HostileUpload] = {}
    for upload in hostile_uploads(tmp_path_factory.mktemp("hostile"), salsa):
        different.setdefault(upload.path, upload)
    return list(_look(list(different.values())))


@pytest.fixture(scope="module")
def salsa() -> Path:
    return Path(__file__).parents[2] / "bopbot" / "example" / "salsa.mp4"


def _look(uploads: Sequence[HostileUpload]) -> Iterator[Look]:
    """One process for all; where it dies, the next one goes on."""
    while uploads:
        said = _said([upload.path for upload in uploads])
        for upload, (outcome, took_s) in zip(uploads, said, strict=False):
            yield Look(upload, outcome, took_s)
        if len(said) < len(uploads):
            yield Look(uploads[len(said)], "UNEXPECTED end of the process", PATIENCE_S)
        uploads = uploads[len(said) + 1 :]


def _said(paths: Sequence[Path]) -> list[tuple[str, float]]:
    """What came of the files up to the one that the process died of, if it did."""
    try:
        done: bytes | None = subprocess.run(
            [sys.executable, "-c", LOOKS],
            input="\n".join(map(str, paths)).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=5 * PATIENCE_S,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES)),
        ).stdout
    except subprocess.TimeoutExpired as error:
        done = error.stdout
    return [json.loads(line) for line in (done or b"").splitlines()]


@pytest.mark.slow
def test_there_are_more_than_a_hundred_of_them_all_different(looks: list[Look]) -> None:
    assert len(looks) > 200
    assert len({look.upload.path.read_bytes() for look in looks}) == len(looks)
    assert len({look.upload.name for look in looks}) == len(looks)


@pytest.mark.slow
def test_each_gives_pictures_or_one_of_our_errors(looks: list[Look]) -> None:
    assert [(look.upload.name, look.outcome) for look in looks if look.outcome.startswith("UNEXPECTED")] == []


@pytest.mark.slow
def test_none_takes_long(looks: list[Look]) -> None:
    assert [(look.upload.name, look.took_s) for look in looks if look.took_s > PATIENCE_S] == []


@pytest.mark.slow
def test_what_cannot_be_a_dance_is_refused_in_one_line(looks: list[Look]) -> None:
    for look in looks:
        if look.upload.expect != "may work":
            assert look.outcome.startswith("VideoError: "), look
        assert "\n" not in look.outcome
        assert len(look.outcome) < 600


@pytest.mark.slow
def test_a_sound_file_among_them_is_read(looks: list[Look]) -> None:
    outcomes = {look.upload.name: look.outcome for look in looks}
    for name in ("header of size 2^63", "html behind", "oblong pixels", "one pixel", "thirty streams"):
        assert outcomes[name].endswith("pictures"), (name, outcomes[name])


@pytest.mark.slow
def test_what_goes_on_long_after_its_stated_end_is_refused(looks: list[Look]) -> None:
    """Otherwise one picture would be given again and again for days."""
    outcomes = {look.upload.name: look.outcome for look in looks}
    for name in ("pictures without end", "one tick a second"):
        assert "but its header states less than 90 s" in outcomes[name]


def test_a_large_picture_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    """Its header is sound, its pictures are garbage."""
    path = tmp_path / "large.mov"
    path.write_bytes(coded(path, [b"garbage"] * 60, 5000))
    with pytest.raises(VideoError, match=r"5000 x 5000 pixels; at most 9\.4 million are supported"):
        probe(path, max_px=4096 * 2304)
    with pytest.raises(VideoError, match="no frame that can be decoded"):
        probe(path)


def test_no_playlist_makes_us_call_anywhere(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as lookout:
        lookout.settimeout(0.2)
        paths = []
        for name, content in playlists(f"http://127.0.0.1:{lookout.getsockname()[1]}/secret"):
            paths.append(tmp_path / name.replace(" ", "_"))
            paths[-1].write_bytes(content)
        assert all(outcome.startswith("VideoError: ") for outcome, _ in _said(paths))
        with pytest.raises(TimeoutError):
            lookout.accept()
