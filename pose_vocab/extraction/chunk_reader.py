"""One piece of a video read: who is in each of its pictures."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pose_vocab.extraction.chunks import Chunk, Seen
from pose_vocab.extraction.crowd import Crowd
from pose_vocab.extraction.cuts import thumbnail
from pose_vocab.extraction.landmarker import Landmarkers
from pose_vocab.video import read_frames


@dataclass(frozen=True)
class Source:
    """What all pieces of one extraction have in common: which video, how many pictures a second, which model."""

    video: Path
    fps: float
    model: Path


@dataclass(frozen=True, eq=False)
class Part:
    """What was read of one piece: its pictures, and up to when the file was sound; None if all of it was."""

    pictures: list[Seen]
    broken_at_s: float | None


def read_chunk(source: Source, chunk: Chunk, landmarkers: Landmarkers, done: Callable[[int], None]) -> Part:
    """Read a piece of a video.

    `done` is called after every picture with the number of pictures read, those from before the
    piece's start left out; what it raises ends the reading.

    Raises
    ------
    VideoError, ModelError : the video or the model cannot be read.
    """
    stop_s = None if chunk.stop is None else chunk.stop / source.fps
    frames = read_frames(source.video, source.fps, chunk.read_from / source.fps, stop_s)
    seen = []
    with closing(Crowd(landmarkers, source.fps)) as crowd:
        for k, frame in enumerate(frames, chunk.read_from):
            seen.append(Seen(crowd.see(frame, k), thumbnail(frame)))
            done(max(0, k + 1 - chunk.start))
    return Part(seen, frames.broken_at_s)
