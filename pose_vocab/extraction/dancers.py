"""The dancers of a video as pose sequences: detected in chunks, tracked, selected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import NobodyDancingError, VideoError
from pose_vocab.extraction.bundle import find_pose_model
from pose_vocab.extraction.chunk_reader import ExtractionSettings
from pose_vocab.extraction.chunks import join_chunks, plan_chunks
from pose_vocab.extraction.cuts import find_cuts
from pose_vocab.extraction.dancer_selection import select_dancers
from pose_vocab.extraction.process_pool import read_chunks
from pose_vocab.extraction.tracking import Track, track_people
from pose_vocab.extraction.world_keypoints import world_keypoints
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import MEDIAPIPE
from pose_vocab.video import FPS, probe

MAX_FPS = 1000
"""MediaPipe's timestamps are whole milliseconds."""

Progress = Callable[[int, int], None]
"""Callback that receives the number of frames read and the total."""


@dataclass(frozen=True, eq=False)
class Dancer:
    """One person tracked through a video, in pixels and in metres (see `world_keypoints`)."""

    in_picture: PoseSequence
    in_space: PoseSequence


@dataclass(frozen=True, eq=False)
class ExtractedVideo:
    """The dancers found in a video.

    Parameters
    ----------
    dancers : the largest, best visible and longest in view first; all have the same number of frames.
    broken_at_s : the time up to which the file was intact; None if no damage was found.
    """

    dancers: tuple[Dancer, ...]
    broken_at_s: float | None

    def dancer(self, number: int) -> Dancer:
        """Return a dancer by number, 1 for the main dancer.

        Raises
        ------
        NobodyDancingError : there are fewer dancers.
        """
        n = len(self.dancers)
        if not 1 <= number <= n:
            there = f"has {n} dancers; choose 1 to {n}" if n > 1 else "has one dancer; choose 1"
            raise NobodyDancingError(f"there is no dancer {number}: the video {there}")
        return self.dancers[number - 1]


def extract(
    video: str | Path,
    fps: float = FPS,
    *,
    world: bool = False,
    dancer: int = 1,
    pose_model: str | Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> PoseSequence:
    """Return one dancer of a video as MediaPipe's 33 landmarks per frame.

    Frames in which the dancer is not detected are kept, with all joints missing. Confidence is MediaPipe's
    visibility. The result depends only on the video, the model and the options, not on the number of
    processes.

    Parameters
    ----------
    video : a file that `pose_vocab.video.read_frames` reads.
    fps : frames per second to read, and of the result.
    world : return 3D in metres (see `pose_vocab.extraction.world_keypoints`) instead of pixels.
    dancer : which of several people: 1 is the largest, best visible and longest in view.
    pose_model : a PoseLandmarker ``.task`` file to use instead of the one that comes along, or ``heavy`` (see
        `pose_vocab.extraction.bundle.find_pose_model`).
    workers : maximum number of processes; by default one per processor. 1 starts none.
    progress : called in this thread with the number of frames read and the total.

    Raises
    ------
    VideoError : the video cannot be read.
    NobodyDancingError : nobody is found in it, or there is no dancer of that number.
    ModelError : `pose_model` is not a PoseLandmarker bundle.
    """
    selected = extract_dancers(video, fps, pose_model=pose_model, workers=workers, progress=progress).dancer(dancer)
    return selected.in_space if world else selected.in_picture


def extract_all(
    video: str | Path,
    fps: float = FPS,
    *,
    world: bool = False,
    pose_model: str | Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[PoseSequence]:
    """Return all dancers of a video, each as `extract` returns one, in the order of their numbers."""
    extracted = extract_dancers(video, fps, pose_model=pose_model, workers=workers, progress=progress).dancers
    return [dancer.in_space if world else dancer.in_picture for dancer in extracted]


def extract_dancers(
    video: str | Path,
    fps: float = FPS,
    *,
    pose_model: str | Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> ExtractedVideo:
    """Return all dancers of a video, in pixels and in metres, and how far the file was intact.

    A cut, or an absence of more than a second, ends a dancer; a person seen afterwards counts as another
    one.

    Raises
    ------
    VideoError, NobodyDancingError, ModelError : as `extract`.
    """
    if not 0 < fps <= MAX_FPS:
        raise VideoError(f"frames per second must be above 0 and at most {MAX_FPS}, got {fps}")
    info = probe(video)
    chunks = plan_chunks(info.n_frames(fps))
    settings = ExtractionSettings(info.path, fps, find_pose_model(pose_model))
    parts = read_chunks(settings, chunks, workers, _capped(progress, info.n_frames(fps)))
    frames = join_chunks(chunks, [part.frames for part in parts])
    cuts = find_cuts(np.array([detections.thumbnail for detections in frames]))
    tracks = track_people([detections.people for detections in frames], cuts, fps)
    frame_px = info.width, info.height
    selected = select_dancers(tracks, frame_px, len(frames), fps)
    if not selected:
        raise NobodyDancingError(
            f"no dancer in {video}: nobody stays in view for a whole second in {len(frames)} frames; "
            "film one person, from head to foot and well lit"
        )
    if progress:
        progress(len(frames), len(frames))
    broken = [part.broken_at_s for part in parts if part.broken_at_s is not None]
    extracted = tuple(
        Dancer(
            in_picture=_sequence(track, track.people.keypoints, len(frames), fps),
            in_space=_sequence(track, world_keypoints(track.people, frame_px), len(frames), fps),
        )
        for track in selected
    )
    return ExtractedVideo(extracted, min(broken, default=None))


def _sequence(track: Track, keypoints: NDArray[np.float32], n_frames: int, fps: float) -> PoseSequence:
    """Return a track as a `PoseSequence` of the whole video; `keypoints` has one row per frame of the track."""
    all_keypoints = np.full((n_frames, *keypoints.shape[1:]), np.nan, np.float32)
    confidence = np.zeros(all_keypoints.shape[:2], np.float32)
    all_keypoints[track.frames] = keypoints
    confidence[track.frames] = track.people.visibility
    return PoseSequence(all_keypoints, confidence, fps, MEDIAPIPE)


def _capped(progress: Progress | None, n_frames: int) -> Callable[[int], None]:
    """Return a callback that reports to `progress`, never more than the total: a file may be longer than its
    header says.
    """

    def done(frames_done: int) -> None:
        if progress:
            progress(min(frames_done, n_frames), n_frames)

    return done


def damage_notices(extracted: ExtractedVideo) -> tuple[str, ...]:
    """Return what a user should know about a video that was readable only in part."""
    if extracted.broken_at_s is None:
        return ()
    return (f"the video is damaged after {extracted.broken_at_s:.1f} s; its readable part is used",)
