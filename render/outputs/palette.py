"""One palette for a whole clip (FFmpeg's palettegen and paletteuse)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame

from render.ffmpeg_graph import pull_frames

DITHER = "dither=bayer:bayer_scale=5"
"""An ordered pattern does not flicker where nothing moves; the weakest one hides the steps of a gradient and changes
the colours of a drawing by at most 2 of 255."""


class Palette:
    """The best 255 colours for all pictures of a clip, and a transparent one.

    They are chosen by median cut of the histogram of all pictures. The histogram grows with the
    number of distinct colours, not with the number of pictures.
    """

    def __init__(self) -> None:
        self._graph: Graph | None = None

    def collect(self, frames: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
        """Yield the frames unchanged and collect their colours."""
        for frame in frames:
            if self._graph is None:
                self._graph = Graph()
                source = _source(self._graph, frame)
                self._graph.link_nodes(source, self._graph.add("palettegen"), self._graph.add("buffersink")).configure()
            self._graph.vpush(frame)
            yield frame

    def apply(self, frames: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
        """Yield the frames in these colours, pal8; pixels with alpha below one half become transparent."""
        graph, source = Graph(), None
        for frame in frames:
            if source is None:
                source = _source(graph, frame)
                self._connect(graph, source, frame.time_base)
            source.push(frame)
            yield from pull_frames(graph, VideoFrame)
        if source is not None:
            source.push(None)
            yield from pull_frames(graph, VideoFrame)

    def _connect(self, graph: Graph, source: FilterContext, time_base: Fraction | None) -> None:
        assert self._graph is not None, "no frame to choose colours from"
        self._graph.vpush(None)
        colours = self._graph.vpull()
        colours.pts, colours.time_base = 0, time_base
        palette, use = _source(graph, colours), graph.add("paletteuse", DITHER)
        source.link_to(use, 0, 0)
        palette.link_to(use, 0, 1)
        use.link_to(graph.add("buffersink"))
        graph.configure()
        palette.push(colours)
        palette.push(None)


def _source(graph: Graph, frame: VideoFrame) -> FilterContext:
    return graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)
