import numpy as np
import pytest

from bopbot.training.motion_graph import AHEAD_S, APART_S, walk

FPS = 20.0


def circling(seconds: float, radius: float = 1.0) -> np.ndarray:
    """A dancer who goes round once in two seconds: every pose comes again two seconds later."""
    angle = np.arange(round(seconds * FPS)) / FPS * np.pi
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]).astype(np.float32)


def test_a_walk_goes_straight_on_but_for_crossings_to_like_moments() -> None:
    dance = circling(20)
    steps = walk([dance], FPS, 2000, seed=0)
    assert steps is not None
    assert steps.shape == (2000,)
    crossings = np.flatnonzero(np.diff(steps) != 1)
    assert 10 < len(crossings) < 500
    leap = np.linalg.norm(dance[steps[crossings + 1]] - dance[steps[crossings]], axis=1)
    one_step = np.linalg.norm(dance[1] - dance[0])
    assert leap.max() < 2 * one_step


def test_crossings_lead_elsewhere_and_never_to_an_end() -> None:
    dances = [circling(9), circling(12)]
    steps = walk(dances, FPS, 2000, seed=1)
    assert steps is not None
    arrived = steps[1:][np.diff(steps) != 1] - 1
    left_behind = steps[:-1][np.diff(steps) != 1]
    last = np.where(arrived < len(dances[0]), len(dances[0]), len(dances[0]) + len(dances[1])) - 1
    assert (last - arrived >= AHEAD_S * FPS).all()
    same = (arrived < len(dances[0])) == (left_behind < len(dances[0]))
    assert (np.abs(arrived - left_behind)[same] >= APART_S * FPS).all()


def test_most_moments_are_walked_through() -> None:
    dance = circling(10)
    steps = walk([dance], FPS, 10 * len(dance), seed=2)
    assert steps is not None
    assert len(set(steps.tolist())) > 0.7 * len(dance)


def test_a_still_end_is_no_trap() -> None:
    """A dancer who stands for the last three seconds: the walk leaves them and dances on."""
    dance = np.concatenate([circling(12), np.repeat(circling(12)[-1:], round(3 * FPS), axis=0)])
    steps = walk([dance], FPS, 3000, seed=3)
    assert steps is not None
    assert (steps < 12 * FPS).mean() > 0.6


def test_the_same_seed_walks_the_same_way() -> None:
    first, again, other = (walk([circling(10)], FPS, 500, seed) for seed in (4, 4, 5))
    assert first is not None
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("seconds", [0.5, 1.0, 4.0])
def test_too_short_a_dance_has_no_walk(seconds: float) -> None:
    assert walk([circling(seconds)], FPS, 100, seed=0) is None
