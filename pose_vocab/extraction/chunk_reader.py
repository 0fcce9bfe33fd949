"""Detection of the people in one chunk of a video."""

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
    """The settings that all chunks of one extraction share.

    Parameters
    ----------
    video : the video file.
    fps : frames per second to read.
    model : the PoseLandmarker bundle.
    """

    video: Path
    fps: float
    model: Path


@dataclass(frozen=True, eq=False)
class ChunkResult:
    """The detections of one chunk.

    Parameters
    ----------
    frames : one entry per frame read, warm-up frames included.
    broken_at_s : the time up to which the file was intact; None if no damage was found.
    """

    frames: list[FrameDetections]
    broken_at_s: float | None


def read_chunk(
    settings: ExtractionSettings, chunk: Chunk, landmarkers: Landmarkers, done: Callable[[int], None]
) -> ChunkResult:
    """Detect the people in one chunk of a video.

    `done` is called after every frame with the number of frames read so far, not counting those before the
    chunk's start. An exception raised by `done` stops the reading.

    Raises
    ------
    VideoError, ModelError : the video or the model cannot be read.
    """
    stop_s = None if chunk.stop is None else chunk.stop / settings.fps
    video_frames = read_frames(settings.video, settings.fps, chunk.read_from / settings.fps, stop_s)
    detections = []
    with closing(MultiPersonTracker(landmarkers, settings.fps)) as tracker:
        for k, frame in enumerate(video_frames, chunk.read_from):
            detections.append(FrameDetections(tracker.track(frame, k), thumbnail(frame)))
            done(max(0, k + 1 - chunk.start))
    return ChunkResult(detections, video_frames.broken_at_s)
