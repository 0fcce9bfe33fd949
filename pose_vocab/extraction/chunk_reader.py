"""One piece of a video read: who is in each of its pictures."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pose_vocab.extraction.chunks import Chunk, FrameDetections
from pose_vocab.extraction.cuts import thumbnail
from pose_vocab.extraction.landmarker import Landmarkers
from pose_vocab.extraction.multi_person_tracker import MultiPersonTracker
from pose_vocab.video import read_frames


@dataclass(frozen=True)
class ExtractionSettings:
    """What all pieces of one extraction have in common: which video, how many pictures a second, which model."""

    video: Path
    fps: float
    model: Path


@dataclass(frozen=True, eq=False)
class ChunkResult:
    """What was read of one piece: its pictures, and up to when the file was sound; None if all of it was."""

    pictures: list[FrameDetections]
    broken_at_s: float | None


def read_chunk(
    source: ExtractionSettings, chunk: Chunk, landmarkers: Landmarkers, done: Callable[[int], None]
) -> ChunkResult:
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
    with closing(MultiPersonTracker(landmarkers, source.fps)) as crowd:
        for k, frame in enumerate(frames, chunk.read_from):
            seen.append(FrameDetections(crowd.see(frame, k), thumbnail(frame)))
            done(max(0, k + 1 - chunk.start))
    return ChunkResult(seen, frames.broken_at_s)
