"""Every block in the README works as it stands there."""

import os
import re
import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile
from typer.testing import CliRunner

from bopbot.cli import app
from pose_vocab.video import read_frames
from render.writer import write_video

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
SERVICE = re.compile(r"^## The web service\n.*?(?=^## )", re.MULTILINE | re.DOTALL)
"""Its blocks need a server and run in tests/service/test_docs.py."""
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", SERVICE.sub("", README), re.MULTILINE | re.DOTALL)
DANCE_S = 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """A folder as a reader has it: a dance video, a motion capture file, and ``bopbot`` on the path."""
    folder = tmp_path_factory.mktemp("reader")
    example = ROOT / "bopbot" / "example" / "salsa.mp4"
    write_video(islice(read_frames(example, 25.0), DANCE_S * 25), folder / "dance.mp4", 25.0, audio=None)
    (folder / "more").mkdir()
    write_video(islice(read_frames(example, 25.0), 150, 250), folder / "more" / "more.mp4", 25.0, audio=None)
    (folder / "salsa.bvh").write_bytes(next((data / "mocap").glob("60_10*.bvh")).read_bytes())
    clicks = np.zeros((8 * 48_000, 1), np.int16)
    clicks[:: 48_000 // 2] = 20_000
    wavfile.write(folder / "song.wav", 48_000, clicks)
    command = folder / "bin" / "bopbot"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bopbot "$@"\n')
    command.chmod(0o755)
    return folder


def run(words: list[str], folder: Path) -> None:
    search = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=folder, env=os.environ | search, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_blocks_run_in_the_order_they_stand(folder: Path) -> None:
    ran = 0
    for language, block in BLOCKS:
        if language == "python":
            run([sys.executable, "-c", block], folder)
            ran += 1
        elif language == "bash" and "bopbot " in block:
            run(["bash", "-euc", block], folder)
            ran += 1
    assert ran >= 3
    assert all((folder / name).stat().st_size for name in ("new.mp4", "atlas.png", "dance.npz", "salsa.mp4"))


def test_make_targets_exist() -> None:
    named = set(re.findall(r"`?make (\w+)`?", README))
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"demo", "test"} <= named <= targets


def test_every_option_that_is_named_exists() -> None:
    """The help of all commands together knows each ``--option`` of the README."""
    helped = ""
    wide = {"COLUMNS": "200", "TERMINAL_WIDTH": "200", "NO_COLOR": "1"}
    for command in (
        ["choreograph"],
        ["extract"],
        ["vocab", "build"],
        ["vocab", "show"],
        ["train"],
        ["generate"],
        ["render"],
        ["convert"],
        ["live"],
        ["evaluate"],
        ["serve"],
        ["worker"],
    ):
        shown = CliRunner().invoke(app, [*command, "--help"], env=wide)
        assert shown.exit_code == 0
        helped += shown.output
    of_others = re.compile(r"^```text\n.*?^```", re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"(--[a-z][a-z-]+)", of_others.sub("", README)))
    assert named - {option for option in named if option in helped} == set()
