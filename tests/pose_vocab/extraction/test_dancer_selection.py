import numpy as np

from pose_vocab.extraction.dancer_selection import select_dancers
from pose_vocab.extraction.detected_people import LANDMARKS, People
from pose_vocab.extraction.tracking import Track

PICTURE_PX = (640, 480)
FPS = 20.0


def track(frames: range, size_px: float = 300, visibility: float = 0.9) -> Track:
    """Somebody whose bounding box has this diagonal."""
    n = len(frames)
    diagonal = np.linspace((0, 0), (0.6 * size_px, 0.8 * size_px), LANDMARKS, dtype=np.float32)
    people = People(
        np.repeat(diagonal[None], n, axis=0),
        np.full((n, LANDMARKS), visibility, np.float32),
        np.zeros((n, LANDMARKS, 3), np.float32),
    )
    return Track(np.array(frames), people)


def chosen(*tracks: Track, n_frames: int = 200) -> list[Track]:
    return select_dancers(tracks, PICTURE_PX, n_frames, FPS)


def test_the_first_dancer_has_most_size_times_visibility_times_time() -> None:
    large = track(range(0, 60), size_px=400)  # 60 x 400 x 0.9 = 21,600
    long = track(range(0, 200), size_px=150)  # 200 x 150 x 0.9 = 27,000
    clear = track(range(0, 80), size_px=300, visibility=1.0)  # 80 x 300 = 24,000
    assert chosen(large, long, clear) == [long, clear, large]


def test_what_is_seen_for_less_than_a_second_is_nobody() -> None:
    assert chosen(track(range(19))) == []
    assert len(chosen(track(range(20)))) == 1


def test_in_a_short_video_half_of_it_is_enough() -> None:
    assert len(chosen(track(range(12)), n_frames=20)) == 1


def test_what_is_found_now_and_then_is_nobody() -> None:
    assert chosen(track(range(0, 180, 3))) == []


def test_what_is_tiny_or_hardly_visible_is_nobody() -> None:
    assert chosen(track(range(100), size_px=80)) == []
    assert chosen(track(range(100), visibility=0.6)) == []
