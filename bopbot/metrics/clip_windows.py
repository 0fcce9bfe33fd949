"""Cut clips into windows of one length, so that their metrics compare, and few takes give more samples."""

from collections.abc import Iterable

from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip


def cut_windows(clips: Iterable[Clip], seconds: float) -> list[Clip]:
    """Return consecutive windows of clips; what is shorter than a window is dropped.

    Raises
    ------
    PoseError : a window is shorter than a frame, or no clip is as long as a window.
    """
    pieces: list[Clip] = []
    for clip in clips:
        frames = round(seconds * clip.poses.fps)
        if frames < 1:
            raise PoseError(
                f"a window of {seconds:g} s is shorter than a frame at {clip.poses.fps:g} fps; choose longer windows"
            )
        pieces += [clip[start : start + frames] for start in range(0, len(clip) - frames + 1, frames)]
    if not pieces:
        raise PoseError(f"no clip is {seconds:g} s long; choose shorter windows")
    return pieces
