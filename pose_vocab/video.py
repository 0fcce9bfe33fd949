"""From a video file to upright RGB pictures at a steady rate, whatever the container and codec."""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, VideoReformatter
from numpy.typing import NDArray

from pose_vocab.errors import VideoError
from pose_vocab.video_file import MAX_PX, TimedFrame, VideoFile, count_duration_s

FPS = 20.0
"""Pictures a second that a dance is read at."""
MIN_DURATION_S = 1.0
"""A video shorter than this holds no dance."""
TIMESTAMP_ROUNDING_S = Fraction(1, 1000)
"""Matroska and Flash round times to a millisecond: a picture this little late still counts as in time."""
MAX_PIXEL_ASPECT = 4
"""Pixels said to be more than this times as wide as high, or as high as wide, are a slip of the file."""

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class VideoInfo:
    """What is known of a video before it is read.

    Parameters
    ----------
    width, height : pixels of the upright picture, after rotation and with square pixels.
    duration_s : seconds of picture as the header says, or as the packets say where it is silent.
        An estimate: a damaged file ends earlier, and some headers count the sound as well.
    has_audio : whether there is sound in it.
    """

    path: Path
    width: int
    height: int
    duration_s: float
    has_audio: bool

    def n_frames(self, fps: float = FPS) -> int:
        """How many pictures `read_frames` gives at this rate; an estimate as good as `duration_s`."""
        return _first_tick(Fraction(self.duration_s), Fraction(fps))


def probe(path: str | Path, max_px: int = MAX_PX) -> VideoInfo:
    """Look at a video without decoding more than its first picture.

    Parameters
    ----------
    most_px : pixels that a picture may have; of more, by the header or by itself, nothing is decoded.

    Raises
    ------
    VideoError : no such file, a folder, an empty file, not a video, one picture, sound only, an
        unknown codec, too large, no picture that can be decoded, shorter than a second.
    """
    path = Path(path)
    file = VideoFile(path, max_px)
    with file.container:
        height, width = _FrameConverter(file).draw(file.first).shape[:2]
        duration_s = file.stated_duration_s()
        has_audio = bool(file.container.streams.audio)
    if duration_s is None:
        duration_s = count_duration_s(path)
    _refuse_short(path, duration_s)
    return VideoInfo(path, width, height, duration_s, has_audio)


def read_frames(path: str | Path, fps: float = FPS, start_s: float = 0.0, stop_s: float | None = None) -> Frames:
    """Read a video's upright pictures, uint8 (height, width, 3) RGB, at a steady rate.

    Picture k is the newest one of the file at the time k / fps, counted from the file's first
    picture. Only those with start_s <= k / fps < stop_s are given (to a millisecond), and they are
    the same as in a reading of the whole file, so that several processes may share a video. mp4,
    mov, mkv and webm are entered at the keyframe before `start_s`, other files read from their
    beginning. Each array is the caller's own. Pictures that change size in mid-video are scaled to
    the first one's.

    Raises
    ------
    VideoError : as `probe` does; a video that only turns out to be shorter than a second when its
        end is reached raises there.
    """
    return Frames(Path(path), fps, start_s, stop_s)


class Frames(Iterator[Picture]):
    """The pictures of a stretch of video, one after the other; made by `read_frames`."""

    def __init__(self, path: Path, fps: float, start_s: float, stop_s: float | None) -> None:
        if not (math.isfinite(fps) and fps > 0):
            raise VideoError(f"pictures a second must be positive, got {fps}")
        self._file = VideoFile(path)
        self._converter = _FrameConverter(self._file)
        self._pictures = self._read(Fraction(fps), start_s, stop_s)

    def __next__(self) -> Picture:
        return next(self._pictures)

    @property
    def broken_at_s(self) -> float | None:
        """None as long as the file proves sound; then the time up to which it was.

        A file that breaks off ends there. One with a damaged spot goes on after it: the last sound
        picture stands for the lost ones.
        """
        return self._file.broken_at_s

    def _read(self, fps: Fraction, start_s: float, stop_s: float | None) -> Iterator[Picture]:
        tick = _first_tick(Fraction(start_s), fps)
        stop = sys.maxsize if stop_s is None else _first_tick(Fraction(stop_s), fps)
        shown: TimedFrame | None = None
        try:
            for following in self._file.frames(tick / fps):
                if shown is not None:
                    due = min(stop, _first_tick(following.time_s, fps))
                    yield from self._repeat(shown.frame, due - tick)
                    tick = max(tick, due)
                if tick >= stop:
                    return
                shown = following
            if shown is not None:
                _refuse_short(self._file.path, float(shown.end_s))
                yield from self._repeat(shown.frame, min(stop, _first_tick(shown.end_s, fps)) - tick)
        finally:
            self._file.close()

    def _repeat(self, frame: VideoFrame, times: int) -> Iterator[Picture]:
        if times > 0:
            picture = self._converter.draw(frame)
            for _ in range(times - 1):
                yield picture.copy()
            yield picture


class _FrameConverter:
    """Turns decoded frames into upright RGB arrays with square pixels, all of the first frame's size."""

    def __init__(self, file: VideoFile) -> None:
        self._path = file.path
        self._reformatter = VideoReformatter()
        aspect = file.stream.sample_aspect_ratio or 1
        self._width = round(file.first.width * (aspect if 1 / MAX_PIXEL_ASPECT <= aspect <= MAX_PIXEL_ASPECT else 1))
        self._height = file.first.height
        self._across, self._down, self._transposed = _orientation(file.first)

    def draw(self, frame: VideoFrame) -> Picture:
        """The picture, uint8 (height, width, 3)."""
        picture: Picture = self._rgb(frame).to_ndarray().astype(np.uint8, copy=False)
        if self._transposed:
            picture = picture.swapaxes(0, 1)
        return np.ascontiguousarray(picture[:: self._down, :: self._across])

    def _rgb(self, frame: VideoFrame) -> VideoFrame:
        size = (self._width, self._height, "rgb24")
        # The colours of a rare colour space (Dolby Vision's, say) come out wrong, which is better than not at all.
        for colorspace in (None, Colorspace.DEFAULT):
            with suppress(av.FFmpegError):
                return self._reformatter.reformat(frame, *size, src_colorspace=colorspace, threads=1)
        kind = f"{self._width} x {self._height}, {frame.format.name}"
        raise VideoError(f"{self._path} has pictures that cannot be turned into RGB ({kind}); convert it to H.264 mp4")


def _orientation(frame: VideoFrame) -> tuple[int, int, bool]:
    """How to step across and down (1 or -1) through the picture, and whether to transpose it first."""
    turn = math.radians(frame.rotation)
    a, b, c, d = math.cos(turn), -math.sin(turn), math.sin(turn), math.cos(turn)
    # The angle is silent about mirroring. PyAV raises ValueError for kinds of side data it has no name for.
    with suppress(KeyError, ValueError):
        side_data: Any = frame.side_data
        # x' = a x + c y, y' = b x + d y, in 16.16 fixed point; the third column is for perspective.
        a, b, _, c, d = struct.unpack_from("<5i", side_data["DISPLAYMATRIX"])
    transposed = abs(b) > abs(a)
    across, down = (c, b) if transposed else (a, d)
    return (-1 if across < 0 else 1), (-1 if down < 0 else 1), transposed


def _first_tick(time_s: Fraction, fps: Fraction) -> int:
    """The first k for which k / fps is not before `time_s`."""
    return max(0, math.ceil((time_s - TIMESTAMP_ROUNDING_S) * fps))


def _refuse_short(path: Path, duration_s: float) -> None:
    if duration_s < MIN_DURATION_S - TIMESTAMP_ROUNDING_S:
        raise VideoError(f"{path} lasts {duration_s:.2f} s; a dance needs at least {MIN_DURATION_S:g} s")
