"""Play frames in real time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import takewhile

from bopbot.live.frames import Frame
from bopbot.live.prefetch import prefetch
from bopbot.live.targets import Target

PREFETCHED_FRAMES = 60
"""Frames that are computed ahead of the one that is shown."""
LATE_S = 0.05
"""A frame that is later than this is dropped: a missing frame is less visible than a dance that lags."""
STALL_S = 1.0
"""After a longer delay the clock is set back and nothing is dropped: catching up would need all missed frames first."""


def play(frames: Iterable[Frame], target: Target, seconds: float | None = None) -> None:
    """Show frames in real time until they end, `seconds` have passed, or the target is closed.

    Times are measured on the monotonic clock from the first frame on, so delays do not add up.

    Parameters
    ----------
    frames : in order of time; they are computed ahead in another thread.
    target : see `bopbot.live.targets.open_target`.
    seconds : length of the dance to show; None for all of it.

    Raises
    ------
    OutputError : the target cannot be reached.
    """
    shown = frames if seconds is None else takewhile(lambda frame: frame.time_s < seconds, frames)
    with prefetch(shown, PREFETCHED_FRAMES) as coming:
        begin: float | None = None
        for frame in coming:
            now = time.monotonic()
            if begin is None or now - begin - frame.time_s > STALL_S:
                begin = now - frame.time_s
            wait = begin + frame.time_s - now
            if wait < -LATE_S:
                continue
            time.sleep(max(0.0, wait))
            if not target.show(frame):
                return
