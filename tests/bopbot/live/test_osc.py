"""Frames as OSC bundles."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage

from bopbot.live.frames import Frame, pose_frames
from bopbot.live.targets import open_target
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

Bopbot = Callable[..., Any]


@contextmanager
def listening(host: str = "127.0.0.1") -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind((host, 0))
        ear.settimeout(5)
        yield ear


def heard(datagram: bytes) -> tuple[float, dict[str, list[float | int | str]]]:
    """The time of a bundle and the messages in it, by their addresses."""
    bundle = OscBundle(datagram)
    messages = [message for message in bundle if isinstance(message, OscMessage)]
    return bundle.timestamp, {message.address: list(message.params) for message in messages}


def test_a_dance_is_heard_as_osc(bopbot: Bopbot, tmp_path: Path, walk: PoseSequence) -> None:
    walk_file = tmp_path / "walk.npz"
    walk[:20].save(walk_file)
    began = time.time()
    with listening() as ear:
        answer = bopbot("render", walk_file, "--live", f"osc:127.0.0.1:{ear.getsockname()[1]}", "--quiet")
        assert (answer.code, answer.out, answer.err) == (0, "", "")
        stamp, messages = heard(ear.recv(4096))
    assert messages["/bopbot/frame"] == [0, 0.0]
    assert began - 1 < stamp < time.time() + 1
    first = next(pose_frames([walk[:20]], 30)).people[0]
    for name, point in zip(DANCER.joint_names, first.tolist(), strict=True):
        assert messages[f"/bopbot/1/{name}"] == pytest.approx(point)
    assert len(messages) == 17


def test_osc_tells_persons_words_and_what_is_seen() -> None:
    one, other = np.zeros((16, 3), np.float32), np.ones((16, 3), np.float32)
    other[1:] = np.nan
    with listening() as ear, open_target(f"osc:localhost:{ear.getsockname()[1]}") as target:
        assert target.show(Frame(7, 0.25, (one, other, np.full((16, 3), np.nan)), ("jesud", "cleoz")))
        (_, first), (_, second) = heard(ear.recv(4096)), heard(ear.recv(4096))
        ear.setblocking(False)
        with pytest.raises(BlockingIOError):
            ear.recv(4096)
    assert first["/bopbot/1/nose"] == [0, 0, 0]
    assert second == {
        "/bopbot/frame": [7, 0.25], "/bopbot/words": ["jesud", "cleoz"], "/bopbot/2/nose": [1, 1, 1]
    }  # fmt: skip


def test_nobody_needs_to_listen() -> None:
    with listening() as ear:
        port = ear.getsockname()[1]
    with open_target(f"osc:127.0.0.1:{port}") as target:
        assert all(target.show(Frame(n, 0, (np.zeros((16, 2), np.float32),))) for n in range(3))
