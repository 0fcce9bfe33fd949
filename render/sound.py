"""The sound of a file, as a steady stream of samples in step with the file's pictures."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.filter import Graph
from av.stream import Disposition

from pose_vocab.errors import VideoError
from pose_vocab.video_file import open_media

RATE_HZ = 48_000


class Sound:
    """The sound of a video or sound file, from the time of its first picture on.

    Without a picture, time begins with the sound. Sound that begins later than the picture is
    preceded by silence, and silence fills gaps; what cannot be decoded is left out.

    Raises
    ------
    VideoError : no such file, not a video or sound file, no sound in it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._container = open_media(path)
        stream = self._container.streams.best("audio")
        if not isinstance(stream, AudioStream) or stream.codec_context is None:
            raise VideoError(f"{path} has no sound that can be read; name a file with sound, or none")
        self._stream = stream
        self.layout = "mono" if stream.channels == 1 else "stereo"
        self._fifo = AudioFifo()
        self._given = 0
        self._frames = self._resampled()

    def close(self) -> None:
        self._container.close()

    def read_until(self, time_s: Fraction) -> AudioFrame | None:
        """The samples from where the last call ended up to `time_s`; None where the sound has ended."""
        due = round(time_s * RATE_HZ) - self._given
        while self._fifo.samples < due and (frame := next(self._frames, None)) is not None:
            frame.pts = None
            self._fifo.write(frame)
        samples = self._fifo.read(min(due, self._fifo.samples), partial=True) if self._fifo.samples else None
        if samples is not None:
            samples.pts, samples.time_base = self._given, Fraction(1, RATE_HZ)
            self._given += samples.samples
        return samples

    def _resampled(self) -> Iterator[AudioFrame]:
        graph = Graph()
        graph.link_nodes(
            graph.add_abuffer(template=self._stream),
            # async=1: put in or take away whole samples where the times leave a gap or overlap.
            graph.add("aresample", f"{RATE_HZ}:async=1:first_pts=0"),
            graph.add("aformat", f"sample_fmts=fltp:channel_layouts={self.layout}"),
            graph.add("abuffersink"),
        ).configure()
        try:
            for frame in self._decoded():
                graph.push(frame)
                yield from _pulled(graph)
            graph.push(None)
            yield from _pulled(graph)
        except av.FFmpegError as error:
            raise VideoError(f"the sound of {self._path} cannot be converted: {error.strerror}") from error

    def _decoded(self) -> Iterator[AudioFrame]:
        """The frames, timed from the first picture on."""
        pictures = [s for s in self._container.streams.video if not s.disposition & Disposition.attached_pic]
        clock = pictures[0] if pictures else self._stream
        tick_s = self._stream.time_base or Fraction(1, RATE_HZ)
        begin = round((clock.start_time or 0) * (clock.time_base or 0) / tick_s)
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                frames = packet.decode()
            except av.FFmpegError:
                continue
            for frame in frames:
                if frame.pts is not None:
                    frame.pts -= begin
                yield frame


def _pulled(graph: Graph) -> Iterator[AudioFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, AudioFrame)
        yield frame
