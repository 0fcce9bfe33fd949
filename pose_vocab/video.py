"""Reading of a video as upright RGB frames at a constant rate, whatever the container and codec."""

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
from pose_vocab.media_file import MAX_PX
from pose_vocab.video_file import TimedFrame, VideoFile
from pose_vocab.webp_animation import WebPAnimation
from pose_vocab.webp_chunks import is_webp_animation

FPS = 20.0
"""Default rate, in frames per second, at which a dance is read."""
MIN_DURATION_S = 1.0
"""A shorter video is rejected."""
TIMESTAMP_ROUNDING_S = Fraction(1, 1000)
"""Matroska and Flash round times to a millisecond: a frame late by this much counts as in time."""
MAX_PIXEL_ASPECT = 4
"""A stated pixel aspect ratio above this, or below its inverse, is an error in the file and ignored."""

FrameArray = NDArray[np.uint8]


@dataclass(frozen=True)
class VideoInfo:
    """What is known of a video before it is read.

    Parameters
    ----------
    path : the video file.
    width, height : size of the upright picture in pixels, after rotation and with square pixels.
    duration_s : length of the picture stream in seconds: the longer of what the header and the packets state.
        An estimate: a damaged file ends earlier, and some headers include the sound.
    has_audio : whether it has a sound track.
    """

    path: Path
    width: int
    height: int
    duration_s: float
    has_audio: bool

    def n_frames(self, fps: float = FPS) -> int:
        """Return the number of frames `read_frames` yields at this rate; as exact as `duration_s`."""
        return _first_tick(Fraction(self.duration_s), Fraction(fps))


def probe(path: str | Path, max_px: int = MAX_PX) -> VideoInfo:
    """Inspect a video: read all packets of it, but decode no more than its first frame.

    Parameters
    ----------
    path : the video file.
    max_px : maximum number of pixels per frame; larger frames, by the header or actually, are not decoded.

    Raises
    ------
    VideoError : no such file, a folder, an empty file, not a video, a single image, sound only, an unknown
        codec, too large, nothing that can be decoded, shorter than a second.
    """
    path = Path(path)
    file = _open(path, max_px)
    try:
        height, width = _FrameConverter(file).convert(file.first).shape[:2]
        duration_s = file.duration_s()
        has_audio = file.has_audio
    finally:
        file.close()
    _refuse_short(path, duration_s)
    return VideoInfo(path, width, height, duration_s, has_audio)


def read_frames(path: str | Path, fps: float = FPS, start_s: float = 0.0, stop_s: float | None = None) -> Frames:
    """Read a video's upright frames, uint8 (height, width, 3) RGB, at a constant rate.

    Frame k is the latest one of the file at the time k / fps, counted from the file's first frame. Only
    those with start_s <= k / fps < stop_s are returned (to a millisecond), and they are the same as when
    the whole file is read, so that several processes can share a video. In mp4, mov, mkv and webm reading
    starts at the keyframe before `start_s`, in other files at the beginning. The caller owns each array.
    Frames that change size within the video are scaled to fit the size of the first, with black bars.

    Raises
    ------
    VideoError : as `probe`; a video that turns out to be shorter than a second raises at its end.
    """
    return Frames(Path(path), fps, start_s, stop_s)


class Frames(Iterator[FrameArray]):
    """Iterator over the frames of a part of a video; created by `read_frames`."""

    def __init__(self, path: Path, fps: float, start_s: float, stop_s: float | None) -> None:
        if not (math.isfinite(fps) and fps > 0):
            raise VideoError(f"frames per second must be positive, got {fps}")
        self._file = _open(path)
        self._converter = _FrameConverter(self._file)
        self._pictures = self._read(Fraction(fps), start_s, stop_s)

    def __next__(self) -> FrameArray:
        return next(self._pictures)

    @property
    def broken_at_s(self) -> float | None:
        """None while no damage was found, then the time up to which the file was intact.

        A truncated file ends there. A file with a damaged part continues after it: the last intact frame
        replaces the lost ones.
        """
        return self._file.broken_at_s

    def _read(self, fps: Fraction, start_s: float, stop_s: float | None) -> Iterator[FrameArray]:
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

    def _repeat(self, frame: VideoFrame, times: int) -> Iterator[FrameArray]:
        """Yield the frame `times` times, as separate arrays."""
        if times > 0:
            picture = self._converter.convert(frame)
            for _ in range(times - 1):
                yield picture.copy()
            yield picture


def _open(path: Path, max_px: int = MAX_PX) -> VideoFile | WebPAnimation:
    """Open a video by what it contains, whatever its name."""
    return WebPAnimation(path, max_px) if is_webp_animation(path) else VideoFile(path, max_px)


class _FrameConverter:
    """Converts decoded frames to upright RGB arrays with square pixels, all of the first frame's size."""

    def __init__(self, file: VideoFile | WebPAnimation) -> None:
        self._path = file.path
        self._reformatter = VideoReformatter()
        aspect = file.pixel_aspect
        self._aspect = aspect if 1 / MAX_PIXEL_ASPECT <= aspect <= MAX_PIXEL_ASPECT else Fraction(1)
        self._stored_size = file.first.width, file.first.height
        self._size = round(file.first.width * self._aspect), file.first.height
        self._across, self._down, self._transposed = _orientation(file.first)

    def convert(self, frame: VideoFrame) -> FrameArray:
        """Return the frame as uint8 (height, width, 3)."""
        picture = self._fitted(frame)
        if self._transposed:
            picture = picture.swapaxes(0, 1)
        return np.ascontiguousarray(picture[:: self._down, :: self._across])

    def _fitted(self, frame: VideoFrame) -> FrameArray:
        """Return the frame in RGB, not yet rotated, in the middle of a picture of the first frame's size."""
        if (frame.width, frame.height) == self._stored_size:
            return self._rgb(frame, *self._size)
        width, height = self._size
        scale = min(Fraction(width, frame.width) / self._aspect, Fraction(height, frame.height))
        fitted = (
            min(width, max(1, round(frame.width * self._aspect * scale))),
            min(height, max(1, round(frame.height * scale))),
        )
        across, down = (width - fitted[0]) // 2, (height - fitted[1]) // 2
        picture = np.zeros((height, width, 3), np.uint8)
        picture[down : down + fitted[1], across : across + fitted[0]] = self._rgb(frame, *fitted)
        return picture

    def _rgb(self, frame: VideoFrame, width: int, height: int) -> FrameArray:
        """Return the frame in RGB, scaled to this size."""
        # Colours of a rare colour space (e.g. Dolby Vision) come out wrong, which is better than no frame.
        for colorspace in (None, Colorspace.DEFAULT):
            with suppress(av.FFmpegError):
                scaled = self._reformatter.reformat(frame, width, height, "rgb24", src_colorspace=colorspace, threads=1)
                return scaled.to_ndarray().astype(np.uint8, copy=False)
        kind = f"{width} x {height}, {frame.format.name}"
        raise VideoError(f"{self._path} has frames that cannot be converted to RGB ({kind}); convert it to H.264 mp4")


def _orientation(frame: VideoFrame) -> tuple[int, int, bool]:
    """Return the steps across and down (1 or -1) through the picture, and whether to transpose it first."""
    turn = math.radians(frame.rotation)
    a, b, c, d = math.cos(turn), -math.sin(turn), math.sin(turn), math.cos(turn)
    # The angle does not tell mirroring. PyAV raises ValueError for unknown kinds of side data.
    with suppress(KeyError, ValueError):
        side_data: Any = frame.side_data
        # x' = a x + c y, y' = b x + d y, in 16.16 fixed point; the third column is for perspective.
        a, b, _, c, d = struct.unpack_from("<5i", side_data["DISPLAYMATRIX"])
    transposed = abs(b) > abs(a)
    across, down = (c, b) if transposed else (a, d)
    return (-1 if across < 0 else 1), (-1 if down < 0 else 1), transposed


def _first_tick(time_s: Fraction, fps: Fraction) -> int:
    """Return the first k for which k / fps is not before `time_s`."""
    return max(0, math.ceil((time_s - TIMESTAMP_ROUNDING_S) * fps))


def _refuse_short(path: Path, duration_s: float) -> None:
    """Raise VideoError for a video that is too short."""
    if duration_s < MIN_DURATION_S - TIMESTAMP_ROUNDING_S:
        raise VideoError(f"{path} lasts {duration_s:.2f} s; a dance needs at least {MIN_DURATION_S:g} s")
