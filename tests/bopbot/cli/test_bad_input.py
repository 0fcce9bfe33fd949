"""Every command answers bad input with one line on stderr and exit code 1; wrong usage is 2."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import standing_px

from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

Bopbot = Callable[..., Any]


def refused(answer: Any, *says: str) -> None:
    assert answer.code == 1
    assert answer.out == ""
    assert len(answer.err.strip().splitlines()) == 1, answer.err
    assert answer.err.startswith("bopbot: ")
    for part in says:
        assert part in answer.err


@pytest.fixture
def nobody(tmp_path: Path) -> Path:
    """A pose file in which nobody is ever seen."""
    path = tmp_path / "nobody.npz"
    PoseSequence(np.zeros((60, 16, 2)), np.zeros((60, 16)), 20, DANCER).save(path)
    return path


@pytest.fixture
def standing(tmp_path: Path) -> Path:
    """A pose file of somebody who stands still."""
    path = tmp_path / "standing.npz"
    standing_px(60).save(path)
    return path


def test_no_such_video(bopbot: Bopbot, tmp_path: Path) -> None:
    refused(bopbot("choreograph", tmp_path / "none.mp4", "-o", tmp_path / "a.mp4"), "none.mp4")


@pytest.mark.parametrize("content", [b"", b"this is no video" * 100])
def test_not_a_video(bopbot: Bopbot, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.mp4").write_bytes(content)
    refused(bopbot("choreograph", tmp_path / "bad.mp4", "-o", tmp_path / "a.mp4"), "bad.mp4")
    assert not (tmp_path / "a.mp4").exists()


@pytest.mark.slow
def test_nobody_in_the_video(bopbot: Bopbot, data: Path, tmp_path: Path) -> None:
    answer = bopbot("choreograph", data / "video" / "no_people.mp4", "-o", tmp_path / "a.mp4")
    refused(answer, "nobody", "no_people.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_dancer_without_legs(bopbot: Bopbot, data: Path, tmp_path: Path) -> None:
    answer = bopbot("choreograph", data / "video" / "upper_body_only.mkv", "-o", tmp_path / "a.mp4")
    refused(answer, "left knee", "from head to foot")


def test_nobody_in_a_pose_file(bopbot: Bopbot, nobody: Path, tmp_path: Path) -> None:
    answer = bopbot("vocab", "build", nobody, "-o", tmp_path / "vocab")
    assert answer.code == 1
    assert "nobody is seen in any of 60 frames" in answer.err
    assert "none of the 1 files holds a dance" in answer.err


@pytest.mark.parametrize("command", [["render"], ["train"], ["vocab", "build"]])
def test_no_such_poses(bopbot: Bopbot, tmp_path: Path, command: list[str]) -> None:
    refused(bopbot(*command, tmp_path / "none.npz", "-o", tmp_path / "out.mp4"), "none.npz")


def test_a_text_is_no_pose_file(bopbot: Bopbot, tmp_path: Path) -> None:
    (tmp_path / "dance.txt").write_text("left, right")
    refused(bopbot("render", tmp_path / "dance.txt", "-o", tmp_path / "a.mp4"), ".npz", ".bvh", "'.txt'")
    (tmp_path / "dance.bvh").write_text("left, right")
    refused(bopbot("render", tmp_path / "dance.bvh", "-o", tmp_path / "a.mp4"), "dance.bvh")


def test_an_empty_folder_teaches_nothing(bopbot: Bopbot, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(bopbot("train", tmp_path / "empty", "-o", tmp_path / "model"), "empty")


def test_no_such_model_and_no_such_vocabulary(bopbot: Bopbot, tmp_path: Path) -> None:
    refused(bopbot("generate", "--model", tmp_path / "none", "-o", tmp_path / "a.npz"), "bopbot train")
    refused(bopbot("vocab", "show", tmp_path / "none"), "bopbot vocab build")


@pytest.mark.parametrize("suffix", [".txt", ".avi", ".npz"])
def test_a_file_type_that_cannot_be_written(bopbot: Bopbot, standing: Path, tmp_path: Path, suffix: str) -> None:
    refused(bopbot("render", standing, "-o", tmp_path / f"a{suffix}"), ".mp4")


def test_a_file_in_which_nobody_is_ever_seen(bopbot: Bopbot, nobody: Path, tmp_path: Path) -> None:
    refused(bopbot("render", nobody, "-o", tmp_path / "a.mp4"), "nobody is seen in any of 60 frames", "nobody.npz")
    assert not (tmp_path / "a.mp4").exists()


def test_a_folder_that_is_not_there(bopbot: Bopbot, nobody: Path, tmp_path: Path) -> None:
    refused(bopbot("render", nobody, "-o", tmp_path / "no" / "a.mp4"), "does not exist")


def test_nothing_that_is_needed_is_overwritten(bopbot: Bopbot, example: Path, tmp_path: Path) -> None:
    video = tmp_path / "dance.mp4"
    video.write_bytes(example.read_bytes())
    refused(bopbot("choreograph", video, "-o", video), "is also an input or another output")
    for needed in (video, tmp_path / "new.mp4"):
        refused(
            bopbot("choreograph", video, "-o", tmp_path / "new.mp4", "--report", needed),
            "is also an input or another output",
        )
    for result in (["-o", video], ["-o", tmp_path / "new.mp4", "--report", video]):
        refused(bopbot("choreograph", example, "--music", video, *result), "is also an input or another output")
    another_take = tmp_path / "dance-2.mp4"
    video.rename(another_take)
    refused(bopbot("choreograph", another_take, "-o", video, "--takes", 2), "is also an input or another output")
    assert another_take.read_bytes() == example.read_bytes()
    assert list(tmp_path.iterdir()) == [another_take]


@pytest.mark.parametrize("command", [["train"], ["vocab", "build"]])
def test_a_folder_that_cannot_be_written_is_told_before_the_work(
    bopbot: Bopbot, nobody: Path, tmp_path: Path, command: list[str]
) -> None:
    refused(bopbot(*command, nobody, "-o", tmp_path / "no" / "model"), "does not exist")
    refused(bopbot(*command, nobody, "-o", nobody), "it is a file; name a folder")
    refused(bopbot(*command, nobody, "-o", tmp_path), "contains nobody.npz; name a new one")


def test_a_kind_of_file_that_there_is_not(bopbot: Bopbot, tmp_path: Path) -> None:
    refused(bopbot("generate", "--model", tmp_path, "-o", tmp_path / "dance.txt"), "'.txt'", ".npz", ".mp4")


def test_no_permission(bopbot: Bopbot, nobody: Path) -> None:
    """Even root may not write into /proc."""
    refused(bopbot("render", nobody, "-o", "/proc/a.mp4"), "/proc")


@pytest.mark.parametrize(
    "words",
    [
        ["choreograph"],
        ["choreograph", "a.mp4"],
        ["dance"],
        ["choreograph", "a.mp4", "-o", "b.mp4", "--seconds", "-3"],
        ["choreograph", "a.mp4", "-o", "b.mp4", "--style", "oil"],
        ["choreograph", "a.mp4", "-o", "b.mp4", "--layout", "round"],
        ["choreograph", "a.mp4", "-o", "b.mp4", "--takes", "0"],
        ["choreograph", "a.mp4", "-o", "b.mp4", "--energy", "2.5"],
        ["choreograph", "a.mp4", "-o", "b.mp4", "--own", "-1"],
        ["choreograph", "a.mp4", "-o", "b.mp4", "--max-copied", "2"],
        ["extract", "a.mp4", "-o", "b", "--dancer", "both"],
        ["render", "a.npz", "-o", "b.mp4", "--yaw", "nan"],
    ],
)
def test_wrong_usage(bopbot: Bopbot, words: list[str]) -> None:
    answer = bopbot(*words)
    assert answer.code == 2
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--music", "a.wav", "--audio"], "only one sound can be included"),
        (["--music", "a.wav", "--keep", "0-4"], "kept seconds cannot be put on a beat"),
        (["--from-scratch", "--keep", "0-4"], "kept seconds are not changed; leave --from-scratch"),
        (["--mirror", "--keep", "0-4"], "leave --from-scratch and --mirror out"),
    ],
)
def test_wishes_that_exclude_each_other(
    bopbot: Bopbot, example: Path, tmp_path: Path, words: list[str], why: str
) -> None:
    answer = bopbot("choreograph", example, "-o", tmp_path / "a.mp4", *words)
    assert answer.code == 2
    assert why in " ".join(answer.err.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("keep", "why"), [("0:4", "write them like 0-4,12-16"), ("4-2", "do not end after"), ("0-4,3-6", "write 0-6")]
)
def test_seconds_to_keep_that_make_no_sense(bopbot: Bopbot, example: Path, tmp_path: Path, keep: str, why: str) -> None:
    refused(bopbot("choreograph", example, "-o", tmp_path / "a.mp4", "--keep", keep), keep.split(",")[0], why)


def test_music_that_cannot_be_heard_is_told_before_the_work(bopbot: Bopbot, example: Path, tmp_path: Path) -> None:
    words = ["choreograph", example, "-o", tmp_path / "a.mp4", "--music"]
    refused(bopbot(*words, example), "salsa.mp4", "no sound")
    refused(bopbot(*words, tmp_path / "none.wav"), "none.wav")
    assert list(tmp_path.iterdir()) == []


def test_without_learning_there_are_no_own_words_to_ask_for(bopbot: Bopbot, example: Path, tmp_path: Path) -> None:
    refused(bopbot("choreograph", example, "-o", tmp_path / "a.mp4", "--no-adapt", "--own", 0.8), "of the dancer's own")


def test_a_full_disk_keeps_the_good_file(standing: Path, tmp_path: Path) -> None:
    """A real second process whose files may not grow beyond a few kilobytes."""
    good = tmp_path / "good.mp4"
    good.write_bytes(b"good")

    def small_files_only() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    ended = subprocess.run(
        [sys.executable, "-m", "bopbot", "render", str(standing), "-o", str(good)],
        preexec_fn=small_files_only,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert ended.returncode == 1
    assert "disk is full" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    assert good.read_bytes() == b"good"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.mp4", "standing.npz"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_leaves_no_half_file(tmp_path: Path, number: signal.Signals) -> None:
    """A real second process is interrupted while it writes an hour of video."""
    long = tmp_path / "long.npz"
    standing_px(72_000).save(long)
    running = subprocess.Popen(
        [sys.executable, "-m", "bopbot", "render", str(long), "-o", str(tmp_path / "long.mp4")],
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".long.mp4.*/*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(number)
    _, err = running.communicate(timeout=60)
    assert running.returncode not in (0, None)
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["long.npz"]


def test_errors_are_plain_in_json_too(bopbot: Bopbot, tmp_path: Path) -> None:
    answer = bopbot("extract", tmp_path / "none.mp4", "-o", tmp_path / "poses", "--json")
    assert answer.code == 1
    (outcome,) = json.loads(answer.out)
    assert outcome["status"] == "failed"
    assert "none.mp4" in outcome["detail"]
