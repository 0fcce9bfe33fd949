from collections.abc import Callable

import numpy as np
import pytest

from pose_vocab.extraction.detected_people import LANDMARKS, People
from pose_vocab.extraction.tracking import Track, track_people

FPS = 20.0
RNG = np.random.default_rng(5)
BODY_PX = np.stack([RNG.uniform(-30, 30, LANDMARKS), RNG.uniform(-80, 80, LANDMARKS)], axis=1)
"""One pose, about 170 pixels large."""

Path = Callable[[int], tuple[float, float] | None]


def person(x: float, y: float) -> People:
    return People(
        (BODY_PX + np.array([x, y]))[None].astype(np.float32),
        np.ones((1, LANDMARKS), np.float32),
        np.zeros((1, LANDMARKS, 3), np.float32),
    )


def scene(n_frames: int, *paths: Path) -> list[People]:
    """What is seen when each person is where their path says, or not at all where it says None."""
    return [
        People.concatenate([People.empty(), *(person(*place) for path in paths if (place := path(k)))])
        for k in range(n_frames)
    ]


def tracks_of(pictures: list[People], cut_at: int | None = None) -> list[Track]:
    return track_people(pictures, np.arange(len(pictures)) == (-1 if cut_at is None else cut_at), FPS)


def xs(track: Track) -> np.ndarray:
    return (track.people.keypoints[..., 0] - BODY_PX[:, 0]).mean(axis=1)


def walk(start: float, step: float, y: float = 200, hidden: range = range(0)) -> Path:
    return lambda k: None if k in hidden else (start + step * k, y)


def test_somebody_who_walks_is_one_track() -> None:
    (track,) = tracks_of(scene(40, walk(100, 8)))
    assert track.frames.tolist() == list(range(40))
    assert xs(track) == pytest.approx(100 + 8 * np.arange(40), abs=0.01)


def test_an_empty_video_has_no_tracks() -> None:
    assert tracks_of(scene(10)) == []


def test_two_who_cross_keep_their_identity() -> None:
    to_the_right, to_the_left = tracks_of(scene(60, walk(100, 8), walk(580, -8)))
    assert xs(to_the_right) == pytest.approx(100 + 8 * np.arange(60), abs=0.01)
    assert xs(to_the_left) == pytest.approx(580 - 8 * np.arange(60), abs=0.01)


def test_who_is_hidden_while_crossing_keeps_their_identity() -> None:
    # They are at the same place in picture 30; the second is behind the first from 24 to 36.
    tracks = tracks_of(scene(60, walk(100, 8), walk(580, -8, hidden=range(24, 37))))
    assert [len(track.frames) for track in tracks] == [60, 47]
    assert xs(tracks[0])[-1] == pytest.approx(100 + 8 * 59, abs=0.01)
    assert xs(tracks[1])[-1] == pytest.approx(580 - 8 * 59, abs=0.01)


def test_the_order_of_people_in_a_picture_does_not_matter() -> None:
    pictures = scene(60, walk(100, 8), walk(580, -8), walk(300, 0, y=600))
    shuffled = [people[RNG.permutation(len(people))] for people in pictures]
    ends = sorted(xs(track)[-1] for track in tracks_of(shuffled))
    assert ends == pytest.approx([580 - 8 * 59, 300, 100 + 8 * 59], abs=0.01)


@pytest.mark.parametrize(("absent_frames", "n_tracks"), [(1, 1), (18, 1), (25, 2)])
def test_an_absence_of_up_to_a_second_is_bridged(absent_frames: int, n_tracks: int) -> None:
    hidden = range(30, 30 + absent_frames)
    tracks = tracks_of(scene(90, walk(100, 0, hidden=hidden)))
    assert len(tracks) == n_tracks
    assert sorted(np.concatenate([track.frames for track in tracks])) == [k for k in range(90) if k not in hidden]


def test_a_cut_ends_everybody() -> None:
    tracks = tracks_of(scene(40, walk(100, 0), walk(500, 0)), cut_at=15)
    assert [(track.frames[0], track.frames[-1]) for track in tracks] == [(0, 14), (0, 14), (15, 39), (15, 39)]


def test_who_appears_elsewhere_at_once_is_somebody_else() -> None:
    first, second = tracks_of(scene(40, lambda k: (100, 200) if k < 20 else (400, 200)))
    assert first.frames[-1] == 19
    assert second.frames[0] == 20


def test_who_comes_in_later_is_somebody_else() -> None:
    stays, comes = tracks_of(scene(40, walk(100, 0), walk(500, 0, hidden=range(12))))
    assert stays.frames[0] == 0
    assert comes.frames.tolist() == list(range(12, 40))
