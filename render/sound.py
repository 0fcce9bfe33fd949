"""The sound of a file as a continuous stream of samples, synchronous with the file's pictures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.filter import Graph
from av.packet import Packet
from av.stream import Stream

from pose_vocab.errors import VideoError
from pose_vocab.media_file import demux_packets, open_media
from render.ffmpeg_graph import pull_frames

if TYPE_CHECKING:
    from av.container import InputContainer

RATE_HZ = 48_000
SHORTEST_LOOP_S, SONG_S = 0.5, 5.0
"""Sound of at least `SONG_S` does not start over for less than `SHORTEST_LOOP_S`: an abrupt cut would sound like an
error."""
PACKETS_TO_TRY = 20
"""How many packets of a sound track are decoded to see whether it can be read."""


@dataclass(frozen=True)
class Soundtrack:
    """The sound to write with pictures.

    Parameters
    ----------
    path : a video or sound file.
    begin_s : where to begin, in seconds from its first picture, or from its first sound in a sound file.
    loop : whether it starts over when it is shorter than the pictures; otherwise silence follows.
    repeat_from_s : where it then starts over; None for `begin_s`.
    """

    path: Path
    begin_s: float = 0.0
    loop: bool = True
    repeat_from_s: float | None = None

    def open(self) -> Sound:
        """Open the sound; raises VideoError as `Sound` does."""
        return Sound(self.path, self.begin_s, self.loop, self.repeat_from_s)


class Sound:
    """The sound of a video or sound file, from the time of its first picture on.

    In a sound file, time begins with the sound. Silence is inserted before sound that begins after the first
    picture, and in gaps; packets that cannot be decoded are skipped.

    Parameters
    ----------
    begin_s, loop, repeat_from_s : as in `Soundtrack`.

    Raises
    ------
    VideoError : no such file, not a video or sound file, no sound in it, or none from `begin_s` on.
    """

    def __init__(
        self, path: Path, begin_s: float = 0.0, loop: bool = False, repeat_from_s: float | None = None
    ) -> None:
        self._path, self._loop = path, loop
        self._fifo = AudioFifo()
        self._n_read = 0
        self._open()
        self.layout = "mono" if self._stream.channels == 1 else "stereo"
        length_s = (self._container.duration or math.inf) / av.time_base
        if not 0 <= begin_s < length_s:
            self.close()
            raise VideoError(f"{path} has no sound at {begin_s} s: it lasts {length_s:.1f} s; begin within it")
        self._begin_s = Fraction(begin_s)
        self._repeat_from_s = self._begin_s if repeat_from_s is None else Fraction(repeat_from_s)
        self._least_samples = SHORTEST_LOOP_S * RATE_HZ if length_s - begin_s >= SONG_S else 1

    def _open(self) -> None:
        self._container = open_media(self._path)
        stream = _readable_track(self._path, self._container)
        if stream is None:
            self.close()
            raise VideoError(f"{self._path} has no sound that can be read; name a file with sound, or none")
        self._stream = stream
        self._tick_s = stream.time_base or Fraction(1, RATE_HZ)
        self._frames = self._resampled()
        self._any_decoded = False

    def close(self) -> None:
        self._container.close()

    def read_until(self, time_s: Fraction) -> AudioFrame | None:
        """Return the samples since the last call up to `time_s`; None after the end of the sound."""
        due = round(time_s * RATE_HZ) - self._n_read
        self._fill(due)
        samples = self._fifo.read(min(due, self._fifo.samples), partial=True) if self._fifo.samples else None
        if samples is not None:
            samples.pts, samples.time_base = self._n_read, Fraction(1, RATE_HZ)
            self._n_read += samples.samples
        return samples

    def _fill(self, due: int) -> None:
        while self._fifo.samples < due:
            frame = next(self._frames, None)
            if frame is not None:
                frame.pts = None
                self._fifo.write(frame)
                self._any_decoded = True
            elif self._loop and self._any_decoded and due - self._fifo.samples >= self._least_samples:
                self.close()
                self._begin_s = self._repeat_from_s
                self._open()
            else:
                return

    def _resampled(self) -> Iterator[AudioFrame]:
        """Yield the frames as floats at `RATE_HZ`; where the format of the sound changes, a new filter graph starts."""
        graph: Graph | None = None
        kind: tuple[str, str, int] | None = None
        n_samples = 0
        try:
            for frame in self._decoded():
                kind_now = (frame.format.name, frame.layout.name, frame.sample_rate)
                if graph is None or kind_now != kind:
                    graph, kind = self._graph(frame, n_samples), kind_now
                graph.push(frame)
                for resampled in pull_frames(graph, AudioFrame):
                    n_samples += resampled.samples
                    yield resampled
            if graph is not None:
                graph.push(None)
                yield from pull_frames(graph, AudioFrame)
        except av.FFmpegError as error:
            raise VideoError(f"the sound of {self._path} cannot be converted: {error.strerror}") from error

    def _graph(self, frame: AudioFrame, n_samples: int) -> Graph:
        graph = Graph()
        graph.link_nodes(
            graph.add_abuffer(
                sample_rate=frame.sample_rate, format=frame.format, layout=frame.layout, time_base=self._tick_s
            ),
            # async=1: insert or drop samples where the timestamps leave a gap or overlap.
            # first_pts: the position at which to continue, in samples of the input.
            graph.add("aresample", f"{RATE_HZ}:async=1:first_pts={n_samples * frame.sample_rate // RATE_HZ}"),
            graph.add("aformat", f"sample_fmts=fltp:channel_layouts={self.layout}"),
            graph.add("abuffersink"),
        ).configure()
        return graph

    def _decoded(self) -> Iterator[AudioFrame]:
        """Yield the frames, with times relative to where the sound is to begin; earlier ones have negative times."""
        clock = self._container.streams.best("video") or self._stream
        begin = round(((clock.start_time or 0) * (clock.time_base or 0) + self._begin_s) / self._tick_s)
        for packet in self._packets():
            with suppress(av.FFmpegError):
                for frame in self._stream.codec_context.decode(packet):
                    if frame.pts is not None:
                        frame.pts -= begin
                    yield frame

    def _packets(self) -> Iterator[Packet[Stream] | None]:
        """Yield the sound's packets up to the end or the first broken one, then None, which flushes the decoder."""
        with suppress(av.FFmpegError):
            for packet in demux_packets(self._container):
                if packet.stream_index == self._stream.index:
                    yield packet
        yield None


def _readable_track(path: Path, container: InputContainer) -> AudioStream | None:
    """Return the best sound track that decodes; an iPhone's film has one in AAC and one in a codec of its own."""
    best = container.streams.best("audio")
    tracks = [track for track in container.streams.audio if track.codec_context is not None]
    tracks.sort(key=lambda track: best is None or track.index != best.index)
    if len(tracks) > 1:
        tracks.sort(key=lambda track: not _decodes(path, track.index))
    return next(iter(tracks), None)


def _decodes(path: Path, index: int) -> bool:
    """Return whether one of the first packets of a sound track can be decoded."""
    with open_media(path) as container, suppress(av.FFmpegError):
        packets = (packet for packet in demux_packets(container) if packet.stream_index == index)
        for packet in islice(packets, PACKETS_TO_TRY):
            with suppress(av.FFmpegError):
                if packet.decode():
                    return True
    return False
