"""Pictures to a file, or to a folder of pictures: the kinds by the endings of their names."""

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
"""The kinds of files by suffix; without one it is a folder of PNG frames."""
FOLDER = ""
SEPARATORS = ("/", os.sep)
MOST_FPS = 1000

Audio = str | Path | Soundtrack


def write_video(frames: Iterable[Picture], path: str | Path, fps: float, audio: Audio | None = None) -> None:
    """Write pictures as a video or animation; no half file is left behind, whatever goes wrong.

    The pictures are taken one at a time, so there may be any number of them, and the next one is
    drawn while the last one is written. The same pictures give the same bytes.

    Parameters
    ----------
    frames : uint8 (height, width, 3) RGB, or (height, width, 4) with straight alpha, all of one size;
        each an array of its own, which nobody changes after it was handed over.
    path : .mp4, .m4v or .mov (H.264, AAC), .webm (VP9 with alpha, Opus), .gif, .webp, .png (a single
        picture), or a folder of PNG frames: a name without a suffix, or one that ends with ``/``. A
        film's odd size is made even by repeating the last row or column.
    fps : pictures a second. PNG frames do not keep it, a GIF shows 50 of them at most.
    audio : a video or sound file whose sound goes with the pictures, from its first picture on, to the
        last picture; it begins anew where it is shorter. A `Soundtrack` says where it begins, and
        whether it does so again.

    Raises
    ------
    OutputError : another suffix, no pictures, pictures of another size or kind, alpha or sound for a
        kind of file that has none, no permission, no such folder, a full disk.
    VideoError : `audio` cannot be read or has no sound.
    """
    check_video_path(path, audio)
    output = _output_for(path)
    rate = _rate(fps, path, output)
    track = audio if audio is None or isinstance(audio, Soundtrack) else Soundtrack(Path(audio))
    sound = None if track is None else track.opened()
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
    """Find out before long work whether pictures, and sound where there is some, can be written to `path`.

    Raises
    ------
    OutputError : another suffix, sound or alpha for a kind of file that has none, no such folder, no permission,
        a folder with other things in it.
    """
    output = _output_for(path)
    if audio is not None and not output.keeps_sound:
        raise OutputError(f"cannot write {path}: it has no sound; {_names('keeps_sound')} do, or leave the sound out")
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


def _names(ability: str) -> str:
    """The kinds of files that have an ability, for messages."""
    able = [suffix or "PNG frames" for suffix, output in OUTPUTS.items() if getattr(output, ability)]
    return f"{', '.join(able[:-1])} and {able[-1]}"


def _rate(fps: float, path: str | Path, output: Output) -> Fraction:
    rate = Fraction(fps).limit_denominator(1001) if math.isfinite(fps) else Fraction(0)
    if not (rate > 0 and output.least_fps <= rate <= MOST_FPS):
        least = f"{float(output.least_fps):.2g}"
        raise OutputError(f"cannot write {path}: pictures a second must be between {least} and {MOST_FPS}, got {fps}")
    return rate


class _FrameError(Exception):
    """Carries an error of the pictures' source past those who would take it for one of writing."""

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
            if index and output.one_picture:
                raise OutputError(f"cannot write {path}: it holds one picture; name a folder ({path}/) for several")
            shape = frame.shape
            yield np.ascontiguousarray(frame)
    except (OSError, av.FFmpegError) as error:
        raise _FrameError(error) from error
    if shape is None:
        raise OutputError(f"cannot write {path}: there are no pictures to write")


def _check_alpha(path: str | Path, output: Output) -> None:
    if not output.keeps_alpha:
        able = _names("keeps_alpha")
        raise OutputError(f"cannot write {path}: its pictures cannot be transparent; {able} keep transparency")


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} x {shape[0]}" + (" with alpha" if shape[2] == 4 else "")
