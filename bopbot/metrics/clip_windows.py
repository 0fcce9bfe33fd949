"""Clips of one length, so that their figures compare, and few takes give more samples."""

from collections.abc import Iterable

from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip


def cut_windows(clips: Iterable[Clip], seconds: float) -> list[Clip]:
    """The clips cut into pieces of so many seconds, one behind the other; what is left over is dropped.

    Raises
    ------
    PoseError : less than a frame is asked for, or no clip is that long.
    """
    pieces: list[Clip] = []
    for clip in clips:
        frames = round(seconds * clip.poses.fps)
        if frames < 1:
            raise PoseError(f"a window needs at least one frame, and {seconds:g} s hold none")
        pieces += [clip[start : start + frames] for start in range(0, len(clip) - frames + 1, frames)]
    if not pieces:
        raise PoseError(f"no clip is {seconds:g} s long; choose shorter windows")
    return pieces
