"""Pull the finished frames out of an FFmpeg filter graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import av
from av.audio.frame import AudioFrame
from av.filter import Graph
from av.video.frame import VideoFrame

Frame = TypeVar("Frame", AudioFrame, VideoFrame)


def pull_frames(graph: Graph, kind: type[Frame]) -> Iterator[Frame]:
    """Yield the frames that the graph has finished so far."""
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, kind)
        yield frame
