"""Several dances share one stage without overlapping."""

import numpy as np
from builders import random_walk_px

from bopbot.drawing.layouts import stand_apart


def test_dances_stand_apart_from_left_to_right() -> None:
    dance = random_walk_px(16, seed=1)
    first, second, third = stand_apart([dance, dance, dance])
    assert np.array_equal(first.keypoints, dance.keypoints)
    for left, right in ((first, second), (second, third)):
        assert np.nanmin(right.keypoints[..., 0]) > np.nanmax(left.keypoints[..., 0])
        assert np.array_equal(right.keypoints[..., 1], dance.keypoints[..., 1])
