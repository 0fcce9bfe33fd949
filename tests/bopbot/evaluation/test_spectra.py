"""Spectra of how joints move."""

from collections.abc import Iterator

import numpy as np
import pytest
from builders import moved, standing_px

from bopbot.evaluation.spectra import speed_spectrum
from pose_vocab.normalization import Clip, normalize
from pose_vocab.skeletons import DANCER


def oscillations() -> Iterator[Clip]:
    """A dancer whose right wrist alone moves: its speed swings three times a second."""
    times = np.arange(400) / 20
    for start in (0, 1):
        poses = standing_px(400)
        keypoints = poses.keypoints.copy()
        speed = 1 + np.cos(2 * np.pi * 3 * times)
        keypoints[:, DANCER.index("right_wrist"), 0] -= 20 * start + np.cumsum(speed)
        yield normalize(poses.with_keypoints(keypoints))


def test_a_spectrum_shows_how_often_a_joint_speeds_up() -> None:
    hz, power = speed_spectrum(list(oscillations()))
    assert hz[power.argmax()] == pytest.approx(3, abs=0.11)
    assert len(hz) == len(power)
    still = speed_spectrum([normalize(moved(standing_px(120), np.zeros((120, 2))))])[1]
    assert still.max() == pytest.approx(0, abs=1e-9)
