import numpy as np
import pytest

from pose_vocab.decoder import LowPassDecoder
from pose_vocab.filters import low_pass


def test_what_stands_still_stays() -> None:
    still = np.full((50, 3), 7.0, np.float32)
    assert np.allclose(LowPassDecoder().smooth(still, 20.0), still, atol=1e-5)


def test_a_step_becomes_a_movement_around_the_same_middle() -> None:
    step = np.repeat([0.0, 1.0], 30).astype(np.float32)[:, None]
    smoothed = LowPassDecoder().smooth(step, 20.0)[:, 0]
    assert np.abs(np.diff(smoothed, 2)).max() < np.abs(np.diff(step[:, 0], 2)).max() / 1.5
    assert smoothed[29] + smoothed[30] == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("frames", [1, 2, 5, 40])
def test_any_length_works(frames: int) -> None:
    path = np.arange(frames * 2, dtype=np.float32).reshape(frames, 2)
    assert low_pass(path, 5.0, 20.0).shape == path.shape


def test_half_the_gain_at_the_cut_off() -> None:
    """Forth and back, a Butterworth filter halves the amplitude at its cut-off."""
    times = np.arange(2000) / 100
    wave = np.sin(2 * np.pi * 5.0 * times)
    assert np.abs(low_pass(wave, 5.0, 100.0)[500:1500]).max() == pytest.approx(0.5, abs=0.01)


def test_nothing_to_take_out_above_half_the_rate() -> None:
    noise = np.random.default_rng(0).normal(size=(20, 2))
    assert low_pass(noise, 10.0, 20.0) is noise
