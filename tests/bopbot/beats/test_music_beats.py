from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.io import wavfile

from bopbot.beats.music_beats import Beats, detect_beats
from pose_vocab.errors import VideoError
from render.writer import write_video

RATE_HZ = 22_050
SECONDS = 20.0
TOLERANCE_S = 0.02

Heard = Callable[..., Beats]


def steady(bpm: float, begin_s: float = 0.3, end_s: float = SECONDS - 0.1) -> NDArray[np.float64]:
    return np.arange(begin_s, end_s, 60 / bpm)


def drifting(from_bpm: float, to_bpm: float) -> NDArray[np.float64]:
    times_s = [0.3]
    while (last_s := times_s[-1]) < SECONDS - 1:
        times_s.append(last_s + 60 / (from_bpm + (to_bpm - from_bpm) * last_s / SECONDS))
    return np.array(times_s)


def write_clicks(path: Path, times_s: NDArray[np.float64], hiss: float = 0.0, seconds: float = SECONDS) -> Path:
    sound = np.random.default_rng(0).normal(0, 1, round(seconds * RATE_HZ)) * hiss
    since_s = np.arange(round(0.05 * RATE_HZ)) / RATE_HZ
    for time_s in times_s:
        begin = round(time_s * RATE_HZ)
        sound[begin : begin + len(since_s)] += 0.8 * np.sin(2000 * np.pi * since_s) * np.exp(-since_s / 0.01)
    wavfile.write(path, RATE_HZ, (sound * 32767).astype(np.int16))
    return path


@pytest.fixture
def heard(tmp_path: Path) -> Heard:
    """The beats of clicks at these times."""
    return lambda *args, **options: detect_beats(write_clicks(tmp_path / "clicks.wav", *args, **options))


def check_met(clicks_s: NDArray[np.float64], beats_s: NDArray[np.float64]) -> None:
    """Every click has its beat, and nothing else has, but perhaps before the first and after the last."""
    beats_s = beats_s[(beats_s > clicks_s[0] - 0.2) & (beats_s < clicks_s[-1] + 0.2)]
    assert len(beats_s) == len(clicks_s)
    assert np.abs(beats_s - clicks_s).max() < TOLERANCE_S


@pytest.mark.parametrize("bpm", [90, 120, 150])
def test_a_steady_beat(heard: Heard, bpm: float) -> None:
    clicks_s = steady(bpm)
    beats = heard(clicks_s)
    check_met(clicks_s, beats.times_s)
    assert beats.tempo == pytest.approx(bpm, rel=0.01)
    assert beats.duration_s == pytest.approx(SECONDS, abs=0.001)


def test_a_beat_that_drifts(heard: Heard) -> None:
    clicks_s = drifting(110, 125)
    check_met(clicks_s, heard(clicks_s).times_s)


def test_a_beat_under_noise(heard: Heard) -> None:
    clicks_s = steady(120)
    check_met(clicks_s, heard(clicks_s, hiss=0.02).times_s)


def test_the_beat_goes_on_through_a_pause(heard: Heard) -> None:
    clicks_s = steady(120)
    check_met(clicks_s, heard(clicks_s[(clicks_s < 7) | (clicks_s > 12)]).times_s)


@pytest.mark.parametrize("hiss", [0.0, 1e-4])
def test_silence_has_no_beat(heard: Heard, hiss: float) -> None:
    silence = heard(np.empty(0), hiss=hiss)
    assert len(silence.times_s) == 0
    assert silence.tempo == 0
    assert silence.duration_s == pytest.approx(SECONDS, abs=0.001)


@pytest.mark.parametrize("seconds", [0.01, 0.5])
def test_a_moment_of_sound_can_be_listened_to(heard: Heard, seconds: float) -> None:
    moment = heard(np.empty(0), hiss=0.1, seconds=seconds)
    assert moment.duration_s == pytest.approx(seconds, abs=0.001)
    assert (moment.times_s < seconds).all()


def test_no_more_is_listened_to_than_asked_for(tmp_path: Path) -> None:
    clicks_s = steady(120)
    beats = detect_beats(write_clicks(tmp_path / "clicks.wav", clicks_s), 12.5)
    assert beats.duration_s == 12.5
    check_met(clicks_s[clicks_s < 12.5], beats.times_s)


def test_beats_are_in_step_with_the_pictures(tmp_path: Path) -> None:
    """The sound is written beside pictures, as `choreograph` does it, and heard from there."""
    clicks_s = steady(120)
    video = tmp_path / "video.mp4"
    pictures = np.zeros((round(SECONDS * 10), 32, 32, 3), np.uint8)
    write_video(pictures, video, 10.0, audio=write_clicks(tmp_path / "clicks.wav", clicks_s))
    check_met(clicks_s, detect_beats(video).times_s)


def test_the_same_sound_has_the_same_beats(heard: Heard) -> None:
    assert np.array_equal(heard(steady(100)).times_s, heard(steady(100)).times_s)


def test_a_video_without_sound(tmp_path: Path) -> None:
    video = tmp_path / "video.mp4"
    write_video(np.zeros((5, 32, 32, 3), np.uint8), video, 10.0)
    with pytest.raises(VideoError, match="no sound"):
        detect_beats(video)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="there is no file"):
        detect_beats(tmp_path / "music.mp3")
