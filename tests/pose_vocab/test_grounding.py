from dataclasses import replace

import numpy as np
import pytest
from builders import standing_px

from pose_vocab.grounding import plant_feet
from pose_vocab.normalization import Clip, normalize


def raised(heights: np.ndarray) -> Clip:
    clip = normalize(standing_px(frames=len(heights)))
    hip_path = clip.placement.hip_path + np.column_stack([np.zeros_like(heights), heights]).astype(np.float32)
    return Clip(clip.poses, replace(clip.placement, hip_path=hip_path))


@pytest.mark.parametrize("height", [0.3, -0.4])
def test_who_floats_or_sinks_is_put_on_the_ground(height: float) -> None:
    planted = plant_feet(raised(np.full(60, height)))
    assert planted.placement.hip_path[:, 1] == pytest.approx(1.75, abs=1e-4)


def test_a_leap_stays_a_leap() -> None:
    heights = np.zeros(100)
    heights[45:55] = np.sin(np.linspace(0, np.pi, 10))
    planted = plant_feet(raised(heights))
    assert np.allclose(planted.placement.hip_path[:, 1], 1.75 + heights, atol=1e-4)


def test_a_dancer_without_feet_is_left_alone() -> None:
    clip = raised(np.full(30, 0.5))
    confidence = clip.poses.confidence.copy()
    confidence[:, 12:] = 0
    footless = Clip(replace(clip.poses, confidence=confidence), clip.placement)
    assert plant_feet(footless) is footless
