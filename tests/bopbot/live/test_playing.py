"""Frames are shown in time."""

import time
from collections.abc import Iterator
from itertools import count, islice

import numpy as np
import pytest

from bopbot.live.frames import Frame
from bopbot.live.playing import LATE_S, STALL_S, play


class Audience:
    """Notes when it sees what, and may be slow, or leave."""

    def __init__(self, pauses: dict[int, float] | None = None, leaves_after: int | None = None) -> None:
        self.seen: list[tuple[int, float]] = []
        self.pauses, self.leaves_after = pauses or {}, leaves_after

    def show(self, frame: Frame) -> bool:
        self.seen.append((frame.number, time.monotonic()))
        time.sleep(self.pauses.get(frame.number, 0))
        return frame.number != self.leaves_after

    def close(self) -> None:
        pass


def frames_at(fps: float) -> Iterator[Frame]:
    return (Frame(number, number / fps, ()) for number in count())


def test_a_dance_takes_the_time_that_it_takes() -> None:
    """The last of 60 frames at 30 a second comes 59/30 s after the first, and none before its time."""
    audience = Audience()
    play(islice(frames_at(30), 60), audience)
    numbers, times = zip(*audience.seen, strict=True)
    due = np.array(numbers) / 30
    late = np.array(times) - times[0] - due
    assert numbers[-1] >= 55
    assert len(numbers) > 40
    assert late.min() > -0.005
    assert late.max() < LATE_S + 0.2


def test_what_is_late_is_left_out_and_the_rest_is_in_time() -> None:
    audience = Audience(pauses={10: 0.5})
    play(frames_at(40), audience, seconds=1)
    numbers = [number for number, _ in audience.seen]
    # half a second is 20 frames, of which the last are late by no more than is borne
    assert not set(range(12, 26)) & set(numbers)
    assert numbers[-1] > 35
    assert audience.seen[-1][1] - audience.seen[0][1] == pytest.approx(numbers[-1] / 40, abs=LATE_S + 0.1)


def test_after_a_long_pause_the_dance_goes_on_from_where_it_stood() -> None:
    audience = Audience(pauses={3: STALL_S + 0.2})
    play(frames_at(20), audience, seconds=0.4)
    assert [number for number, _ in audience.seen] == list(range(8))


def test_it_ends_when_nobody_looks_any_more() -> None:
    audience = Audience(leaves_after=2)
    play(frames_at(100), audience)
    assert [number for number, _ in audience.seen] == [0, 1, 2]
