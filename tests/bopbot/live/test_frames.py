"""Poses that are known, played frame by frame."""

from itertools import islice, pairwise

import numpy as np
import pytest
from builders import STANDING, TORSO_PX, moved, standing_px

from bopbot.live.frames import pose_frames
from pose_vocab.errors import NobodyDancingError, PoseError
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER


def test_on_the_stage_everything_is_in_torso_lengths_from_the_middle_of_the_floor() -> None:
    frames = list(pose_frames([standing_px(20, fps=20)], 20))
    assert len(frames) == 20
    joints = frames[7].people[0]
    standing = np.array([STANDING[name] for name in DANCER.joint_names])
    assert joints - standing == pytest.approx(np.tile([0, 1.75], (16, 1)), abs=1e-4)
    assert (frames[7].number, frames[7].time_s, frames[7].words) == (7, 0.35, ())


def test_those_who_dance_together_keep_their_places_and_one_may_stop_first() -> None:
    """The second stands two torso lengths to the right, and for one second only."""
    both = [standing_px(40), moved(standing_px(20), np.tile([2 * TORSO_PX, 0], (20, 1)))]
    frames = list(pose_frames(both, 20))
    assert len(frames) == 40
    left, right = frames[19].people
    assert right - left == pytest.approx(np.tile([2, 0], (16, 1)), abs=1e-4)
    assert np.isnan(frames[20].people[1]).all()


def test_frames_come_as_many_a_second_as_are_wanted(walk: PoseSequence) -> None:
    frames = list(pose_frames([walk], 50))
    assert len(frames) == pytest.approx(400 * 50 / 20, abs=3)
    assert frames[100].time_s == 2.0


def test_a_loop_runs_on_from_its_end(walk: PoseSequence) -> None:
    frames = list(islice(pose_frames([walk], 20, loop=True), 900))
    assert len(frames) == 900
    moves = [np.linalg.norm(b.people[0] - a.people[0], axis=1).mean() for a, b in pairwise(frames)]
    jump = np.linalg.norm(frames[399].people[0] - frames[0].people[0], axis=1).mean()
    back = [*moves[399:410], *moves[799:810]]
    assert jump > 0.3
    # along the cubic of `carried_on` over eleven steps the largest is 1.5 / 11 of the way
    assert max(back) < 0.2 * jump


def test_a_single_pose_may_stand_for_ever() -> None:
    frames = list(islice(pose_frames([standing_px(1)], 20, loop=True), 5))
    assert np.array_equal(frames[0].people[0], frames[4].people[0])


def test_nobody_cannot_be_played() -> None:
    with pytest.raises(NobodyDancingError):
        pose_frames([PoseSequence(np.zeros((5, 16, 2)), np.zeros((5, 16)), 20, DANCER)], 20)


def test_pixels_and_metres_share_no_stage() -> None:
    flat = standing_px(5)
    solid = flat.with_keypoints(np.pad(flat.keypoints, ((0, 0), (0, 0), (0, 1))))
    with pytest.raises(PoseError, match="all in 2D or all in 3D, got 2D and 3D"):
        pose_frames([flat, solid], 20)
