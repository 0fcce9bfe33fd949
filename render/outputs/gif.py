"""Pictures as a GIF, with one palette made for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import VideoFrame

from render.outputs.frames import rgb_frame
from render.outputs.output import Output, Picture
from render.outputs.overlap import overlapped
from render.outputs.palette import Palette
from render.outputs.spool import read_spool, write_spool
from render.sound import Sound

TICK_S = Fraction(1, 100)
"""GIF counts time in hundredths of a second."""
SHORTEST_TICKS, LONGEST_TICKS = 2, 65_535
"""How long a picture may stand; browsers slow down what is shorter."""


class Gif(Output):
    """256 colours chosen for the whole clip, transparent where alpha is below one half; it plays for ever.

    The palette is known only when all pictures are: until then they lie beside the file, without
    loss. Of more than 50 pictures a second some are left out; the dance keeps its time.
    """

    keeps_alpha = True
    least_fps = 1 / (LONGEST_TICKS * TICK_S)

    def write(self, pictures: Iterator[Picture], path: Path, rate: Fraction, sound: Sound | None) -> None:
        spool, palette, clock = path.with_suffix(".spool"), Palette(), _Clock(rate)
        overlapped(pictures, lambda taken: write_spool(palette.learnt_from(clock.timed(taken)), spool, TICK_S))
        overlapped(read_spool(spool), lambda frames: _encode(palette.applied_to(frames), path, clock.last_delay))
        spool.unlink()


class _Clock:
    """Chooses the pictures that a GIF has the time to show, and tells how long the last one stands."""

    def __init__(self, rate: Fraction) -> None:
        self._ticks = 1 / (rate * TICK_S)
        self._step = SHORTEST_TICKS if self._ticks < SHORTEST_TICKS else 1
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
        return max(self._end - self._shown, SHORTEST_TICKS)


def _encode(frames: Iterator[VideoFrame], path: Path, last_delay: int) -> None:
    options = {"loop": "0", "final_delay": str(last_delay), "fflags": "+bitexact"}
    with av.open(f"file:{path}", "w", format="gif", options=options) as container:
        stream = container.add_stream("gif", rate=1 / TICK_S, pix_fmt="pal8")
        for index, frame in enumerate(frames):
            if index == 0:
                stream.width, stream.height = frame.width, frame.height
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
