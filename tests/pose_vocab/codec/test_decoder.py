from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pose_vocab.codec.decoder import CUTOFF_HZ, LinearDecoder, LowPassDecoder, MeanDecoder
from pose_vocab.errors import VocabularyError
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


def steps_and_dance(n: int = 600, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A wandering dance of three numbers, and the same in moments of two equal frames, rounded to tenths."""
    dance = low_pass(np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32), 2.0, 20.0)
    said = np.repeat((dance[::2] + dance[1::2]) / 2, 2, axis=0).round(1)
    return said.astype(np.float32), dance


def test_a_learned_decoder_comes_nearer_to_the_dance_than_its_steps() -> None:
    said, dance = steps_and_dance()
    decoder = LinearDecoder.fit([said], [dance], frames=2)
    unheard, unseen = steps_and_dance(seed=1)
    assert np.abs(decoder.smooth(unheard, 20.0) - unseen).mean() < 0.5 * np.abs(unheard - unseen).mean()


def test_words_that_say_it_all_are_left_as_they_are_but_for_the_filter() -> None:
    _, dance = steps_and_dance()
    smoothed = LinearDecoder.fit([dance], [dance], frames=1).smooth(dance, 20.0)
    assert np.allclose(smoothed, low_pass(dance, CUTOFF_HZ, 20.0), atol=1e-5)


def test_what_is_not_seen_teaches_nothing_wrong() -> None:
    said, dance = steps_and_dance()
    holey = dance.copy()
    holey[100:120, 1] = np.nan
    smoothed = LinearDecoder.fit([said], [holey], frames=2).smooth(said, 20.0)
    assert np.isfinite(smoothed).all()


def test_a_learned_decoder_is_read_back(tmp_path: Path) -> None:
    said, dance = steps_and_dance()
    decoder = LinearDecoder.fit([said], [dance], frames=2)
    decoder.save(tmp_path / "decoder.npz")
    loaded = LinearDecoder.load(tmp_path / "decoder.npz")
    assert np.array_equal(loaded.smooth(said, 20.0), decoder.smooth(said, 20.0))


def test_a_decoder_refuses_what_it_cannot_decode(tmp_path: Path) -> None:
    said, dance = steps_and_dance()
    with pytest.raises(VocabularyError, match="a decoder of 3 numbers a frame cannot decode 2"):
        LinearDecoder.fit([said], [dance], frames=2).smooth(said[:, :2], 20.0)
    (tmp_path / "decoder.npz").write_bytes(b"no archive")
    with pytest.raises(VocabularyError, match="cannot be read as a decoder"):
        LinearDecoder.load(tmp_path / "decoder.npz")
    with pytest.raises(VocabularyError, match="cannot be read as a decoder"):
        LinearDecoder.load(tmp_path / "none.npz")


def test_the_seeds_decoder_gives_mean_poses_as_they_are() -> None:
    said, _ = steps_and_dance()
    assert MeanDecoder().smooth(said, 20.0) is said
