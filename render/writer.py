"""Pictures to a video file that every browser and phone plays: H.264 and AAC in MP4."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from pose_vocab.errors import OutputError
from pose_vocab.files import check_writable, write_beside
from render.sound import RATE_HZ, Sound

SUFFIXES = (".mp4", ".m4v", ".mov")
X264 = {"crf": "18", "preset": "veryfast"}
THREADS = 1
"""With two, x264 wrote other bytes in some of fourteen runs; a drawn dance took no longer with one."""
MOST_FPS = 1000

Picture = NDArray[np.uint8]


def write_video(frames: Iterable[Picture], path: str | Path, fps: float, audio: str | Path | None = None) -> None:
    """Write pictures as an H.264 video; no half file is left behind, whatever goes wrong.

    The pictures are taken one at a time, so there may be any number of them. The same pictures give
    the same bytes. H.264 with halved colour needs even sizes: an odd one is made even by repeating
    the last row or column.

    Parameters
    ----------
    frames : uint8 (height, width, 3) RGB, all of one size.
    path : .mp4, .m4v or .mov.
    fps : pictures a second.
    audio : a video or sound file whose sound goes with the pictures, from its first picture on,
        until the pictures or the sound end.

    Raises
    ------
    OutputError : another suffix, no pictures, pictures of another size or kind, no permission, no
        such folder, a full disk.
    VideoError : `audio` cannot be read or has no sound.
    """
    path = Path(path)
    check_video_path(path)
    rate = Fraction(fps).limit_denominator(1001) if math.isfinite(fps) else Fraction(0)
    if not 0 < rate <= MOST_FPS:
        raise OutputError(f"cannot write {path}: pictures a second must be between 0 and {MOST_FPS}, got {fps}")
    sound = None if audio is None else Sound(Path(audio))
    try:
        with write_beside(path) as beside:
            _write(_checked(frames, path), beside, rate, sound)
    except _FrameError as carrier:
        raise carrier.error from None
    except av.FFmpegError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
    finally:
        if sound is not None:
            sound.close()


def check_video_path(path: str | Path) -> None:
    """Find out before long work whether a video can be written to `path`.

    Raises
    ------
    OutputError : another suffix, no such folder, no permission.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise OutputError(f"cannot write {path}: a video's name ends with {', '.join(SUFFIXES)}")
    check_writable(path)


class _FrameError(Exception):
    """Carries an error of the pictures' source past those who would take it for one of writing."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def _checked(frames: Iterable[Picture], path: Path) -> Iterator[Picture]:
    shape: tuple[int, ...] | None = None
    try:
        for index, frame in enumerate(frames):
            if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
                kind = f"{frame.dtype} {frame.shape}"
                raise OutputError(f"cannot write {path}: a picture must be uint8 (height, width, 3), not {kind}")
            if shape is not None and frame.shape != shape:
                sizes = f"{frame.shape[1]} x {frame.shape[0]}, the first one {shape[1]} x {shape[0]}"
                raise OutputError(f"cannot write {path}: picture {index} is {sizes}; all must have one size")
            shape = frame.shape
            yield frame
    except (OSError, av.FFmpegError) as error:
        raise _FrameError(error) from error
    if shape is None:
        raise OutputError(f"cannot write {path}: there are no pictures to write")


def _write(pictures: Iterator[Picture], path: Path, rate: Fraction, sound: Sound | None) -> None:
    file_format = "mov" if path.suffix.lower() == ".mov" else "mp4"
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(f"file:{path}", "w", format=file_format, options=options) as container:
        video: VideoStream = container.add_stream("libx264", rate=rate, options=X264)
        track = None if sound is None else _sound_track(container, sound)
        reformatter = VideoReformatter()
        for index, picture in enumerate(pictures):
            even = np.pad(picture, ((0, picture.shape[0] % 2), (0, picture.shape[1] % 2), (0, 0)), mode="edge")
            if index == 0:
                _set_up(video, even)
            frame = reformatter.reformat(
                av.VideoFrame.from_ndarray(even, "rgb24"),
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
                threads=1,
            )
            frame.pts, frame.time_base = index, 1 / rate
            container.mux(video.encode(frame))
            if sound is not None and track is not None:
                samples = sound.read_until((index + 1) / rate)
                if samples is not None:
                    container.mux(track.encode(samples))
        container.mux(video.encode(None))
        if track is not None:
            container.mux(track.encode(None))


def _set_up(stream: VideoStream, picture: Picture) -> None:
    stream.height, stream.width = picture.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.thread_count = THREADS
    stream.color_range = ColorRange.MPEG
    stream.colorspace = Colorspace.ITU709
    stream.color_primaries = ColorPrimaries.BT709
    stream.color_trc = ColorTrc.BT709


def _sound_track(container: OutputContainer, sound: Sound) -> AudioStream:
    return container.add_stream("aac", rate=RATE_HZ, layout=sound.layout)
