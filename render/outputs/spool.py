"""A temporary lossless file of pictures, for formats that need all pictures before they write the first."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

CODEC = "qtrle"
"""QuickTime Animation stores runs of one colour and changes between pictures; the fastest of FFmpeg's lossless codecs
in both directions. A drawing of 1280 x 720 takes 50 kB, a frame of a filmed video 1 MB."""
PIXELS = {"rgb24": "rgb24", "rgba": "argb"}
"""The codec's pixel formats for those of the frames."""


def write_spool(frames: Iterator[VideoFrame], path: Path, tick_s: Fraction) -> None:
    """Write frames, rgb24 or rgba, at least one, with times in whole ticks."""
    first = next(frames)
    with av.open(f"file:{path}", "w", format="mov") as container:
        stream = container.add_stream(CODEC, 1 / tick_s, width=first.width, height=first.height)
        assert isinstance(stream, VideoStream)
        stream.pix_fmt = PIXELS[first.format.name]
        for frame in chain([first], frames):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def read_spool(path: Path) -> Iterator[VideoFrame]:
    """Yield the frames of a spool, one at a time."""
    with av.open(f"file:{path}") as container:
        yield from container.decode(video=0)
