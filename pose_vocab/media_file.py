"""Files of pictures or sound: opening them, their packets and the length that these state."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise
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

MAX_PX = 16_384 * 9_216
"""Maximum number of pixels of a frame (16K): a few kilobytes can claim a frame larger than memory."""
MAX_STILL_S = 10
"""A timestamp further than this after the one before it is a jump of the clock, and no part of a film's length."""

SUPPORTED_FORMATS = "mp4, mov, mkv, webm, avi, gif and animated webp work"

# Playlists name other files, which the uploader may not be allowed to read; text would be rendered as video.
_PLAYLISTS = {"concat", "dash", "hls", "imf", "rtp", "rtsp", "sap", "sdp", "webm_dash_manifest"}
_TEXT = {"adf", "bin", "idf", "tty", "xbin"}
_READABLE = ",".join(sorted(av.formats_available - _PLAYLISTS - _TEXT))


def open_media(path: Path) -> InputContainer:
    """Open a file that contains pictures or sound.

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
        # Without "file:" a colon in the name would be read as a protocol.
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
    """Yield all packets that are not empty; an empty one would end the decoding.

    Raises
    ------
    av.FFmpegError : the rest of the file is unreadable.
    """
    # PyAV raises IndexError at the end of a file in which another stream appeared later.
    with suppress(IndexError):
        for packet in container.demux():
            if packet.size:
                yield packet


def refuse_large_frames(path: Path, width: int, height: int, max_px: int) -> None:
    """Raise VideoError for frames of more than `max_px` pixels."""
    if width * height > max_px:
        raise VideoError(
            f"{path} has frames of {width} x {height} pixels; at most {max_px / 1e6:.2g} million are supported, "
            "so scale it down"
        )


def picture_stream(path: Path, container: InputContainer) -> VideoStream:
    """Return the video stream of a file; raise VideoError if there is none."""
    if container.format.name.endswith("_pipe") or container.format.name == "image2":
        raise VideoError(f"{path} is a single image, not a video; {SUPPORTED_FORMATS}")
    stream = container.streams.best("video")
    if not isinstance(stream, VideoStream) or stream.disposition & Disposition.attached_pic:
        kind = "only sound" if container.streams.audio else "no pictures"
        raise VideoError(f"{path} contains {kind}; {SUPPORTED_FORMATS}")
    if stream.codec_context is None:
        raise VideoError(f"{path} uses a codec that cannot be decoded; convert it to H.264 mp4")
    return stream


def packets_duration_s(path: Path) -> float:
    """Return the length of a file's pictures in seconds by its packets; timestamps that jump count nothing."""
    stamps: list[int] = []
    played = last = 0
    with open_media(path) as container:
        stream = picture_stream(path, container)
        tick_s = stream.time_base or Fraction(0)
        with suppress(av.FFmpegError):
            for packet in demux_packets(container):
                # A film that was trimmed keeps packets before its beginning, which are decoded but not shown.
                if packet.stream_index == stream.index and not packet.is_discard:
                    duration = packet.duration or 0
                    last = duration if duration * tick_s <= MAX_STILL_S else 0
                    played += last
                    if packet.pts is not None:
                        stamps.append(packet.pts)
    stamps.sort()
    gaps = (after - before for before, after in pairwise(stamps))
    shown = sum(gap for gap in gaps if gap * tick_s <= MAX_STILL_S)
    return float(max(shown + last, played) * tick_s)
