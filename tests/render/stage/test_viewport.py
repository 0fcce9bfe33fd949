import numpy as np
import pytest
from builders import standing_px

from pose_vocab.skeletons import DANCER
from render.stage.viewport import Viewport

SIZE = (640, 480)


def test_one_false_keypoint_does_not_shrink_the_dancer() -> None:
    clip = standing_px(200)
    keypoints = clip.keypoints.copy()
    keypoints[77, DANCER.index("left_wrist")] = (90_000, -90_000)
    clean, torn = (Viewport.fit(k, *SIZE).scale for k in (clip.keypoints, keypoints))
    assert torn == pytest.approx(clean, rel=0.01)


def test_nobody_stays_where_they_are() -> None:
    assert Viewport.fit(np.full((3, DANCER.n_joints, 2), np.nan, np.float32), *SIZE) == Viewport(1.0, (0.0, 0.0))
