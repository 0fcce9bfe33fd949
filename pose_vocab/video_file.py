"""An opened video file: its decoded frames with their times, from the beginning or from a keyframe."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av

from pose_vocab.errors import VideoError
from pose_vocab.media_file import (
    MAX_PX,
    SUPPORTED_FORMATS,
    demux_packets,
    open_media,
    packets_duration_s,
    picture_stream,
    refuse_large_frames,
)

if TYPE_CHECKING:
    from av.packet import Packet
    from av.stream import Stream
    from av.video.frame import VideoFrame

CLOCK_RESTART_S = 1
"""Timestamps that fall back by more than this have restarted; a smaller step back is an irregularity."""
CLOCK_LEAP_S = 10
"""Timestamps that jump ahead by more than this have restarted, in formats where that happens."""
TRUNCATED_S = 0.5
"""A file that ends this much before the length in its header is truncated."""
SEEK_MARGINS_S = (0, 1, 10)
"""How far before a time to look for its keyframe, tried in this order, before reading from the beginning."""
DEFAULT_INTERVAL_S = Fraction(1, 25)
"""Duration of a frame in a file that states none."""

MAX_OVERTIME_S = 60
"""A file whose frames go on this much longer than twice its stated length is rejected as inconsistent."""

# These contain an explicit time for every frame. In others a frame's time may depend on what was
# read before it (MPEG program streams), so a seek would shift it.
_SEEKABLE = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}
_STATES_LENGTH = _SEEKABLE | {"avi", "flv"}


@dataclass(frozen=True)
class TimedFrame:
    """A decoded frame, shown from `time_s` to `end_s`, in seconds after the file's first frame."""

    frame: VideoFrame
    time_s: Fraction
    end_s: Fraction


class VideoFile:
    """A video file opened for one pass through it.

    `first` is its first frame. `broken_at_s` is None while no damage was found, then the time up to which
    the file was intact.

    Raises
    ------
    VideoError : no such file, a folder, an empty file, not a video, a single image, sound only, an unknown
        codec, frames of more than `max_px` pixels, nothing that can be decoded.
    """

    def __init__(self, path: Path, max_px: int = MAX_PX) -> None:
        self.path = path
        self._most_px = max_px
        self.broken_at_s: float | None = None
        self._sound_until_s: Fraction | None = None
        self._reached_s = Fraction(0)
        self._open()

    def _open(self) -> None:
        self.container = open_media(self.path)
        self.stream = picture_stream(self.path, self.container)
        coded = self.stream.codec_context
        refuse_large_frames(self.path, coded.width, coded.height, self._most_px)
        # Threads cost a fifth more processor time per frame, and other cores read other chunks.
        self.stream.thread_count = 1
        # The decoder fails on frames larger than this, even if the header states a smaller size.
        coded.options = {"max_pixels": str(self._most_px)}
        self._decoding = self._decode()
        first = next(self._decoding, None)
        if first is None:
            raise VideoError(
                f"{self.path} has no frame that can be decoded ({self._codec_description()}); {SUPPORTED_FORMATS}"
            )
        self.first: VideoFrame = first

    def _codec_description(self) -> str:
        """Return codec and frame size, for messages."""
        coded = self.stream.codec_context
        # FFmpeg resets a size above its limit to 0.
        size = f"{coded.width} x {coded.height}" if coded.width else f"of no size, or of more than {MAX_PX} pixels"
        return f"{coded.name}, {size}"

    def close(self) -> None:
        """Close the file; the attributes stay readable."""
        self.container.close()

    def frames(self, start_s: Fraction) -> Iterator[TimedFrame]:
        """Yield the frames in order, starting at or before `start_s`; times never decrease.

        Raises
        ------
        VideoError : frames go on long after the end stated in the header.
        """
        if start_s == 0:
            return self._timed(self.first)
        if self.container.format.name in _SEEKABLE:
            for margin_s in SEEK_MARGINS_S:
                if start_s > margin_s and (keyframe := self._seek(start_s - margin_s, start_s)) is not None:
                    return self._timed(keyframe)
            self.close()
            self._open()
        return self._timed(self.first)

    @property
    def has_audio(self) -> bool:
        """Whether it has a sound track of a known codec."""
        return any(stream.codec_context is not None for stream in self.container.streams.audio)

    @property
    def pixel_aspect(self) -> Fraction:
        """The stated width of a pixel divided by its height."""
        return Fraction(self.stream.sample_aspect_ratio or 1)

    def duration_s(self) -> float:
        """Return the length of the pictures in seconds: the longer of what the header and the packets state.

        Headers may be wrong: Chrome's MediaRecorder counts a track's length in the ticks of the film. Reads all
        packets, but decodes none.
        """
        return max(self._header_duration_s() or 0.0, packets_duration_s(self.path))

    def _header_duration_s(self) -> float | None:
        """Return the length stated in the file's header, None if there is none.

        The container's length includes the sound, which may be longer than the pictures.
        """
        stated_s = [float(self.stream.duration * self._tick_s)] if self.stream.duration else []
        stated_s += [self.container.duration / av.time_base] if self.container.duration else []
        return min(stated_s, default=None)

    def _seek(self, near_s: Fraction, latest_s: Fraction) -> VideoFrame | None:
        """Return a keyframe near one time and not later than another; None if the file leads to none."""
        try:
            self.container.seek((self._timestamp(self.first) or 0) + int(near_s / self._tick_s), stream=self.stream)
        except av.FFmpegError:
            return None
        self._decoding = self._decode()
        for frame in self._decoding:
            if self._timestamp(frame) is None or self._time_s(frame) > latest_s:
                return None
            # A frame before the keyframe may depend on others that were not decoded.
            if frame.key_frame:
                return frame
        return None

    def _timed(self, frame: VideoFrame | None) -> Iterator[TimedFrame]:
        """Yield frames with their times, repaired where the file's timestamps restart."""
        interval_s = 1 / self.stream.guessed_rate if self.stream.guessed_rate else DEFAULT_INTERVAL_S
        time_s = end_s = self._time_s(frame) if frame is not None else Fraction(0)
        shift_s = Fraction(0)
        leap_s = math.inf if self.container.format.name in _SEEKABLE else CLOCK_LEAP_S
        most_s = self._max_end_s(self._header_duration_s())
        while frame is not None:
            stated_s = end_s if self._timestamp(frame) is None else self._time_s(frame) + shift_s
            if time_s - stated_s > CLOCK_RESTART_S or stated_s - end_s > leap_s:
                shift_s += end_s - stated_s
                stated_s = end_s
            time_s = max(time_s, stated_s)
            end_s = time_s + (frame.duration * self._tick_s or interval_s)
            if end_s > most_s:
                most_s = self._max_end_s(self.duration_s())
            if end_s > most_s:
                raise VideoError(
                    f"{self.path} has a frame shown until {float(end_s):.0f} s, but its header states less "
                    f"than {most_s:.0f} s; convert it to H.264 mp4"
                )
            self._sound_until_s = end_s
            yield TimedFrame(frame, time_s, end_s)
            frame = next(self._decoding, None)
        stated_end_s = (self.container.duration or 0) / av.time_base
        if self.container.format.name in _STATES_LENGTH and self._reached_s < stated_end_s - TRUNCATED_S:
            self.note_damage()

    def _max_end_s(self, stated_s: float | None) -> float:
        """Return the time up to which frames are accepted in a file of this stated length."""
        if stated_s is None or self.container.format.name not in _SEEKABLE:
            return math.inf
        return 2 * stated_s + MAX_OVERTIME_S

    @property
    def _tick_s(self) -> Fraction:
        return self.stream.time_base or Fraction(1, av.time_base)

    def _timestamp(self, frame: VideoFrame) -> int | None:
        # AVI timestamps are those of packets; the ones derived for frames are wrong with B-frames.
        """Return the frame's timestamp in ticks, or None."""
        return frame.dts if self.container.format.name == "avi" else frame.pts

    def _time_s(self, frame: VideoFrame) -> Fraction:
        """Return the frame's time in seconds after the first frame."""
        return ((self._timestamp(frame) or 0) - (self._timestamp(self.first) or 0)) * self._tick_s

    def _decode(self) -> Iterator[VideoFrame]:
        """Decode from the container's position; packets that cannot be decoded are skipped."""
        for packet in self._packets():
            try:
                frames = self.stream.codec_context.decode(packet)
            except av.FFmpegError:
                self.note_damage()
                continue
            for frame in frames:
                if frame.is_corrupt:
                    self.note_damage()
                yield frame

    def _packets(self) -> Iterator[Packet[Stream] | None]:
        """Yield the video packets as far as the file is readable, then None, which flushes the decoder."""
        try:
            for packet in demux_packets(self.container):
                if packet.pts is not None:
                    self._reached_s = max(self._reached_s, (packet.pts + (packet.duration or 0)) * packet.time_base)
                if packet.stream_index == self.stream.index:
                    yield packet
        except av.FFmpegError:
            self.note_damage()
        yield None

    def note_damage(self) -> None:
        """Record that the file is damaged from here on."""
        # A failure before the first frame is no damage: it depends on frames that were cut away.
        if self.broken_at_s is None and self._sound_until_s is not None:
            self.broken_at_s = float(self._sound_until_s)
