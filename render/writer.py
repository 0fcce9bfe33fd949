"""Write pictures to a file or a folder; the format follows from the name's suffix."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from pose_vocab.errors import OutputError
from pose_vocab.files import check_folder_writable, check_writable, write_beside
from render.outputs.film import MOV, MP4, WEBM
from render.outputs.gif import Gif
from render.outputs.output import Output, Picture
from render.outputs.png import Frames, Png
from render.outputs.webp import WebP
from render.sound import Soundtrack

OUTPUTS: dict[str, Output] = {
    ".mp4": MP4,
    ".m4v": MP4,
    ".mov": MOV,
    ".webm": WEBM,
    ".gif": Gif(),
    ".webp": WebP(),
    ".png": Png(),
    "": Frames(),
}
"""The formats by suffix; a name without a suffix is a folder of PNG frames."""
FOLDER = ""
SEPARATORS = ("/", os.sep)
MAX_FPS = 1000

Audio = str | Path | Soundtrack


def write_video(frames: Iterable[Picture], path: str | Path, fps: float, audio: Audio | None = None) -> None:
    """Write pictures as a video or animation; on an error no partial file is left behind.

    The pictures are taken one at a time, so there may be any number of them, and the next one is
    drawn while the previous one is written. The same pictures give the same bytes.

    Parameters
    ----------
    frames : uint8 (height, width, 3) RGB, or (height, width, 4) with straight alpha, all of one size;
        each an array of its own that is not changed afterwards.
    path : .mp4, .m4v or .mov (H.264, AAC), .webm (VP9 with alpha, Opus), .gif, .webp, .png (a single
        picture), or a folder of PNG frames: a name without a suffix, or one that ends with ``/``. In
        a video, an odd size is made even by repeating the last row or column.
    fps : pictures per second. PNG frames do not store it; a GIF shows 50 per second at most.
    audio : a video or sound file whose sound is written with the pictures, from its own first picture on; it starts
        over where it is shorter. A `Soundtrack` has options for where it begins and whether it starts over.

    Raises
    ------
    OutputError : an unknown suffix, no pictures, pictures of different sizes or an unsupported shape, alpha or sound
        for a format without it, no permission, no such folder, a full disk.
    VideoError : `audio` cannot be read or has no sound.
    """
    check_video_path(path, audio)
    output = _output_for(path)
    rate = _rate(fps, path, output)
    track = audio if audio is None or isinstance(audio, Soundtrack) else Soundtrack(Path(audio))
    sound = None if track is None else track.open()
    target = Path(path)
    try:
        with write_beside(target, output.own_files(target) or ()) as beside:
            output.write(_checked(frames, path, output), beside, rate, sound)
    except _FrameError as carrier:
        raise carrier.error from None
    except av.FFmpegError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
    finally:
        if sound is not None:
            sound.close()


def check_video_path(path: str | Path, audio: Audio | None = None, *, alpha: bool = False) -> None:
    """Check before long work that pictures, and sound if there is any, can be written to `path`.

    Raises
    ------
    OutputError : an unknown suffix, sound or alpha for a format without it, no such folder, no permission, a folder
        with other files in it.
    """
    output = _output_for(path)
    if audio is not None and not output.supports_sound:
        raise OutputError(
            f"cannot write {path}: it has no sound; {_names('supports_sound')} do, or leave the sound out"
        )
    if alpha:
        _check_alpha(path, output)
    own_files = output.own_files(Path(path))
    if own_files is None:
        check_writable(path)
    else:
        check_folder_writable(path, own_files)


def _output_for(path: str | Path) -> Output:
    suffix = FOLDER if str(path).endswith(SEPARATORS) else Path(path).suffix.lower()
    if suffix not in OUTPUTS:
        known = ", ".join(filter(None, OUTPUTS))
        raise OutputError(
            f"cannot write {path}: a video's name ends with {known}; a folder of PNG frames with / or without a suffix"
        )
    return OUTPUTS[suffix]


def _names(attribute: str) -> str:
    """Return the formats with an attribute as text for messages."""
    able = [suffix or "PNG frames" for suffix, output in OUTPUTS.items() if getattr(output, attribute)]
    return f"{', '.join(able[:-1])} and {able[-1]}"


def _rate(fps: float, path: str | Path, output: Output) -> Fraction:
    rate = Fraction(fps).limit_denominator(1001) if math.isfinite(fps) else Fraction(0)
    if not (rate > 0 and output.min_fps <= rate <= MAX_FPS):
        least = f"{float(output.min_fps):.2g}"
        raise OutputError(f"cannot write {path}: frames per second must be between {least} and {MAX_FPS}, got {fps}")
    return rate


class _FrameError(Exception):
    """Carries an error of the pictures' source past handlers that would report it as a writing error."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def _checked(frames: Iterable[Picture], path: str | Path, output: Output) -> Iterator[Picture]:
    shape: tuple[int, ...] | None = None
    try:
        for index, frame in enumerate(frames):
            if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] not in (3, 4) or not frame.size:
                kind = f"{frame.dtype} {frame.shape}"
                raise OutputError(f"cannot write {path}: a picture must be uint8 (height, width, 3 or 4), not {kind}")
            if frame.shape[2] == 4:
                _check_alpha(path, output)
            if shape is not None and frame.shape != shape:
                raise OutputError(
                    f"cannot write {path}: picture {index} is {_size(frame.shape)}, the first one {_size(shape)};"
                    " all must have one size"
                )
            if index and output.single_picture:
                raise OutputError(f"cannot write {path}: it holds one picture; name a folder ({path}/) for several")
            shape = frame.shape
            yield np.ascontiguousarray(frame)
    except (OSError, av.FFmpegError) as error:
        raise _FrameError(error) from error
    if shape is None:
        raise OutputError(f"cannot write {path}: there are no pictures to write")


def _check_alpha(path: str | Path, output: Output) -> None:
    if not output.supports_alpha:
        able = _names("supports_alpha")
        raise OutputError(f"cannot write {path}: its pictures cannot be transparent; {able} keep transparency")


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} x {shape[0]}" + (" with alpha" if shape[2] == 4 else "")
