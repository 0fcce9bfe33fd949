"""A dancer who stands, and moves as a test says."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from builders import standing_px
from numpy.typing import ArrayLike

from pose_vocab.normalization import Clip, normalize
from pose_vocab.skeletons import DANCER

Danced = Callable[..., Clip]


@pytest.fixture(scope="session")
def danced() -> Danced:
    """Make a clip: joints moved around the hips by `offsets` (frames, joints or 1, 2), hips by `way` (frames, 2).

    Both are in torso lengths, up is positive. A joint named in `hidden` is never seen.
    """

    def make(offsets: ArrayLike, way: ArrayLike = 0.0, fps: float = 20.0, hidden: tuple[str, ...] = ()) -> Clip:
        moves = np.asarray(offsets, np.float64)
        clip = normalize(standing_px(len(moves), fps))
        keypoints = clip.poses.keypoints + moves
        keypoints[:, [DANCER.index(name) for name in hidden]] = np.nan
        hip_path = (clip.placement.hip_path + np.asarray(way)).astype(np.float32)
        return Clip(clip.poses.with_keypoints(keypoints), replace(clip.placement, hip_path=hip_path))

    return make
