from collections.abc import Callable

import numpy as np
import pytest
from builders import random_walk_px
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bopbot.metrics.jitter import acceleration, jitter_ratio
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip, normalize
from pose_vocab.skeletons import DANCER


def along_x(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Offsets (frames, 1, 2) of all joints across the picture."""
    return np.stack([x, np.zeros_like(x)], axis=1)[:, None]


def test_straight_uniform_motion_has_no_acceleration(danced: Callable[..., Clip]) -> None:
    assert acceleration([danced(along_x(np.arange(40) / 20))]) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("fps", [20.0, 60.0])
def test_a_fall_has_its_own_at_every_frame_rate(fps: float, danced: Callable[..., Clip]) -> None:
    time = np.arange(int(fps)) / fps
    assert acceleration([danced(along_x(3.0 * time**2 / 2), fps=fps)]) == pytest.approx(3.0, rel=1e-3)


def test_a_sine_has_a_known_mean_acceleration(danced: Callable[..., Clip]) -> None:
    """A sine of amplitude A and 1 Hz: A (2 pi)^2 times the mean of |sin|, 2 / pi."""
    time = np.arange(402) / 100
    swing = danced(along_x(0.2 * np.sin(2 * np.pi * time)), fps=100.0)
    assert acceleration([swing]) == pytest.approx(0.2 * (2 * np.pi) ** 2 * 2 / np.pi, rel=0.003)


def test_the_way_of_the_hips_does_not_count(danced: Callable[..., Clip]) -> None:
    shaken = danced(np.zeros((40, 1, 2)), way=np.random.default_rng(0).normal(size=(40, 2)))
    assert acceleration([shaken]) == 0


def test_joints_that_one_set_hides_are_left_out_of_the_ratio(danced: Callable[..., Clip]) -> None:
    time = np.arange(40) / 20
    calm, lively = along_x(np.sin(7 * time)), np.repeat(2 * along_x(np.sin(7 * time)), DANCER.n_joints, axis=1)
    lively[:, DANCER.index("left_wrist")] *= 50
    assert jitter_ratio([danced(lively)], [danced(calm, hidden=("left_wrist",))]) == pytest.approx(2, rel=1e-4)


@settings(max_examples=20, deadline=None)
@given(seeds=st.permutations(range(4)))
def test_neither_mirrors_nor_the_order_of_clips_change_it(seeds: list[int]) -> None:
    clips = [normalize(random_walk_px(20 + 5 * seed, seed)) for seed in range(4)]
    shuffled = [clips[seed].mirrored() for seed in seeds]
    assert acceleration(shuffled) == pytest.approx(acceleration(clips))
    assert jitter_ratio(shuffled, clips) == pytest.approx(1)


def test_what_cannot_be_measured_is_refused(danced: Callable[..., Clip]) -> None:
    moving, still = danced(along_x(np.arange(40.0) ** 2)), danced(np.zeros((40, 1, 2)))
    with pytest.raises(PoseError, match="three consecutive frames"):
        acceleration([moving[:2]])
    with pytest.raises(PoseError, match="do not move"):
        jitter_ratio([moving], [still])
    with pytest.raises(PoseError, match="no clip"):
        jitter_ratio([moving], [])
