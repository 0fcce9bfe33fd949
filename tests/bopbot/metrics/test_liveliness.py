from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from builders import random_walk_px
from numpy.typing import NDArray

from bopbot.metrics.liveliness import LEG_JOINTS, Liveliness, echo, liveliness, speed, spread, steady_joints, still
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip, normalize
from pose_vocab.skeletons import DANCER

FRAMES = 400


def moving(velocity: float, frames: int = FRAMES) -> NDArray[np.float64]:
    """Joints (frames, 3, 2) that move across the picture at a constant velocity, in torso lengths per second."""
    return np.stack([np.arange(frames) / 20 * velocity, np.zeros(frames)], axis=1)[:, None].repeat(3, axis=1)


@pytest.fixture(scope="module")
def walk() -> Clip:
    return normalize(random_walk_px(FRAMES, seed=1))


def test_constant_velocity_is_the_speed() -> None:
    assert speed(moving(1.5)) == pytest.approx(1.5)
    assert speed(moving(0)) == 0


def test_unseen_joints_do_not_count() -> None:
    joints = moving(1.5)
    joints[:, 0] = 0
    joints[::2, 0] = np.nan
    joints[100:200] = np.nan
    assert speed(joints) == pytest.approx(1.5)
    joints[:, 0] = np.nan
    assert spread(joints) == pytest.approx(spread(joints[:, 1:]))


def test_joints_that_alternate_between_two_places_have_a_known_spread() -> None:
    """Half of the time 0.3 to the left, half to the right, on one of two axes: 0.3 / root 2."""
    joints = np.where(np.arange(FRAMES) % 2, -0.3, 0.3)[:, None, None] * [1.0, 0.0]
    assert spread(joints) == pytest.approx(0.3 / np.sqrt(2))
    assert spread(np.add(joints, [5.0, -2.0])) == pytest.approx(0.3 / np.sqrt(2))


def test_a_dance_that_repeats_exactly_has_echo_zero(walk: Clip) -> None:
    joints = steady_joints(walk)
    assert echo(joints[np.arange(FRAMES) % 60]) == 0
    assert echo(joints) > 0.05


def test_the_echo_of_constant_velocity_is_the_way_of_two_seconds() -> None:
    """The nearest second begins 2 s earlier or later, all joints 3.0 torso lengths away along one of two axes."""
    assert echo(moving(1.5)) == pytest.approx(3.0 / np.sqrt(2))
    unseen = moving(1.5)
    unseen[50:120, 0] = np.nan
    assert echo(unseen) == pytest.approx(3.0 / np.sqrt(2))


def test_seconds_that_stand_are_counted() -> None:
    """20 s of which the last 10 stand: 39 seconds begin half a second apart, the first 20 of them move in part."""
    joints = moving(1.0, 401)
    joints[201:] = joints[200]
    assert still(joints, [moving(1.0)]) == pytest.approx(19 / 39)
    assert still(moving(0.26), [moving(1.0)]) == 0
    assert still(moving(0.24), [moving(1.0)]) == 1
    assert still(moving(0.24), [moving(1.0), moving(0.1, 21)]) == 1


def test_travel_over_the_floor_does_not_count(danced: Callable[..., Clip]) -> None:
    standing = danced(np.zeros((FRAMES, 1, 2)), way=np.arange(FRAMES)[:, None] * [0.1, 0.0])
    assert speed(steady_joints(standing)) == 0


def test_joints_are_smoothed_over_three_frames(danced: Callable[..., Clip]) -> None:
    """An offset of 0.3 in the middle of five frames."""
    offsets = np.zeros((5, DANCER.n_joints, 2))
    offsets[2] = [0.3, 0.0]
    offsets[1, DANCER.index("nose")] = np.nan
    joints = steady_joints(danced(offsets)) - steady_joints(danced(np.zeros((5, 1, 2))))
    np.testing.assert_allclose(joints[:, DANCER.index("neck"), 0], [0, 0.1, 0.1, 0.1, 0], atol=1e-6)
    np.testing.assert_allclose(joints[:, DANCER.index("nose"), 0], [0, np.nan, 0.15, 0.1, 0], atol=1e-6)


def test_other_frame_rates_are_brought_to_twenty(danced: Callable[..., Clip]) -> None:
    slow, fast = (
        steady_joints(danced(np.stack([np.sin(times), np.zeros(len(times))], axis=1)[:, None], fps=fps))
        for fps in (20, 60)
        for times in [np.arange(20 * fps) / fps]
    )
    assert len(fast) == len(slow) == FRAMES
    np.testing.assert_allclose(fast, slow, atol=1e-4)


def test_legs_are_knees_and_ankles(danced: Callable[..., Clip]) -> None:
    """One knee of four leg joints moves twice as far; a wrist that moves nine times as far changes nothing."""
    real, new = (danced(0.1 * np.sin(np.arange(FRAMES))[:, None, None].repeat(16, 1) * [1, 0]) for _ in range(2))
    keypoints = new.poses.keypoints.copy()
    rest = keypoints.mean(axis=0)
    for name, factor in (("left_knee", 2), ("left_wrist", 9)):
        joint = DANCER.index(name)
        keypoints[:, joint] = rest[joint] + factor * (keypoints[:, joint] - rest[joint])
    found = liveliness(replace(new, poses=new.poses.with_keypoints(keypoints)), [real[:200]])
    assert found.legs == pytest.approx(5 / 4, rel=0.01)
    assert found.speed == pytest.approx(25 / 16, rel=0.01)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_scaled_motion_has_that_ratio(walk: Clip, factor: float) -> None:
    rest = walk.poses.keypoints.mean(axis=0)
    scaled = replace(walk, poses=walk.poses.with_keypoints(rest + factor * (walk.poses.keypoints - rest)))
    plain, other = (liveliness(clip, [walk]) for clip in (walk, scaled))
    for name in ("speed", "legs", "spread", "echo"):
        assert getattr(other, name) == pytest.approx(factor * getattr(plain, name), rel=1e-4), name


def test_a_real_dance_is_like_itself(walk: Clip) -> None:
    assert liveliness(walk[:200], [walk[:200]]) == Liveliness(1, 1, 1, 1, 0)


def test_real_dances_are_cut_into_parts_of_ten_seconds(walk: Clip) -> None:
    """The ratio is to the median of the parts; what is left over is dropped, a part that shows nothing left out."""
    dance = normalize(random_walk_px(200, seed=2))
    parts = [steady_joints(walk)[begin : begin + 200] for begin in (0, 200)]
    expected = spread(steady_joints(dance)) / np.mean([spread(part) for part in parts])
    assert liveliness(dance, [walk]).spread == pytest.approx(expected)
    assert liveliness(dance, [walk[:390]]).spread == pytest.approx(
        spread(steady_joints(dance)) / spread(parts[0]), rel=1e-6
    )
    keypoints = walk.poses.keypoints.copy()
    keypoints[200:] = np.nan
    hidden = replace(walk, poses=walk.poses.with_keypoints(keypoints))
    assert liveliness(dance, [hidden]).spread == pytest.approx(liveliness(dance, [walk[:200]]).spread, rel=1e-3)


def test_what_cannot_be_measured_is_refused(danced: Callable[..., Clip], walk: Clip) -> None:
    with pytest.raises(PoseError, match="begin 2 s apart, and a dance of 3 s has none"):
        echo(moving(1.0, 60))
    assert echo(moving(1.0, 61)) > 0
    unseen = np.full((90, 3, 2), np.nan)
    for figure, joints in ((speed, moving(1.0, 1)), (spread, unseen), (echo, unseen)):
        with pytest.raises(PoseError, match="too few joints are seen"):
            figure(joints)
    standing = danced(np.zeros((FRAMES, 1, 2)))
    with pytest.raises(PoseError, match="the speed of the real dances is 0"):
        liveliness(walk, [standing])
    with pytest.raises(PoseError, match="too few joints are seen"):
        liveliness(danced(np.zeros((FRAMES, 1, 2)), hidden=LEG_JOINTS), [walk])
    with pytest.raises(PoseError, match="1 real dances never move"):
        still(moving(1.0), [moving(0.0)])
    with pytest.raises(PoseError, match="shorter than a second"):
        still(moving(1.0, 20), [moving(1.0)])
