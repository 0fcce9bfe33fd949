"""Frames at the time when they are due."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import takewhile

from bopbot.live.frames import Frame
from bopbot.live.prefetch import ahead
from bopbot.live.targets import Target

AHEAD_FRAMES = 60
"""So many frames are made before they are due, while others are shown."""
LATE_S = 0.05
"""A frame that is later than this is dropped: the eye sees one that is missing less than a dance that lags."""
STALL_S = 1.0
"""After a delay this long the dance goes on from where it stands: to catch up, all of the delay would have to be made
first."""


def play(frames: Iterable[Frame], target: Target, seconds: float | None = None) -> None:
    """Show frames in real time until they end, so many seconds have passed, or nobody looks any more.

    The clock is the monotonic one from the first frame on, so no delay adds to the next.

    Parameters
    ----------
    frames : in order of time; they are made ahead in a thread of their own.
    target : see `bopbot.live.targets.open_target`.
    seconds : how much of the dance is shown; None for all.

    Raises
    ------
    OutputError : the target cannot be reached.
    """
    wanted = frames if seconds is None else takewhile(lambda frame: frame.time_s < seconds, frames)
    with ahead(wanted, AHEAD_FRAMES) as coming:
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
