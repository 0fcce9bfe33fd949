from pathlib import Path

import numpy as np
import pytest

from pose_vocab.extraction.cuts import THUMBNAIL_PX, find_cuts, thumbnail
from pose_vocab.video import read_frames

RNG = np.random.default_rng(3)


def shot(n_frames: int, brightness: float = 1.0) -> np.ndarray:
    """A still of its own, with a little noise."""
    still = RNG.uniform(0, 200, (THUMBNAIL_PX, THUMBNAIL_PX))
    noisy = still + RNG.normal(0, 3, (n_frames, THUMBNAIL_PX, THUMBNAIL_PX))
    return np.clip(noisy * brightness, 0, 255).astype(np.uint8)


def test_one_shot_has_no_cuts() -> None:
    assert not find_cuts(shot(50)).any()


def test_the_first_picture_of_every_shot_but_the_first_is_a_cut() -> None:
    cuts = find_cuts(np.concatenate([shot(20), shot(4), shot(30)]))
    assert np.flatnonzero(cuts).tolist() == [20, 24]


def test_a_flash_is_not_a_cut() -> None:
    thumbnails = shot(40)
    thumbnails[10] = 255
    thumbnails[20:22] = 0
    thumbnails[30:] //= 2  # the light is turned down and stays so
    assert not find_cuts(thumbnails).any()


@pytest.mark.parametrize("n_frames", [1, 2, 5])
def test_a_very_short_video_has_no_cuts(n_frames: int) -> None:
    assert find_cuts(shot(n_frames)).tolist() == [False] * n_frames


def test_a_thumbnail_is_the_picture_made_small() -> None:
    frame = np.zeros((200, 100, 3), np.uint8)
    frame[100:] = 240
    small = thumbnail(frame)
    assert small.shape == (THUMBNAIL_PX, THUMBNAIL_PX)
    assert (small[:15] == 0).all()
    assert (small[17:] == 240).all()


@pytest.mark.slow
def test_cuts_between_real_clips_are_found_and_a_fast_dance_has_none(data: Path) -> None:
    names = ["dancer_1.mp4", "dancer_3.mp4", "people_arrive.mp4", "upper_body_only.mkv"]
    clips = [np.array([thumbnail(f) for f in read_frames(data / "video" / name, stop_s=8)]) for name in names]
    cuts = find_cuts(np.concatenate(clips))
    assert np.flatnonzero(cuts).tolist() == np.cumsum([len(clip) for clip in clips])[:-1].tolist()
