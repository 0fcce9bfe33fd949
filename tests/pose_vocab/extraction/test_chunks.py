from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pose_vocab.extraction.chunks import (
    FADE_FRAMES,
    MAX_CHUNK_FRAMES,
    MIN_SPLIT_FRAMES,
    OVERLAP_FRAMES,
    WARM_UP_FRAMES,
    Chunk,
    FrameDetections,
    join_chunks,
    plan_chunks,
)
from pose_vocab.extraction.detected_people import LANDMARKS, People


def seen(k: int, *xs: float) -> FrameDetections:
    """Picture k, with people 141 pixels large at these places; its thumbnail holds k."""
    corners = np.linspace((0, 0), (100, 100), LANDMARKS, dtype=np.float32)
    keypoints = np.array([corners + np.array([x, 0]) for x in xs], np.float32).reshape(-1, LANDMARKS, 2)
    shape = keypoints.shape[:2]
    return FrameDetections(
        People(keypoints, np.ones(shape, np.float32), np.zeros((*shape, 3), np.float32)), np.array([k], np.uint8)
    )


def places(picture: FrameDetections) -> list[float]:
    return picture.people.keypoints[:, 0, 0].tolist()


@given(st.integers(0, 100_000))
def test_pieces_cover_the_video_once_and_overlap(n_frames: int) -> None:
    chunks = plan_chunks(n_frames)
    assert chunks[0].read_from == chunks[0].start == 0
    assert chunks[-1].stop is None
    for earlier, later in pairwise(chunks):
        assert earlier.stop == later.start
        assert later.start - later.read_from == OVERLAP_FRAMES
        assert later.start - earlier.start <= MAX_CHUNK_FRAMES
    assert len(chunks) == 1 if n_frames < MIN_SPLIT_FRAMES else len(chunks) % 2 == 0


def test_fifteen_seconds_are_two_equal_pieces() -> None:
    assert plan_chunks(300) == [Chunk(0, 0, 150), Chunk(140, 150, None)]


@given(st.integers(1, 2000))
def test_pieces_that_agree_give_the_video_back(n_frames: int) -> None:
    chunks = plan_chunks(n_frames)
    video = [seen(k % 256, k % 7) for k in range(n_frames)]
    joined = join_chunks(chunks, [video[c.read_from : c.stop] for c in chunks])
    assert [p.thumbnail[0] for p in joined] == [k % 256 for k in range(n_frames)]
    assert [places(p) for p in joined] == [[k % 7] for k in range(n_frames)]


def test_one_piece_fades_into_the_next() -> None:
    chunks = [Chunk(0, 0, 20), Chunk(10, 20, None)]
    joined = join_chunks(chunks, [[seen(k, 0) for k in range(20)], [seen(k, 6) for k in range(10, 30)]])
    assert (WARM_UP_FRAMES, FADE_FRAMES) == (5, 5)
    assert [places(p)[0] for p in joined] == pytest.approx([0] * 15 + [1, 2, 3, 4, 5] + [6] * 10)


def test_whom_one_piece_lacks_is_there_as_long_as_the_other_counts_for_more() -> None:
    chunks = [Chunk(0, 0, 20), Chunk(10, 20, None)]
    joined = join_chunks(chunks, [[seen(k, 0, 900) for k in range(20)], [seen(k, 500, 0) for k in range(10, 30)]])
    assert [sorted(places(p)) for p in joined] == [[0, 900]] * 17 + [[0, 500]] * 13


def test_a_video_shorter_than_it_says_is_whole_all_the_same() -> None:
    chunks = [Chunk(0, 0, 200), Chunk(190, 200, 400), Chunk(390, 400, None)]
    video = [seen(k % 256, 0) for k in range(195)]
    assert len(join_chunks(chunks, [video[c.read_from : c.stop] for c in chunks])) == 195
