"""One piece of a video read: who is in each of its pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pose_vocab.extraction.chunks import Chunk, Seen
from pose_vocab.extraction.cuts import thumbnail
from pose_vocab.extraction.landmarker import Follower, Looker
from pose_vocab.extraction.people import without_doubles
from pose_vocab.video import read_frames

LOOK_EVERY_S = 3.0
"""So often a piece is looked at for people beside the one who is followed."""
DOUBLE = 0.15
"""Two found people nearer to each other than this many body sizes are one, found twice."""


@dataclass(frozen=True)
class Source:
    """What all pieces of one extraction have in common: which video, how many pictures a second, which model."""

    video: Path
    fps: float
    model: Path


def read_chunk(source: Source, chunk: Chunk, looker: Looker, done: Callable[[int], None]) -> list[Seen]:
    """Read a piece of a video, following one person, or several where there are several.

    Following several costs twice the time and more, so the piece is read for one until a look every
    few seconds shows more than one; then it is read again from its beginning.

    `done` is called after every picture with the number of pictures read, those from before the
    piece's start left out; what it raises ends the reading.

    Raises
    ------
    VideoError, ModelError : the video or the model cannot be read.
    """
    try:
        return _read(source, chunk, looker, done)
    except _SeveralError:
        return _read(source, chunk, None, done)


class _SeveralError(Exception):
    """More than one person is there."""


def _read(source: Source, chunk: Chunk, looker: Looker | None, done: Callable[[int], None]) -> list[Seen]:
    """Follow one person as long as `looker` sees no more; without a looker follow several."""
    stop_s = None if chunk.stop is None else chunk.stop / source.fps
    frames = read_frames(source.video, source.fps, chunk.read_from / source.fps, stop_s)
    look_every = max(1, round(LOOK_EVERY_S * source.fps))
    seen = []
    with Follower(source.model, source.fps, several=looker is None) as follower:
        for i, frame in enumerate(frames):
            if looker and i % look_every == 0 and len(without_doubles(looker.look(frame), DOUBLE)) > 1:
                raise _SeveralError
            people = without_doubles(follower.follow(frame, chunk.read_from + i), DOUBLE)
            seen.append(Seen(people, thumbnail(frame)))
            done(max(0, chunk.read_from + i + 1 - chunk.start))
    return seen
