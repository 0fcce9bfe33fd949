"""The window of a live dance."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from required_programs import require_program

PROGRAM = [sys.executable, "-m", "bopbot"]


@pytest.mark.slow
def test_a_window_shows_the_dancer(walk_file: Path) -> None:
    """The screen was black, and an empty window has one colour."""
    from PIL import ImageGrab

    xvfb = require_program("Xvfb", package="xvfb")
    reading, writing = os.pipe()
    screen = subprocess.Popen(
        [xvfb, "-noreset", "-displayfd", str(writing), "-screen", "0", "1280x1024x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            display = f":{told.readline().strip()}"
        with subprocess.Popen(
            [*PROGRAM, "render", str(walk_file), "--live", "window", "--loop", "--quiet"],
            env=os.environ | {"DISPLAY": display},
            stderr=subprocess.PIPE,
        ) as running:
            try:
                colours, deadline = 0, time.monotonic() + 120
                while colours < 50 and time.monotonic() < deadline:
                    time.sleep(1)
                    colours = len(ImageGrab.grab(xdisplay=display).getcolors(1 << 24) or ())
                running.send_signal(signal.SIGINT)
                _, err = running.communicate(timeout=30)
            finally:
                running.kill()  # or a dance that does not end would take a core for good
    finally:
        screen.terminate()
        screen.wait()
    assert colours >= 50
    assert (running.returncode, err) == (0, b"")
