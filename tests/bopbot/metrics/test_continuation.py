from collections.abc import Callable

import numpy as np
import pytest

from bopbot.metrics.continuation import continuation_error
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip
from pose_vocab.skeletons import DANCER

STILL = np.zeros((41, 1, 2))
AWAY = np.arange(41)[:, None] / 20 * [1.0, 0.0]


def test_who_walks_off_at_one_torso_length_a_second(danced: Callable[..., Clip]) -> None:
    """After 2 s 2 away, and 1 in the mean."""
    error = continuation_error(danced(STILL), [danced(STILL, way=AWAY)])
    assert (error.ade, error.fde) == pytest.approx((1, 2), abs=1e-5)


def test_of_several_each_error_is_the_least(danced: Callable[..., Clip]) -> None:
    """One is 0.5 off from its second frame on, the other comes back at the end."""
    off = np.full((41, 1, 2), [0.5, 0.0])
    back = np.full((41, 1, 2), [3.0, 0.0])
    back[-1] = 0
    error = continuation_error(danced(STILL), [danced(off), danced(back)])
    assert (error.ade, error.fde) == pytest.approx((0.5, 0), abs=1e-5)


def test_where_it_begins_does_not_matter_but_how_high_does(danced: Callable[..., Clip]) -> None:
    error = continuation_error(danced(STILL), [danced(STILL, way=[4.0, 0.1])])
    assert (error.ade, error.fde) == pytest.approx((0.1, 0.1), abs=1e-5)


def test_unseen_joints_do_not_count(danced: Callable[..., Clip]) -> None:
    arm = np.zeros((41, DANCER.n_joints, 2))
    arm[:, DANCER.index("left_wrist")] = 9.0
    error = continuation_error(danced(STILL, hidden=("left_wrist",)), [danced(arm)])
    assert (error.ade, error.fde) == pytest.approx((0, 0), abs=1e-5)


def test_what_cannot_be_measured_is_refused(danced: Callable[..., Clip]) -> None:
    with pytest.raises(PoseError, match="at least one"):
        continuation_error(danced(STILL), [])
    with pytest.raises(PoseError, match="41 and 40 frames"):
        continuation_error(danced(STILL), [danced(STILL[:40])])
    with pytest.raises(PoseError, match="last of 41 frames"):
        continuation_error(danced(STILL), [danced(STILL, hidden=DANCER.joint_names)])
