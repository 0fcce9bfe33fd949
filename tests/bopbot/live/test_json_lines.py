"""Frames as JSON lines, in this process and in another."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bopbot.choreography.generation import Sampling
from bopbot.dance_model import DanceModel
from bopbot.live.dancing import endless_dance
from bopbot.live.frames import Frame
from bopbot.live.targets import open_target
from pose_vocab.skeletons import DANCER

Bopbot = Callable[..., Any]
PROGRAM = [sys.executable, "-m", "bopbot"]


def test_json_lines_of_a_new_dance(bopbot: Bopbot, starter: DanceModel) -> None:
    answer = bopbot("live", "--to", "json", "--seconds", 0.5, "--lm", "lstm", "--seed", 1)
    assert (answer.code, answer.err) == (0, "")
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert lines[-1]["time_s"] == pytest.approx(14 / 30, abs=0.1)
    expected = list(islice(endless_dance(starter, "lstm", Sampling(seed=1), 30), 15))
    for line in lines:
        frame = expected[line["frame"]]
        assert line["joints"] == {
            name: pytest.approx(point, abs=6e-5)
            for name, point in zip(DANCER.joint_names, frame.people[0].tolist(), strict=True)
        }
        assert line["words"] == list(frame.words)
        assert (line["person"], line["skeleton"]) == (1, "dancer")
    assert [line["frame"] for line in lines] == sorted({line["frame"] for line in lines})


def test_what_is_missing_is_null_and_nobody_is_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    joints = np.ones((16, 3), np.float32)
    joints[0] = np.nan
    with open_target("json") as target:
        assert target.show(Frame(4, 0.2, (np.full((16, 3), np.nan, np.float32), joints)))
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["person"], line["frame"], line["time_s"]) == (2, 4, 0.2)
    assert line["joints"]["nose"] is None
    assert line["joints"]["neck"] == [1.0, 1.0, 1.0]
    assert "words" not in line


@pytest.mark.slow
def test_a_closed_pipe_ends_it_silently(walk_file: Path) -> None:
    running = subprocess.Popen(
        [*PROGRAM, "render", str(walk_file), "--live", "json", "--loop", "--quiet"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout is not None and running.stderr is not None
    assert json.loads(running.stdout.readline())["frame"] == 0
    running.stdout.close()
    assert running.wait(timeout=30) == 0
    assert running.stderr.read() == b""
    running.stderr.close()


@pytest.mark.slow
def test_ctrl_c_ends_it_silently(walk_file: Path) -> None:
    running = subprocess.Popen(
        [*PROGRAM, "render", str(walk_file), "--live", "json", "--loop", "--quiet"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout is not None
    running.stdout.readline()
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (0, b"")


@pytest.mark.slow
def test_a_real_second_process_dances_in_time() -> None:
    running = subprocess.Popen([*PROGRAM, "live", "--to", "json", "--seconds", "3"], stdout=subprocess.PIPE)
    assert running.stdout is not None
    came = [(json.loads(line), time.monotonic()) for line in running.stdout]
    running.stdout.close()
    assert running.wait() == 0
    (first, began), (last, ended) = came[0], came[-1]
    assert first["frame"] == 0
    assert last["time_s"] > 2.8
    assert ended - began == pytest.approx(last["time_s"], abs=0.3)
