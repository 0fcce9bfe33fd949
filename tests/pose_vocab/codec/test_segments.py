"""Segments: the consecutive frames that a row of words stands for."""

import numpy as np
from builders import random_walk_px, standing_px

from pose_vocab.codec.features import Pose2DFeatures
from pose_vocab.codec.segments import Segments
from pose_vocab.normalization import Clip, normalize
from pose_vocab.skeletons import DANCER

ARM = ("left_elbow", "left_wrist")
REST = tuple(name for name in DANCER.joint_names if name not in ARM)
PARTS = {"arm": ARM, "rest": REST}


def hidden(clip: Clip, frames: slice, joints: tuple[str, ...]) -> Clip:
    keypoints = clip.poses.keypoints.copy()
    keypoints[frames, [DANCER.index(name) for name in joints]] = np.nan
    return Clip(clip.poses.with_keypoints(keypoints), clip.placement)


def test_frames_come_back_and_a_last_one_that_fills_no_segment_is_left_out() -> None:
    features, clip = Pose2DFeatures(), normalize(random_walk_px(21, seed=0))
    segments = Segments(features, frames=2)
    rows = segments.transform(clip)
    assert rows.shape == (10, 2 * features.size)
    assert np.array_equal(segments.frames_of(rows), features.transform(clip)[:20])


def test_every_number_belongs_to_one_part_and_travel_to_the_hips() -> None:
    segments = Segments(Pose2DFeatures(parts=PARTS), frames=2)
    of_a_frame = [2 * DANCER.index("left_elbow"), 2 * DANCER.index("left_wrist")]
    arm = sorted(start + axis + frame * 34 for frame in (0, 1) for start in of_a_frame for axis in (0, 1))
    assert segments.columns["arm"].tolist() == arm
    assert sorted(np.concatenate(list(segments.columns.values())).tolist()) == list(range(68))
    assert {32, 33, 66, 67} <= set(segments.columns["rest"].tolist())


def test_a_part_that_the_features_do_not_show_is_left_out() -> None:
    assert list(Segments(Pose2DFeatures(REST, PARTS)).columns) == ["rest"]


def test_a_hidden_limb_is_unseen() -> None:
    clip = normalize(standing_px(10))
    segments = Segments(Pose2DFeatures(parts=PARTS))
    rows = segments.transform(hidden(clip, slice(3, 7), ARM))
    arm = segments.columns["arm"]
    assert np.isnan(rows[3:7, arm]).all()
    assert np.isnan(rows).sum() == 4 * len(arm)


def test_one_joint_of_a_limb_that_is_seen_is_not_made_up() -> None:
    clip = hidden(normalize(standing_px(10)), slice(3, 7), ("left_wrist",))
    wrist = 2 * DANCER.index("left_wrist")
    rows = Segments(Pose2DFeatures(parts=PARTS)).transform(clip)
    assert np.isnan(rows[3:7, [wrist, wrist + 1]]).all()
    assert np.isnan(rows).sum() == 8


def test_a_frame_of_which_little_is_seen_is_not_made_up() -> None:
    clip = hidden(normalize(standing_px(10)), slice(4, 5), DANCER.joint_names)
    assert (
        np.isnan(Segments(Pose2DFeatures(parts=PARTS)).transform(clip)).all(axis=1).tolist()
        == [False] * 4 + [True] + [False] * 5
    )


def test_a_limb_that_is_never_wholly_seen_is_not_made_up() -> None:
    clip = hidden(normalize(standing_px(10)), slice(0, 10), ("left_wrist",))
    elbow, wrist = (2 * DANCER.index(name) for name in ARM)
    rows = Segments(Pose2DFeatures(parts=PARTS)).transform(hidden(clip, slice(3, 5), ("left_elbow",)))
    assert np.isfinite(rows[:, elbow]).tolist() == [True] * 3 + [False] * 2 + [True] * 5
    assert np.isnan(rows[:, [wrist, wrist + 1]]).all()
