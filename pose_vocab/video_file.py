"""An opened video file: its decoded frames with their times, from the beginning or from a keyframe on."""

from __future__ import annotations

import math
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.stream import Disposition
from av.video.stream import VideoStream

from pose_vocab.errors import VideoError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.frame import VideoFrame

CLOCK_RESTART_S = 1
"""A clock that falls back by more than this was started anew; by less, it stumbles."""
CLOCK_LEAP_S = 10
"""A clock that leaps ahead by more than this, in a file whose clock may leap, was started anew."""
TRUNCATED_S = 0.5
"""A file that ends this much before the length in its header was cut short."""
SEEK_MARGINS_S = (0, 1, 10)
"""How far before a time to look for its keyframe, one after the other, and then at the beginning."""
DEFAULT_INTERVAL_S = Fraction(1, 25)
"""How long a picture stands in a file that does not say."""

MAX_PX = 16_384 * 9_216
"""Pixels of the largest pictures that are decoded (16K): a few kilobytes may claim to be more than memory holds."""
MAX_OVERTIME_S = 60
"""A file whose pictures go on for this much more than twice the length in its header lies in one of the two."""

SUPPORTED_FORMATS = "mp4, mov, mkv, webm, avi and gif work"

# Playlists name other files, which their sender need not be allowed to read; text is drawn as a video.
_PLAYLISTS = {"concat", "dash", "hls", "imf", "rtp", "rtsp", "sap", "sdp", "webm_dash_manifest"}
_TEXT = {"adf", "bin", "idf", "tty", "xbin"}
_READABLE = ",".join(sorted(av.formats_available - _PLAYLISTS - _TEXT))
# These hold an explicit time for every picture. In others a picture's time may depend on what was
# read before it (MPEG program streams), so that a seek would shift it.
_SEEKABLE = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}
_STATES_LENGTH = _SEEKABLE | {"avi", "flv"}


@dataclass(frozen=True)
class TimedFrame:
    """A decoded frame, shown from `time_s` to `end_s`, in seconds after the file's first picture."""

    frame: VideoFrame
    time_s: Fraction
    end_s: Fraction


class VideoFile:
    """A file opened for one way through it.

    `first` is its first picture. `broken_at_s` is None as long as the file proves sound, and then
    the time up to which it was.

    Raises
    ------
    VideoError : no such file, a folder, an empty file, not a video, one picture, sound only, an
        unknown codec, pictures of more than `max_px` pixels, no picture that can be decoded.
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
        self.stream = _picture_stream(self.path, self.container)
        _refuse_large(self.path, self.stream, self._most_px)
        # Threads cost a fifth more processor time a picture, and other cores read other stretches.
        self.stream.thread_count = 1
        # Of pictures that are larger than the header says, the decoder makes an error.
        self.stream.codec_context.options = {"max_pixels": str(self._most_px)}
        self._decoding = self._decode()
        first = next(self._decoding, None)
        if first is None:
            raise VideoError(
                f"{self.path} has no picture that can be decoded ({self._codec_description()}); {SUPPORTED_FORMATS}"
            )
        self.first: VideoFrame = first

    def _codec_description(self) -> str:
        coded = self.stream.codec_context
        # FFmpeg forgets a size that it was told not to decode.
        size = f"{coded.width} x {coded.height}" if coded.width else f"of no size, or of more than {MAX_PX} pixels"
        return f"{coded.name}, {size}"

    def close(self) -> None:
        """Give the file back; what is known of it stays."""
        self.container.close()

    def frames(self, start_s: Fraction) -> Iterator[TimedFrame]:
        """The frames in order, from one that is not later than `start_s`; the times never fall.

        Raises
        ------
        VideoError : they go on long after the end that the header states.
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

    def stated_duration_s(self) -> float | None:
        """The length in the file's header, None where it has none."""
        stated_s = [float(self.stream.duration * self._tick_s)] if self.stream.duration else []
        stated_s += [self.container.duration / av.time_base] if self.container.duration else []
        return min(stated_s, default=None)

    def _seek(self, near_s: Fraction, latest_s: Fraction) -> VideoFrame | None:
        """Decode a keyframe near one time and not later than another; None where the file leads to none."""
        try:
            self.container.seek((self._timestamp(self.first) or 0) + int(near_s / self._tick_s), stream=self.stream)
        except av.FFmpegError:
            return None
        self._decoding = self._decode()
        for frame in self._decoding:
            if self._timestamp(frame) is None or self._time_s(frame) > latest_s:
                return None
            # A frame before the keyframe may lean on others that were not decoded.
            if frame.key_frame:
                return frame
        return None

    def _timed(self, frame: VideoFrame | None) -> Iterator[TimedFrame]:
        interval_s = 1 / self.stream.guessed_rate if self.stream.guessed_rate else DEFAULT_INTERVAL_S
        time_s = end_s = self._time_s(frame) if frame is not None else Fraction(0)
        shift_s = Fraction(0)
        leap_s = math.inf if self.container.format.name in _SEEKABLE else CLOCK_LEAP_S
        most_s = self._max_end_s()
        while frame is not None:
            stated_s = end_s if self._timestamp(frame) is None else self._time_s(frame) + shift_s
            if time_s - stated_s > CLOCK_RESTART_S or stated_s - end_s > leap_s:
                shift_s += end_s - stated_s
                stated_s = end_s
            time_s = max(time_s, stated_s)
            end_s = time_s + (frame.duration * self._tick_s or interval_s)
            if end_s > most_s:
                raise VideoError(
                    f"{self.path} has a picture that is shown up to {float(end_s):.0f} s, but its header tells of less "
                    f"than {most_s:.0f} s; convert it to H.264 mp4"
                )
            self._sound_until_s = end_s
            yield TimedFrame(frame, time_s, end_s)
            frame = next(self._decoding, None)
        stated_end_s = (self.container.duration or 0) / av.time_base
        if self.container.format.name in _STATES_LENGTH and self._reached_s < stated_end_s - TRUNCATED_S:
            self.note_damage()

    def _max_end_s(self) -> float:
        """Up to when pictures are believed."""
        stated_s = self.stated_duration_s()
        if stated_s is None or self.container.format.name not in _SEEKABLE:
            return math.inf
        return 2 * stated_s + MAX_OVERTIME_S

    @property
    def _tick_s(self) -> Fraction:
        return self.stream.time_base or Fraction(1, av.time_base)

    def _timestamp(self, frame: VideoFrame) -> int | None:
        # AVI times packets, not pictures; what is made up for the pictures is wrong with B-frames.
        return frame.dts if self.container.format.name == "avi" else frame.pts

    def _time_s(self, frame: VideoFrame) -> Fraction:
        return ((self._timestamp(frame) or 0) - (self._timestamp(self.first) or 0)) * self._tick_s

    def _decode(self) -> Iterator[VideoFrame]:
        """Decode from where the container stands; what cannot be decoded is left out."""
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
        """The pictures' packets as far as the file goes, and None, which empties the decoder."""
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
        """Remember that the file is not sound from here on."""
        # What fails before the first picture is no damage: it leans on pictures that were cut away.
        if self.broken_at_s is None and self._sound_until_s is not None:
            self.broken_at_s = float(self._sound_until_s)


def count_duration_s(path: Path) -> float:
    """The length of a file whose header is silent: reads all its packets, but decodes none."""
    first: int | None = None
    end = played = 0
    with open_media(path) as container:
        stream = _picture_stream(path, container)
        with suppress(av.FFmpegError):
            for packet in demux_packets(container):
                if packet.stream_index == stream.index:
                    played += packet.duration or 0
                    if packet.pts is not None:
                        first = packet.pts if first is None else first
                        end = max(end, packet.pts + (packet.duration or 0))
        return float(max(end - (first or 0), played) * (stream.time_base or 0))


def open_media(path: Path) -> InputContainer:
    """Open a file that holds pictures or sound.

    Raises
    ------
    VideoError : no such file, a folder, an empty file, neither video nor sound.
    """
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise VideoError(f"there is no file {path}") from error
    except (OSError, ValueError) as error:
        raise VideoError(f"{path} cannot be read: {error}") from error
    if stat.S_ISDIR(status.st_mode):
        raise VideoError(f"{path} is a folder; name a video file in it")
    if not stat.S_ISREG(status.st_mode):
        raise VideoError(f"{path} is not a file; name a video file")
    if status.st_size == 0:
        raise VideoError(f"{path} is empty; {SUPPORTED_FORMATS}")
    try:
        # "file:" keeps a colon in the name from being read as a protocol.
        return av.open(
            f"file:{path}",
            options={"max_pixels": str(MAX_PX)},
            container_options={"format_whitelist": _READABLE},
            metadata_errors="replace",
        )
    except av.PermissionError as error:
        raise VideoError(f"{path} cannot be read: no permission") from error
    except av.FFmpegError as error:
        raise VideoError(
            f"{path} is not a video or sound file, or damaged from the start ({error.strerror}); {SUPPORTED_FORMATS}"
        ) from error


def demux_packets(container: InputContainer) -> Iterator[Packet[Stream]]:
    """All packets that hold something; an empty one would end the decoding.

    Raises
    ------
    av.FFmpegError : the file cannot be followed further.
    """
    # PyAV raises IndexError at the end of a file in which a further stream turned up on the way.
    with suppress(IndexError):
        for packet in container.demux():
            if packet.size:
                yield packet


def _refuse_large(path: Path, stream: VideoStream, max_px: int) -> None:
    width, height = stream.codec_context.width, stream.codec_context.height
    if width * height > max_px:
        raise VideoError(
            f"{path} has pictures of {width} x {height} pixels; at most {max_px / 1e6:.2g} million work, "
            "so make it smaller"
        )


def _picture_stream(path: Path, container: InputContainer) -> VideoStream:
    if container.format.name.endswith("_pipe") or container.format.name == "image2":
        raise VideoError(f"{path} is one picture, not a video; {SUPPORTED_FORMATS}")
    stream = container.streams.best("video")
    if not isinstance(stream, VideoStream) or stream.disposition & Disposition.attached_pic:
        kind = "sound without a picture" if container.streams.audio else "no picture"
        raise VideoError(f"{path} holds {kind}; {SUPPORTED_FORMATS}")
    if stream.codec_context is None:
        raise VideoError(f"{path} is coded in a way that cannot be read; convert it to H.264 mp4")
    return stream
