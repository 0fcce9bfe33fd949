from dataclasses import replace

import numpy as np
import pytest
from builders import GROUND_PX, TORSO_PX, moved, random_walk_px, standing_px
from hypothesis import given
from hypothesis import strategies as st

from pose_vocab.errors import NobodyDancingError, PoseError
from pose_vocab.normalization import Clip, denormalize, normalize
from pose_vocab.sequence import PoseSequence


def test_a_standing_dancer_by_hand() -> None:
    clip = normalize(standing_px())
    assert clip.placement.scale == pytest.approx(TORSO_PX)
    assert clip.placement.ground == pytest.approx(GROUND_PX)
    assert clip.placement.hip_path[0] == pytest.approx([5.0, 1.75])
    assert clip.poses.joint("neck")[0] == pytest.approx([0, 1], abs=1e-5)
    assert clip.poses.joint("left_ankle")[0] == pytest.approx([0.2, -1.7], abs=1e-5)


@given(seed=st.integers(0, 1000), scale=st.floats(0.2, 5), x=st.floats(-500, 500), y=st.floats(-500, 500))
def test_denormalize_gives_the_clip_back(seed: int, scale: float, x: float, y: float) -> None:
    poses = random_walk_px(30, seed)
    poses = poses.with_keypoints(poses.keypoints * scale + np.array([x, y], np.float32))
    clip = normalize(poses)
    error = np.abs(denormalize(clip).keypoints - poses.keypoints).max() / clip.placement.scale
    assert error < 1e-4


@given(seed=st.integers(0, 1000), scale=st.floats(0.2, 5), x=st.floats(-500, 500), y=st.floats(-500, 500))
def test_neither_place_nor_size_matters(seed: int, scale: float, x: float, y: float) -> None:
    poses = random_walk_px(30, seed)
    elsewhere = poses.with_keypoints(poses.keypoints * scale + np.array([x, y], np.float32))
    here, there = normalize(poses), normalize(elsewhere)
    assert np.allclose(here.poses.keypoints, there.poses.keypoints, atol=1e-4)
    assert np.allclose(here.placement.hip_path[:, 1], there.placement.hip_path[:, 1], atol=1e-3)


def test_a_crouch_stays_a_crouch() -> None:
    """Hips and all above sink by half a torso while the feet stay."""
    sink = np.zeros((40, 16, 2), np.float32)
    upper = [
        i for i, name in enumerate(standing_px().skeleton.joint_names) if "ankle" not in name and "toe" not in name
    ]
    sink[20:, upper, 1] = TORSO_PX / 2
    poses = standing_px(frames=40)
    clip = normalize(poses.with_keypoints(poses.keypoints + sink))
    assert clip.placement.hip_path[[0, -1], 1] == pytest.approx([1.75, 1.25])
    assert clip.poses.joint("neck")[[0, -1], 1] == pytest.approx([1, 1], abs=1e-5)
    assert clip.poses.joint("left_ankle")[[0, -1], 1] == pytest.approx([-1.7, -1.2], abs=1e-5)


def test_a_jump_stays_a_jump() -> None:
    """Ten of two hundred frames a torso above the ground: the pose is the same, the hips are higher."""
    leap = np.zeros((200, 2))
    leap[100:110, 1] = -TORSO_PX
    clip = normalize(moved(standing_px(frames=200), leap))
    assert clip.placement.ground == pytest.approx(GROUND_PX)
    assert clip.placement.hip_path[[0, 105], 1] == pytest.approx([1.75, 2.75])
    assert np.allclose(clip.poses.keypoints[0], clip.poses.keypoints[105], atol=1e-5)


def test_travel_is_kept() -> None:
    clip = normalize(moved(standing_px(frames=21), np.outer(np.arange(21), [10.0, 0.0])))
    assert np.ptp(clip.placement.hip_path[:, 0]) == pytest.approx(2.0)


def test_metres_point_up() -> None:
    flat = standing_px()
    metres = np.pad(flat.keypoints * [0.005, -0.005], ((0, 0), (0, 0), (0, 1))) + np.array([0, 4.5, 0])
    clip = normalize(PoseSequence.fully_seen(metres, 20, flat.skeleton))
    assert clip.placement.scale == pytest.approx(0.5)
    assert clip.placement.ground == pytest.approx(0, abs=1e-6)
    assert clip.placement.hip_path[0] == pytest.approx([5.0, 1.75, 0.0])


def test_a_mirror_twice_is_the_same_and_once_changes_sides() -> None:
    clip = normalize(random_walk_px(30, seed=1))
    mirrored = clip.mirrored()
    assert np.array_equal(mirrored.poses.joint("left_wrist") * [-1, 1], clip.poses.joint("right_wrist"))
    twice = mirrored.mirrored()
    assert np.array_equal(twice.poses.keypoints, clip.poses.keypoints)
    assert np.array_equal(twice.placement.hip_path, clip.placement.hip_path)


def test_a_dancer_without_feet_stands_on_an_assumed_ground() -> None:
    poses = standing_px()
    confidence = poses.confidence.copy()
    confidence[:, 12:] = 0
    assert normalize(replace(poses, confidence=confidence)).placement.hip_path[0, 1] == pytest.approx(1.7)


def test_without_hips_there_is_no_scale() -> None:
    poses = standing_px()
    confidence = poses.confidence.copy()
    confidence[:, [8, 9]] = 0
    with pytest.raises(NobodyDancingError, match="from head to foot"):
        normalize(replace(poses, confidence=confidence))


def test_a_placement_of_another_length_is_refused() -> None:
    clip = normalize(standing_px(frames=40))
    with pytest.raises(PoseError, match=r"\(40, 2\) does not fit 20 frames"):
        Clip(clip.poses[:20], clip.placement)
