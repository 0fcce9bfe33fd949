"""Where live dances go; what cannot be a target is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bopbot.live.targets import open_target
from pose_vocab.errors import OutputError

Bopbot = Callable[..., Any]


@pytest.mark.parametrize(
    ("target", "complaint"),
    [
        ("osc", "HOST:PORT"),
        ("osc:nowhere", "HOST:PORT"),
        ("osc::9000", "HOST:PORT"),
        ("osc:127.0.0.1:99999", "1 to 65535"),
        ("osc:127.0.0.1:0", "1 to 65535"),
        ("osc:127.0.0.1:\u0662", "1 to 65535"),
        ("osc:no.such.host.invalid:9000", "cannot send to no.such.host.invalid:9000"),
        ("osc-flat:nowhere", "osc-flat:HOST:PORT"),
        ("vmc", "vmc:HOST:PORT with a port from 1 to 65535, like vmc:127.0.0.1:39539"),
        ("vmc:no.such.host.invalid", "cannot send to no.such.host.invalid:39539"),
        ("json:here", "standard output"),
        ("window:1", "this screen"),
        ("screen", "window, json, osc:HOST:PORT, osc-flat:HOST:PORT or vmc:HOST:PORT"),
        ("", "window, json, osc:HOST:PORT, osc-flat:HOST:PORT or vmc:HOST:PORT"),
    ],
)
def test_a_target_that_is_none_is_refused_in_one_line(bopbot: Bopbot, target: str, complaint: str) -> None:
    answer = bopbot("live", "--to", target)
    assert (answer.code, answer.out) == (1, "")
    assert complaint in answer.err
    assert len(answer.err.splitlines()) == 1


@pytest.mark.parametrize("display", [None, ":4711"])
def test_without_a_display_a_window_names_the_other_ways(
    bopbot: Bopbot, monkeypatch: pytest.MonkeyPatch, display: str | None
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    if display is not None:
        monkeypatch.setenv("DISPLAY", display)
    answer = bopbot("live", "--to", "window")
    assert answer.code == 1
    assert "json" in answer.err and "osc:HOST:PORT" in answer.err
    assert len(answer.err.splitlines()) == 1


def test_a_file_is_not_played(bopbot: Bopbot, walk_file: Path, tmp_path: Path) -> None:
    assert bopbot("render", walk_file, "-o", tmp_path / "a.mp4", "--loop").code == 2


def test_poses_that_cannot_be_read_are_told_in_one_line(bopbot: Bopbot, tmp_path: Path) -> None:
    answer = bopbot("render", tmp_path / "none.npz", "--live", "json")
    assert (answer.code, len(answer.err.splitlines())) == (1, 1)


def test_an_unknown_style_is_refused_before_a_window_opens() -> None:
    with pytest.raises(OutputError, match="unknown style 'oil'"), open_target("window", "oil"):
        pass
