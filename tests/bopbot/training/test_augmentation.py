import numpy as np
import pytest
from builders import random_walk_px

from bopbot.training.augmentation import TEMPOS, at_tempo, at_tempos, mirrored_too
from pose_vocab.normalization import Clip, normalize


@pytest.fixture(scope="module")
def clip() -> Clip:
    return normalize(random_walk_px(101, seed=3))


@pytest.mark.parametrize("tempo", [0.5, 2.0])
def test_twice_as_fast_is_half_as_long_and_the_same_poses(clip: Clip, tempo: float) -> None:
    other = at_tempo(clip, tempo)
    assert len(other) == round(100 / tempo) + 1
    assert other.poses.fps == clip.poses.fps
    slow, fast = (clip, other) if tempo > 1 else (other, clip)

    assert np.allclose(slow.poses.keypoints[::2], fast.poses.keypoints, atol=1e-4)
    assert np.allclose(slow.placement.hip_path[::2], fast.placement.hip_path, atol=1e-4)


def test_what_is_not_seen_stays_unseen(clip: Clip) -> None:
    keypoints = clip.poses.keypoints.copy()
    keypoints[40:60, 3] = np.nan
    hidden = Clip(clip.poses.with_keypoints(keypoints), clip.placement)
    assert np.isnan(at_tempo(hidden, 2.0).poses.keypoints[22:28, 3]).all()


def test_how_many_dances_become_of_one(clip: Clip) -> None:
    assert len(at_tempos(mirrored_too([clip]))) == 2 * len(TEMPOS)
    assert mirrored_too([clip])[1].poses.keypoints[0, 0, 0] == -clip.poses.keypoints[0, 0, 0]
