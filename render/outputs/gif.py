"""Pictures as a GIF with one palette for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import VideoFrame

from render.outputs.consumer_thread import consume_in_thread
from render.outputs.frames import rgb_frame
from render.outputs.output import Output, Picture
from render.outputs.palette import Palette
from render.outputs.spool import read_spool, write_spool
from render.sound import Sound

TICK_S = Fraction(1, 100)
"""GIF times are in hundredths of a second."""
MIN_TICKS, MAX_TICKS = 2, 65_535
"""Limits of a picture's duration; browsers slow down pictures that are shorter."""


class Gif(Output):
    """256 colours chosen for the whole clip, transparent where alpha is below one half; it loops forever.

    The palette depends on all pictures; until it is known, they are kept in a lossless file beside the output.
    Above 50 pictures per second some are dropped; the dance keeps its speed.
    """

    supports_alpha = True
    min_fps = 1 / (MAX_TICKS * TICK_S)

    def write(self, pictures: Iterator[Picture], path: Path, rate: Fraction, sound: Sound | None) -> None:
        spool, palette, clock = path.with_suffix(".spool"), Palette(), _Clock(rate)
        consume_in_thread(pictures, lambda taken: write_spool(palette.collect(clock.timed(taken)), spool, TICK_S))
        consume_in_thread(read_spool(spool), lambda frames: _encode(palette.apply(frames), path, clock.last_delay))
        spool.unlink()


class _Clock:
    """Drops pictures that are too short for a GIF, and gives the duration of the last one."""

    def __init__(self, rate: Fraction) -> None:
        self._ticks = 1 / (rate * TICK_S)
        self._step = MIN_TICKS if self._ticks < MIN_TICKS else 1
        self._shown = self._end = 0

    def timed(self, pictures: Iterator[Picture]) -> Iterator[VideoFrame]:
        for index, picture in enumerate(pictures):
            now = int(index * self._ticks / self._step) * self._step
            self._end = int((index + 1) * self._ticks)
            if index == 0 or now > self._shown:
                self._shown = now
                yield rgb_frame(picture, now, TICK_S)

    @property
    def last_delay(self) -> int:
        return max(self._end - self._shown, MIN_TICKS)


def _encode(frames: Iterator[VideoFrame], path: Path, last_delay: int) -> None:
    options = {"loop": "0", "final_delay": str(last_delay), "fflags": "+bitexact"}
    with av.open(f"file:{path}", "w", format="gif", options=options) as container:
        stream = container.add_stream("gif", rate=1 / TICK_S, pix_fmt="pal8")
        for index, frame in enumerate(frames):
            if index == 0:
                stream.width, stream.height = frame.width, frame.height
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
