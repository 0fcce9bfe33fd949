import numpy as np
import pytest
from builders import moved, standing_px

from pose_vocab.errors import PoseError
from pose_vocab.resampling import fill_missing, resample


def test_uniform_motion_stays_uniform() -> None:
    slow = moved(standing_px(frames=61, fps=30), np.outer(np.arange(61), [2.0, 0.0]))
    fast = resample(slow, 20)
    assert fast.fps == 20
    assert len(fast) == 41
    assert np.allclose(np.diff(fast.joint("neck")[:, 0]), 3.0, atol=1e-3)


def test_there_and_back_is_the_same() -> None:
    times = np.arange(80) / 20
    swing = 50 * np.sin(2 * np.pi * times)
    poses = moved(standing_px(frames=80), np.column_stack([swing, np.zeros(80)]))
    there_and_back = resample(resample(poses, 60), 20)
    assert np.allclose(there_and_back.keypoints, poses.keypoints, atol=0.01)


def test_missing_stays_missing() -> None:
    poses = standing_px(frames=10, fps=10)
    confidence = poses.confidence.copy()
    confidence[4:6] = 0
    torn = type(poses)(poses.keypoints, confidence, 10, poses.skeleton)
    doubled = resample(torn, 20)
    assert len(doubled) == 19
    assert np.flatnonzero(~doubled.seen[:, 0]).tolist() == [7, 8, 9, 10, 11]


def test_no_rate_but_a_positive_one() -> None:
    with pytest.raises(PoseError, match="got -3"):
        resample(standing_px(), -3)


def test_filling_draws_straight_lines() -> None:
    path = np.array([[np.nan, np.nan], [1, np.nan], [np.nan, np.nan], [3, np.nan], [np.nan, np.nan]], np.float32)
    assert fill_missing(path).T.tolist() == [[1, 1, 2, 3, 3], [0, 0, 0, 0, 0]]
