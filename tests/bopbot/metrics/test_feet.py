from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from bopbot.metrics.feet import CONTACT_TORSOS, FEET, SLIDING_TORSOS_S, foot_skating
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip
from pose_vocab.skeletons import DANCER

STILL = np.zeros((41, 1, 2))
ALL_FEET = tuple(joint for foot in FEET for joint in foot)


def walking(speed: float, frames: int = 41) -> NDArray[np.float64]:
    """The way of hips across the picture at so many torso lengths a second."""
    return np.arange(frames)[:, None] / 20 * [speed, 0.0]


def test_who_stands_does_not_slide_and_who_glides_does(danced: Callable[..., Clip]) -> None:
    assert foot_skating([danced(STILL)]) == 0
    assert foot_skating([danced(STILL, way=walking(2.0))]) == 1
    assert foot_skating([danced(STILL), danced(STILL, way=walking(2.0))]) == 0.5


@pytest.mark.parametrize(("factor", "share"), [(0.95, 0), (1.05, 1)])
def test_there_is_a_speed_at_which_a_foot_slides(factor: float, share: float, danced: Callable[..., Clip]) -> None:
    assert foot_skating([danced(STILL, way=walking(-factor * SLIDING_TORSOS_S))]) == share


@pytest.mark.parametrize(("factor", "share"), [(1.05, 0), (0.95, 1)])
def test_there_is_a_height_at_which_a_foot_touches(factor: float, share: float, danced: Callable[..., Clip]) -> None:
    assert foot_skating([danced(STILL, way=np.add(walking(2.0), [0, factor * CONTACT_TORSOS]))]) == share


def test_treading_up_and_down_is_not_sliding(danced: Callable[..., Clip]) -> None:
    """0.04 torso lengths in a sixtieth of a second, always low enough to touch."""
    treading = np.arange(41)[:, None] % 2 * [0.0, 0.04]
    assert foot_skating([danced(STILL, way=treading, fps=60.0)]) == 0
    assert foot_skating([danced(STILL, way=treading[:, ::-1], fps=60.0)]) == 1


def test_a_foot_that_stays_while_the_body_travels_does_not_slide(danced: Callable[..., Clip]) -> None:
    """The left foot stays on its spot, the right one is in the air."""
    offsets = np.zeros((41, DANCER.n_joints, 2))
    left, right = ([DANCER.index(joint) for joint in foot] for foot in FEET)
    offsets[:, left] = -walking(2.0)[:, None]
    offsets[:, right, 1] = 0.3
    assert foot_skating([danced(offsets, way=walking(2.0))]) == 0
    offsets[:21, right, 1] = 0.0
    assert foot_skating([danced(offsets, way=walking(2.0))]) == 0.5


def test_only_the_lower_joint_of_a_foot_counts(danced: Callable[..., Clip]) -> None:
    """The ankles, a little above the toes, swing; the toes stay."""
    offsets = np.zeros((41, DANCER.n_joints, 2))
    ankles = [DANCER.index("left_ankle"), DANCER.index("right_ankle")]
    offsets[:, ankles] = walking(2.0)[:, None] - [0, 0.01]
    assert foot_skating([danced(offsets)]) == 0
    offsets[:, ankles] -= [0, 0.05]
    assert foot_skating([danced(offsets)]) == 1


def test_an_unseen_foot_is_not_judged(danced: Callable[..., Clip]) -> None:
    glide = walking(2.0)
    assert foot_skating([danced(STILL, way=glide, hidden=FEET[0])]) == 1
    assert foot_skating([danced(STILL, way=glide), danced(STILL, hidden=ALL_FEET)]) == 1
    assert foot_skating([danced(STILL, way=glide).mirrored()]) == 1


def test_a_dance_without_feet_is_refused(danced: Callable[..., Clip]) -> None:
    for clip in (danced(STILL, hidden=ALL_FEET), danced(STILL[:1])):
        with pytest.raises(PoseError, match="no foot"):
            foot_skating([clip])
