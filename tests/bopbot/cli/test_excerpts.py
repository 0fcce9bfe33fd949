"""`render` and `convert` with --begin and --seconds, typed as a user types them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from builders import random_walk_px
from scipy.io import wavfile

from bopbot.drawing.captions import beat_times
from pose_vocab.formats import read_people
from pose_vocab.video import read_frames
from render.writer import write_video

Bopbot = Callable[..., Any]
SMALL = ("--width", 160, "--height", 120)
SOUND_HZ = 8000


@pytest.fixture
def dance(tmp_path: Path) -> Path:
    """A pose file of three seconds."""
    path = tmp_path / "dance.npz"
    random_walk_px(60, seed=5).save(path)
    return path


def test_convert_writes_a_part(bopbot: Bopbot, dance: Path, tmp_path: Path) -> None:
    answer = bopbot("convert", dance, "-o", tmp_path / "part.pose", "--begin", 1, "--seconds", 0.5)
    assert answer.code == 0, answer.err
    assert "1 person, 10 frames at 20 a second" in answer.out
    whole, part = (read_people(path).people[0].keypoints for path in (dance, tmp_path / "part.pose"))
    assert np.allclose(part, whole[20:30], atol=1e-3)


def test_render_draws_a_part(bopbot: Bopbot, dance: Path, tmp_path: Path) -> None:
    answer = bopbot("render", dance, "-o", tmp_path / "part", "--begin", 1, "--seconds", 0.5, *SMALL)
    assert answer.code == 0, answer.err
    assert answer.out == f"{tmp_path / 'part'} (0.5 s)\n"
    assert len(list((tmp_path / "part").iterdir())) == 15


@pytest.mark.parametrize("command", ["render", "convert"])
def test_outside_of_the_dance_it_is_refused(bopbot: Bopbot, dance: Path, tmp_path: Path, command: str) -> None:
    output = tmp_path / ("a.mp4" if command == "render" else "a.pose")
    answer = bopbot(command, dance, "-o", output, "--begin", 2, "--seconds", 2)
    assert answer.code == 1
    assert "dance.npz lasts 3 s, and --begin 2 --seconds 2 goes beyond its end" in answer.err
    assert not output.exists()


def test_the_video_below_is_that_of_the_part(bopbot: Bopbot, dance: Path, tmp_path: Path) -> None:
    brightness = np.linspace(20, 230, 90).astype(np.uint8)
    film = tmp_path / "film.mp4"
    write_video([np.full((240, 320, 3), level, np.uint8) for level in brightness], film, 30)
    answer = bopbot("render", dance, "-o", tmp_path / "a.mp4", "--over", film, "--begin", 2, "--seconds", 0.5)
    assert answer.code == 0, answer.err
    corner = next(iter(read_frames(tmp_path / "a.mp4")))[-10:, :10].mean()
    assert corner == pytest.approx(brightness[60], abs=4)


def test_the_sound_of_the_part_goes_along_and_then_starts_over(bopbot: Bopbot, dance: Path, tmp_path: Path) -> None:
    """Sound of two seconds, silent but for a click at 0.1 s and one at 1.5 s, under the dance from 1 s on."""
    sound = np.zeros(2 * SOUND_HZ, np.int16)
    for at_s in (0.1, 1.5):
        sound[round(at_s * SOUND_HZ) :][:80] = 20_000
    wavfile.write(tmp_path / "clicks.wav", SOUND_HZ, sound)
    answer = bopbot("render", dance, "-o", tmp_path / "a.mov", "--audio", tmp_path / "clicks.wav", "--begin", 1, *SMALL)
    assert answer.code == 0, answer.err
    with av.open(str(tmp_path / "a.mov")) as container:
        rate = container.streams.audio[0].rate
        heard = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    loud = np.flatnonzero(np.abs(heard) > 0.2) / rate
    begins = loud[np.flatnonzero(np.diff(loud, prepend=-1) > 0.1)]
    assert begins == pytest.approx([0.5, 1.1], abs=0.02)


def test_beats_are_those_of_the_part(tmp_path: Path) -> None:
    dance = random_walk_px(60, seed=5)
    sound = np.zeros(10 * SOUND_HZ, np.int16)
    for at_s in np.arange(0.25, 10, 0.5):
        sound[round(at_s * SOUND_HZ) :][:80] = 20_000
    wavfile.write(tmp_path / "clicks.wav", SOUND_HZ, sound)
    whole, part = (np.array(beat_times(dance, tmp_path / "clicks.wav", begin_s)) for begin_s in (0.0, 1.0))
    assert np.allclose(part, whole[whole >= 1] - 1)
