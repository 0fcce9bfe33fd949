from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from bopbot.metrics.stillness import longest_freeze_s, repeats
from pose_vocab.errors import ModelError, PoseError
from pose_vocab.ids import GAP
from pose_vocab.normalization import Clip


@pytest.mark.parametrize(
    ("ids", "share"),
    [
        ([1, 1, 2, 2], 2 / 3),
        ([1, 2, 3], 0),
        ([5, 5, 5], 1),
        ([1, 1, GAP, GAP, 1, 2], 1 / 2),
        ([1, GAP, 1, 1], 1),
    ],
)
def test_repeats_that_are_counted_by_eye(ids: list[int], share: float) -> None:
    assert repeats(np.array(ids, np.int64)) == pytest.approx(share)


@pytest.mark.parametrize("ids", [[], [1], [GAP, GAP], [1, GAP, 2]])
def test_without_a_pair_of_words_none_repeats(ids: list[int]) -> None:
    with pytest.raises(ModelError, match=f"in {len(ids)} words"):
        repeats(np.array(ids, np.int64))


def steps(*speeds: tuple[int, float]) -> NDArray[np.float64]:
    """Offsets of all joints: so many steps at so many torso lengths a frame, one after the other."""
    ways = np.cumsum([0.0, *(speed for frames, speed in speeds for _ in range(frames))])
    return np.stack([ways, np.zeros_like(ways)], axis=1)[:, None]


def test_the_longest_freeze_is_found(danced: Callable[..., Clip]) -> None:
    real = danced(steps((40, 0.1)))
    dances = [danced(steps((20, 0.1), (10, 0.0), (5, 0.1), (30, 0.001), (20, 0.1))), danced(steps((40, 0.1)))]
    assert longest_freeze_s(dances, [real]) == pytest.approx(1.5)
    assert longest_freeze_s([dances[1]], [real]) == 0


def test_slow_is_not_frozen(danced: Callable[..., Clip]) -> None:
    real = danced(steps((40, 0.1)))
    assert longest_freeze_s([danced(steps((40, 0.0021)))], [real]) == 0
    assert longest_freeze_s([danced(steps((40, 0.0019)))], [real]) == pytest.approx(2)


def test_a_stiff_body_that_glides_is_frozen(danced: Callable[..., Clip]) -> None:
    glide = danced(steps((40, 0.0)), way=np.arange(41)[:, None] * [0.1, 0.0])
    assert longest_freeze_s([glide], [danced(steps((40, 0.1)))]) == pytest.approx(2)


def test_unseen_joints_tell_nothing(danced: Callable[..., Clip]) -> None:
    dance = danced(steps((20, 0.1), (10, 0.0), (20, 0.1)), hidden=("left_wrist", "nose"))
    assert longest_freeze_s([dance], [danced(steps((40, 0.1)), hidden=("right_toe",))]) == pytest.approx(0.5)


def test_what_cannot_be_measured_is_refused(danced: Callable[..., Clip]) -> None:
    moving, still = danced(steps((40, 0.1))), danced(steps((40, 0.0)))
    with pytest.raises(PoseError, match="do not move"):
        longest_freeze_s([moving], [still])
    with pytest.raises(PoseError, match="0 real dances"):
        longest_freeze_s([moving], [])
    with pytest.raises(PoseError, match="no clip"):
        longest_freeze_s([], [moving])
