from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import moved, random_walk_px, standing_px
from hypothesis import given, settings
from hypothesis import strategies as st

from bopbot.beats.motion_beats import motion_beats
from bopbot.beats.time_warping import TEMPOS, find_warp, retime
from bopbot.codec_presets import find_codec_preset
from bopbot.inputs.clips import clips_of
from bopbot.metrics.beat_alignment import beat_alignment
from bopbot.metrics.jitter import jitter_ratio
from pose_vocab.cleaning import Cleaning
from pose_vocab.errors import PoseError
from pose_vocab.formats.bvh.load import load_bvh
from pose_vocab.normalization import Clip, normalize

FPS = 20.0


def swaying(seconds: float, turns_a_minute: float) -> Clip:
    """A dancer who sways to and fro and turns back so often."""
    times_s = np.arange(round(seconds * FPS)) / FPS
    sway = 80 * np.sin(np.pi * turns_a_minute / 60 * times_s)
    return normalize(moved(standing_px(len(times_s), FPS), np.column_stack([sway, np.zeros_like(sway)])))


def wandering(seed: int, seconds: float = 15.0) -> Clip:
    return normalize(random_walk_px(round(seconds * FPS), seed))


def steady(bpm: float, seconds: float, begin_s: float = 0.2) -> np.ndarray:
    return np.arange(begin_s, seconds, 60 / bpm)


@pytest.mark.parametrize("bpm", [75, 90, 105])
def test_a_dance_that_could_keep_time_does(bpm: float) -> None:
    beats_s = steady(bpm, 9.5)
    dance = swaying(13.0, turns_a_minute=90)
    assert beat_alignment(beats_s, motion_beats(dance[:200])) < 0.5
    assert beat_alignment(beats_s[1:], motion_beats(retime(dance, beats_s, 10.0))) > 0.85


def test_no_longer_and_no_shorter_than_wished() -> None:
    dance = wandering(0)
    for seconds in (0.05, 0.1, 3.0, 14.95, 15.0):
        retimed = retime(dance, steady(110, 20), seconds)
        assert len(retimed) == round(seconds * FPS)
        assert retimed.poses.fps == FPS
        assert retimed.poses.skeleton == dance.poses.skeleton


@pytest.mark.parametrize("beats_s", [[], [-1.0], [30.0]])
def test_without_a_beat_a_dance_stays_as_it_is(beats_s: list[float]) -> None:
    dance = wandering(1)
    retimed = retime(dance, np.array(beats_s), 10.0)
    assert np.array_equal(retimed.poses.keypoints, dance.poses.keypoints[:200])
    assert np.array_equal(retimed.placement.hip_path, dance.placement.hip_path[:200])


def test_who_stands_goes_on_standing() -> None:
    still = normalize(standing_px(200))
    assert np.array_equal(retime(still, steady(120, 5), 5.0).poses.keypoints, still.poses.keypoints[:100])


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 15.1])
def test_a_dance_cannot_be_made_longer(seconds: float) -> None:
    with pytest.raises(PoseError, match="choose a length above 0 s and at most the dance's"):
        retime(wandering(0), steady(120, 5), seconds)


def test_it_begins_as_it_did() -> None:
    dance = wandering(2)
    retimed = retime(dance, steady(120, 10), 10.0)
    np.testing.assert_allclose(retimed.poses.keypoints[0], dance.poses.keypoints[0], atol=1e-6)
    assert retimed.placement.hip_path[0] == pytest.approx(dance.placement.hip_path[0])


def test_the_hips_go_in_step_with_the_poses() -> None:
    dance = wandering(3)
    wrist = dance.poses.skeleton.index("left_wrist")
    path = dance.poses.keypoints[:, wrist]
    retimed = retime(Clip(dance.poses, replace(dance.placement, hip_path=path)), steady(120, 10), 10.0)
    np.testing.assert_allclose(retimed.placement.hip_path, retimed.poses.keypoints[:, wrist], atol=1e-6)
    assert np.abs(retimed.placement.hip_path - path[:200]).max() > 0.05


def test_what_is_missing_stays_missing_and_nothing_else() -> None:
    dance = wandering(4)
    keypoints = dance.poses.keypoints.copy()
    toe, wrist = (dance.poses.skeleton.index(name) for name in ("left_toe", "left_wrist"))
    keypoints[:, toe] = np.nan
    keypoints[60:120, wrist] = np.nan
    retimed = retime(Clip(dance.poses.with_keypoints(keypoints), dance.placement), steady(120, 12), 12.0)
    seen = retimed.poses.seen
    assert not seen[:, toe].any()
    assert 60 / TEMPOS[-1] - 1 <= (~seen[:, wrist]).sum() <= 60 / TEMPOS[0] + 2
    assert np.delete(seen, [toe, wrist], axis=1).all()


def test_no_jitter_is_added() -> None:
    dances = [wandering(seed) for seed in range(6)]
    retimed = [retime(dance, steady(90 + 10 * seed, 12), 12.0) for seed, dance in enumerate(dances)]
    assert jitter_ratio(retimed, dances) < 1.1


def test_the_same_dance_comes_out_again() -> None:
    first, again = (retime(wandering(5), steady(100, 10), 10.0).poses.keypoints for _ in range(2))
    assert np.array_equal(first, again)


some_beats = st.lists(st.floats(0, 5), max_size=15, unique=True).map(lambda times_s: np.array(sorted(times_s)))


@settings(max_examples=30, deadline=None)
@given(motion_s=some_beats, music_s=some_beats, duration_s=st.floats(0.05, 4), spare_s=st.floats(0, 2))
def test_time_flows_forward_within_bounds(
    motion_s: np.ndarray, music_s: np.ndarray, duration_s: float, spare_s: float
) -> None:
    warp = find_warp(motion_s, music_s[music_s < duration_s], duration_s, spare_s)
    times_s = np.linspace(0, duration_s, 1000)
    tempo = warp.derivative()(times_s)
    assert warp(0) == 0
    assert tempo[0] == pytest.approx(1)
    assert warp(duration_s) <= duration_s + spare_s + 1e-9
    assert (np.diff(warp(times_s)) > 0).all()
    assert tempo.min() >= TEMPOS[0] - 1e-9
    assert tempo.max() <= TEMPOS[-1] + 1e-9
    # A tempo that jumped would do so by a grain or more from one of these moments to the next.
    assert np.abs(np.diff(tempo)).max() < 0.04


def test_nothing_to_meet_changes_nothing() -> None:
    warp = find_warp(np.array([1.0, 2.0]), np.empty(0), 3.0, 1.0)
    assert warp(np.array([0.0, 1.3, 3.0])) == pytest.approx([0.0, 1.3, 3.0])


@pytest.mark.slow
def test_real_salsa_comes_on_the_beat(data: Path) -> None:
    kind = find_codec_preset("picture")
    before, after, dances, retimed = [], [], [], []
    for number, bpm in ((12, 90), (13, 110), (14, 130)):
        (dance,) = clips_of(load_bvh(data / "mocap" / f"60_{number}_scaled.bvh"), kind, Cleaning())
        seconds = dance.poses.duration_s - 3
        beats_s = steady(bpm, seconds - 0.1)
        dances.append(dance[: round(seconds * FPS)])
        retimed.append(retime(dance, beats_s, seconds))
        before.append(beat_alignment(beats_s, motion_beats(dances[-1])))
        after.append(beat_alignment(beats_s, motion_beats(retimed[-1])))
    assert np.mean(after) > np.mean(before) + 0.2
    assert jitter_ratio(retimed, dances) < 1.1
