from dataclasses import replace

import numpy as np
import pytest
from builders import moved, standing_px

from pose_vocab.cleaning import Cleaning, clean, explain_no_clips, fill_short_gaps, mask_unsure, smooth, split
from pose_vocab.errors import PoseError
from pose_vocab.sequence import PoseSequence


def hidden(poses: PoseSequence, frames: slice, joints: list[str] | None = None) -> PoseSequence:
    confidence = poses.confidence.copy()
    which = slice(None) if joints is None else [poses.skeleton.index(name) for name in joints]
    confidence[frames, which] = 0
    return replace(poses, confidence=confidence)


def test_unsure_joints_are_missing() -> None:
    poses = standing_px(frames=2)
    confidence = poses.confidence.copy()
    confidence[0, 3] = 0.4
    doubted = mask_unsure(replace(poses, confidence=confidence), 0.5)
    assert (~doubted.seen).sum() == 1
    assert not doubted.seen[0, 3]


def test_a_short_gap_is_a_straight_line_and_a_long_one_stays() -> None:
    walking = moved(standing_px(frames=60), np.outer(np.arange(60), [1.0, 0.0]))
    torn = hidden(hidden(walking, slice(10, 20), ["left_wrist"]), slice(30, 41), ["left_wrist"])
    bridged = fill_short_gaps(torn, max_gap_s=0.5)
    wrist = walking.skeleton.index("left_wrist")
    assert np.allclose(bridged.keypoints[:30], walking.keypoints[:30], atol=1e-3)
    assert np.flatnonzero(~bridged.seen[:, wrist]).tolist() == list(range(30, 41))


def test_nothing_is_bridged_at_the_ends() -> None:
    torn = hidden(standing_px(frames=30), slice(0, 3))
    assert not fill_short_gaps(torn, max_gap_s=0.5).seen[:3].any()


def test_a_long_absence_splits_the_clip() -> None:
    torn = hidden(standing_px(frames=100), slice(40, 60))
    clips = clean(torn, Cleaning())
    assert [len(clip) for clip in clips] == [40, 40]
    assert [len(clip) for clip in clean(torn, Cleaning(max_gap_s=1.0))] == [100]


def test_a_dancer_without_hips_is_no_clip_and_without_feet_is_one() -> None:
    feet = ["left_ankle", "right_ankle", "left_toe", "right_toe"]
    legless = hidden(standing_px(frames=60), slice(0, 60), ["left_hip", "right_hip"])
    assert clean(legless, Cleaning()) == []
    footless = hidden(standing_px(frames=60), slice(0, 60), feet)
    (clip,) = clean(footless, Cleaning())
    assert np.array_equal(clip.seen, footless.seen)


def test_a_dancer_down_to_the_hips_is_no_clip_and_the_reason_is_named() -> None:
    legs = [f"{side}_{joint}" for side in ("left", "right") for joint in ("knee", "ankle", "toe")]
    bust = hidden(standing_px(frames=60), slice(0, 60), legs)
    assert clean(bust, Cleaning()) == []
    reason = explain_no_clips(bust, Cleaning())
    assert "left knee, right knee" in reason
    assert "from head to foot" in reason
    assert "elbow" not in reason


def test_why_nobody_or_too_little_is_a_clip() -> None:
    nobody = hidden(standing_px(frames=60), slice(0, 60))
    assert "nobody is seen in any of 60 frames" in explain_no_clips(nobody, Cleaning())
    briefly = hidden(standing_px(frames=60), slice(10, 60))
    assert "only 10 of 60 frames" in explain_no_clips(briefly, Cleaning())


def test_what_is_too_short_is_dropped() -> None:
    assert split(standing_px(frames=19), min_seen=0.5, min_clip_s=1.0) == []
    assert len(split(standing_px(frames=20), min_seen=0.5, min_clip_s=1.0)) == 1


def test_smoothing_keeps_slow_motion_without_delay_and_takes_trembling() -> None:
    times = np.arange(200) / 20
    slow = 40 * np.sin(2 * np.pi * 0.5 * times)
    trembling = 5 * np.cos(np.pi * np.arange(200))
    still = standing_px(frames=200)
    danced = moved(still, np.column_stack([slow, np.zeros(200)]))
    shaky = moved(still, np.column_stack([slow + trembling, np.zeros(200)]))
    error = np.abs(smooth(shaky, 4.0).keypoints - danced.keypoints)[20:-20]
    assert error.max() < 1.0


def test_smoothing_leaves_straight_motion_and_missing_frames_alone() -> None:
    walking = moved(standing_px(frames=60), np.outer(np.arange(60), [3.0, 1.0]))
    torn = hidden(walking, slice(20, 40), ["nose"])
    smoothed = smooth(torn, 6.0)
    assert np.array_equal(smoothed.seen, torn.seen)
    assert np.nanmax(np.abs(smoothed.keypoints - torn.keypoints)) < 0.05


def test_every_step_can_be_switched_off() -> None:
    off = Cleaning(min_confidence=None, max_gap_s=None, cutoff_hz=None)
    torn = hidden(standing_px(frames=60), slice(20, 22), ["nose"])
    (clip,) = clean(torn, off)
    assert np.array_equal(clip.keypoints, torn.keypoints, equal_nan=True)


@pytest.mark.parametrize("bad", [{"min_confidence": 1.5}, {"max_gap_s": 0}, {"cutoff_hz": -1}, {"min_seen": -0.1}])
def test_impossible_options_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(PoseError, match="got"):
        Cleaning(**bad)
