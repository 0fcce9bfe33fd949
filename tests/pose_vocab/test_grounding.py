from dataclasses import replace

import numpy as np
import pytest
from builders import random_walk_px, standing_px
from hypothesis import given
from hypothesis import strategies as st

from pose_vocab.codec.features_3d import turn
from pose_vocab.grounding import HIPS, LEG, plant_feet, reduce_foot_sliding
from pose_vocab.normalization import FEET, Clip, Placement, normalize
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER


def raised(heights: np.ndarray) -> Clip:
    clip = normalize(standing_px(frames=len(heights)))
    hip_path = clip.placement.hip_path + np.column_stack([np.zeros_like(heights), heights]).astype(np.float32)
    return Clip(clip.poses, replace(clip.placement, hip_path=hip_path))


@pytest.mark.parametrize("height", [0.3, -0.4])
def test_who_floats_or_sinks_is_put_on_the_ground(height: float) -> None:
    planted = plant_feet(raised(np.full(60, height)))
    assert planted.placement.hip_path[:, 1] == pytest.approx(1.75, abs=1e-4)


def test_a_leap_stays_a_leap() -> None:
    heights = np.zeros(100)
    heights[45:55] = np.sin(np.linspace(0, np.pi, 10))
    planted = plant_feet(raised(heights))
    assert np.allclose(planted.placement.hip_path[:, 1], 1.75 + heights, atol=1e-4)


def test_a_dancer_without_feet_is_left_alone() -> None:
    clip = raised(np.full(30, 0.5))
    confidence = clip.poses.confidence.copy()
    confidence[:, 12:] = 0
    footless = Clip(replace(clip.poses, confidence=confidence), clip.placement)
    assert plant_feet(footless) is footless


def in_the_room(flat: Clip) -> Clip:
    """The same dancer in 3D, flat as paper."""
    keypoints = np.concatenate([flat.poses.keypoints, np.zeros((len(flat), DANCER.n_joints, 1))], axis=2)
    hip_path = np.column_stack([flat.placement.hip_path, np.zeros(len(flat), np.float32)])
    poses = PoseSequence.fully_seen(keypoints.astype(np.float32), flat.poses.fps, DANCER)
    return Clip(poses, Placement(1.0, 0.0, hip_path))


def shifted_feet(clip: Clip, feet: tuple[str, ...], offsets: np.ndarray) -> Clip:
    """Some joints elsewhere, frame by frame: `offsets` is (frames, dims) in torso lengths."""
    keypoints = clip.poses.keypoints.copy()
    for name in feet:
        keypoints[:, DANCER.index(name)] += offsets.astype(np.float32)
    return Clip(clip.poses.with_keypoints(keypoints), clip.placement)


def swaying(frames: int = 200, axis: int = 0, dims: int = 2) -> Clip:
    """A stiff dancer who slides to and fro by a hundredth of a torso length, once a second."""
    clip = raised(np.zeros(frames))
    clip = in_the_room(clip) if dims == 3 else clip
    hip_path = clip.placement.hip_path.copy()
    hip_path[:, axis] += 0.01 * np.sin(2 * np.pi * np.arange(frames) / 20)
    return Clip(clip.poses, replace(clip.placement, hip_path=hip_path))


def way_of(clip: Clip, joint: str, axis: int = 0) -> np.ndarray:
    """Where a joint is along the ground in the middle of the clip, as far from its mean."""
    way = clip.poses.joint(joint)[60:-60, axis] + clip.placement.hip_path[60:-60, axis]
    return way - way.mean()


def left_over(omega: float, feet: float, decay_s: float, smooth_s: float) -> float:
    """Which share of a slow sway is left: each term of the sum of squares, in the frequency domain."""
    return 1 - feet * omega**2 / ((feet + 1) * omega**2 + decay_s**-2 + smooth_s**2 * omega**4)


@pytest.mark.parametrize(("dims", "axis"), [(2, 0), (3, 0), (3, 2)])
def test_a_sway_on_standing_feet_by_hand(dims: int, axis: int) -> None:
    omega = 2 * np.pi
    of_hips = left_over(omega, 2 * HIPS.feet, HIPS.decay_s, HIPS.smooth_s)
    of_foot = of_hips * left_over(omega, LEG.feet, LEG.decay_s, LEG.smooth_s)
    clip = swaying(axis=axis, dims=dims)
    held = reduce_foot_sliding(clip)
    assert way_of(held, "nose", axis) == pytest.approx(of_hips * way_of(clip, "nose", axis), abs=1e-4)
    for foot in FEET:
        assert way_of(held, foot, axis) == pytest.approx(of_foot * way_of(clip, foot, axis), abs=1e-4)
    assert way_of(held, "left_knee", axis) == pytest.approx(
        (of_hips + of_foot) / 2 * way_of(clip, "left_knee", axis), abs=1e-4
    )
    assert of_foot < 0.1


def test_who_stands_perfectly_stays_as_is() -> None:
    clip = raised(np.zeros(60))
    held = reduce_foot_sliding(clip)
    assert np.allclose(held.poses.keypoints, clip.poses.keypoints, atol=1e-6)
    assert np.allclose(held.placement.hip_path, clip.placement.hip_path, atol=1e-6)


def test_a_foot_in_the_air_goes_where_it_likes() -> None:
    """The right foot swings to and fro at a fifth of a torso length above the ground, the left one stands."""
    time = np.arange(60)
    swing = np.column_stack([0.5 * np.sin(time / 3), np.full(60, 0.2)])
    clip = shifted_feet(raised(np.zeros(60)), ("right_ankle", "right_toe"), swing)
    held = reduce_foot_sliding(clip)
    assert np.allclose(held.poses.keypoints, clip.poses.keypoints, atol=1e-6)
    assert np.allclose(held.placement.hip_path, clip.placement.hip_path, atol=1e-6)


def test_a_foot_that_stands_has_more_say_than_one_that_steps() -> None:
    """Both touch the ground; the right one slides to and fro by a torso length, each way in 0.15 s."""
    slide = np.column_stack([np.abs((np.arange(200) + 3) % 6 - 3) / 3, np.zeros(200)])
    clip = shifted_feet(raised(np.zeros(200)), ("right_ankle", "right_toe"), slide)
    held = reduce_foot_sliding(clip)
    assert np.ptp(way_of(held, "left_toe")) < 0.01
    assert np.ptp(way_of(held, "right_toe")) > 0.85


def test_unseen_feet_have_no_say() -> None:
    clip = swaying()
    confidence = clip.poses.confidence.copy()
    confidence[:, [DANCER.index(name) for name in FEET]] = 0
    footless = Clip(replace(clip.poses, confidence=confidence), clip.placement)
    held = reduce_foot_sliding(footless)
    assert np.array_equal(held.poses.keypoints, footless.poses.keypoints, equal_nan=True)
    assert np.array_equal(held.placement.hip_path, clip.placement.hip_path)


def test_a_foot_without_toes_stands_on_its_ankle() -> None:
    clip = swaying()
    confidence = clip.poses.confidence.copy()
    confidence[:, [DANCER.index("left_toe"), DANCER.index("right_toe")]] = 0
    toeless = reduce_foot_sliding(Clip(replace(clip.poses, confidence=confidence), clip.placement))
    assert np.isnan(toeless.poses.joint("left_toe")).all()
    assert way_of(toeless, "left_ankle") == pytest.approx(way_of(reduce_foot_sliding(clip), "left_ankle"), abs=1e-4)


@pytest.mark.parametrize("frames", [0, 1, 2, 3])
def test_the_shortest_clips(frames: int) -> None:
    held = reduce_foot_sliding(swaying()[:frames])
    assert len(held) == frames
    assert np.isfinite(held.poses.keypoints).all()
    assert np.isfinite(held.placement.hip_path).all()


@given(seed=st.integers(0, 1000), frames=st.integers(15, 60))
def test_a_mirrored_dance_is_held_alike_and_no_height_changes(seed: int, frames: int) -> None:
    clip = normalize(random_walk_px(frames, seed))
    held, mirrored = reduce_foot_sliding(clip), reduce_foot_sliding(clip.mirrored()).mirrored()
    assert np.allclose(mirrored.poses.keypoints, held.poses.keypoints, atol=1e-5)
    assert np.allclose(mirrored.placement.hip_path, held.placement.hip_path, atol=1e-5)
    assert np.array_equal(held.poses.keypoints[..., 1], clip.poses.keypoints[..., 1])
    assert np.array_equal(held.placement.hip_path[:, 1], clip.placement.hip_path[:, 1])


@given(seed=st.integers(0, 1000), angle_rad=st.floats(-np.pi, np.pi))
def test_the_floor_has_no_direction(seed: int, angle_rad: float) -> None:
    def turned(clip: Clip) -> Clip:
        angles = np.full(len(clip), angle_rad)
        hip_path = turn(clip.placement.hip_path[:, None], angles)[:, 0].astype(np.float32)
        poses = clip.poses.with_keypoints(turn(clip.poses.keypoints, angles))
        return Clip(poses, replace(clip.placement, hip_path=hip_path))

    clip = in_the_room(normalize(random_walk_px(40, seed)))
    one, other = turned(reduce_foot_sliding(clip)), reduce_foot_sliding(turned(clip))
    assert np.allclose(one.poses.keypoints, other.poses.keypoints, atol=1e-4)
    assert np.allclose(one.placement.hip_path, other.placement.hip_path, atol=1e-4)
