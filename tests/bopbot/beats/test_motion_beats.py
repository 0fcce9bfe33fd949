from dataclasses import replace

import numpy as np
import pytest
from builders import moved, standing_px

from bopbot.beats.motion_beats import motion_beats
from pose_vocab.normalization import normalize
from pose_vocab.sequence import PoseSequence


def swaying_px(seconds: float = 6.0, fps: float = 20.0) -> PoseSequence:
    """A dancer who sways to and fro in two seconds, and turns back at 0.5 s, 1.5 s and so on."""
    times_s = np.arange(round(seconds * fps)) / fps
    sway = 80 * np.sin(np.pi * times_s)
    return moved(standing_px(len(times_s), fps), np.column_stack([sway, np.zeros_like(sway)]))


TURNS_S = pytest.approx([0.5, 1.5, 2.5, 3.5, 4.5, 5.5], abs=0.003)


@pytest.mark.parametrize("fps", [20.0, 25.0, 29.97, 60.0])
def test_the_beat_is_where_the_dancer_turns_back(fps: float) -> None:
    assert motion_beats(normalize(swaying_px(fps=fps))).tolist() == TURNS_S


def test_beats_lie_between_frames_where_the_motion_does() -> None:
    """Cut 10 ms into the dance, between two frames, all beats come 10 ms earlier."""
    late = normalize(replace(swaying_px(fps=100.0)[1::5], fps=20.0))
    assert motion_beats(late).tolist() == pytest.approx(list(np.arange(0.49, 6)), abs=0.003)


def test_a_joint_that_vanishes_is_no_stop() -> None:
    poses = swaying_px()
    keypoints = poses.keypoints.copy()
    keypoints[35:45, poses.skeleton.index("left_wrist")] = np.nan
    assert motion_beats(normalize(poses.with_keypoints(keypoints))).tolist() == TURNS_S


def test_a_joint_that_is_never_seen_does_not_matter() -> None:
    poses = swaying_px()
    keypoints = poses.keypoints.copy()
    keypoints[:, poses.skeleton.index("left_toe")] = np.nan
    assert motion_beats(normalize(poses.with_keypoints(keypoints))).tolist() == TURNS_S


@pytest.mark.parametrize("frames", [1, 2, 3, 40])
def test_who_stands_has_no_beat(frames: int) -> None:
    assert len(motion_beats(normalize(standing_px(frames)))) == 0
