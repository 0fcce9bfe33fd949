"""The dancers of a video as pose sequences: read in pieces, followed from picture to picture, chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import NobodyDancingError, VideoError
from pose_vocab.extraction.bundle import pose_bundle
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
"""MediaPipe tells pictures apart by whole milliseconds."""

Progress = Callable[[int, int], None]
"""Is told how many pictures are read, and how many there are."""


@dataclass(frozen=True, eq=False)
class Dancer:
    """One person tracked through a video, in pixels and in metres (see `world_keypoints`)."""

    in_picture: PoseSequence
    in_space: PoseSequence


@dataclass(frozen=True, eq=False)
class ExtractedVideo:
    """What was seen in a video.

    Parameters
    ----------
    dancers : the largest, best seen and longest on screen first; all have the same number of frames.
    broken_at_s : the time up to which the file was sound; None if all of it was.
    """

    dancers: tuple[Dancer, ...]
    broken_at_s: float | None

    def dancer(self, number: int) -> Dancer:
        """The dancer of that number, 1 for the first; raises NobodyDancingError if there are fewer."""
        n = len(self.dancers)
        if not 1 <= number <= n:
            there = f"{n} people do; choose a dancer from 1 to {n}" if n > 1 else "one person does; choose dancer 1"
            raise NobodyDancingError(f"no dancer {number} dances in the video: {there}")
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
    """The dance of one dancer in a video: MediaPipe's 33 landmarks in every picture.

    Pictures in which the dancer is not found are there too, with all joints missing. Confidence is
    MediaPipe's visibility. The result depends on the video, the model and the options alone, not on
    the number of processes.

    Parameters
    ----------
    video : a file that `pose_vocab.video.read_frames` reads.
    fps : pictures a second to look at, and frames a second of the result.
    world : return 3D in metres (see `pose_vocab.extraction.world_keypoints`) instead of pixels.
    dancer : which of several people: 1 is the largest, best seen and longest on screen.
    pose_model : a PoseLandmarker ``.task`` file to use instead of the one in the mediapipe package.
    workers : how many processes may work; all processors by default. 1 starts none.
    progress : is called, in this thread, with the pictures read so far and all of them.

    Raises
    ------
    VideoError : the video cannot be read.
    NobodyDancingError : there is nobody in it, or no dancer of that number.
    ModelError : `pose_model` is not a PoseLandmarker bundle.
    """
    chosen = extract_dancers(video, fps, pose_model=pose_model, workers=workers, progress=progress).dancer(dancer)
    return chosen.in_space if world else chosen.in_picture


def extract_all(
    video: str | Path,
    fps: float = FPS,
    *,
    world: bool = False,
    pose_model: str | Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[PoseSequence]:
    """The dances of all dancers in a video, as `extract` gives one: the largest, best seen and longest first."""
    everybody = extract_dancers(video, fps, pose_model=pose_model, workers=workers, progress=progress).dancers
    return [dancer.in_space if world else dancer.in_picture for dancer in everybody]


def extract_dancers(
    video: str | Path,
    fps: float = FPS,
    *,
    pose_model: str | Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> ExtractedVideo:
    """Everybody who dances in a video, in pixels and in metres, and how far the file was sound.

    A cut of the camera, or an absence of more than a second, ends a dancer; who is there afterwards
    is another one.

    Raises
    ------
    VideoError, NobodyDancingError, ModelError : as `extract` does.
    """
    if not 0 < fps <= MAX_FPS:
        raise VideoError(f"pictures a second must be above 0 and at most {MAX_FPS}, got {fps}")
    info = probe(video)
    chunks = plan_chunks(info.n_frames(fps))
    with pose_bundle(pose_model) as model:
        source = ExtractionSettings(info.path, fps, model)
        parts = read_chunks(source, chunks, workers, _capped(progress, info.n_frames(fps)))
    pictures = join_chunks(chunks, [part.pictures for part in parts])
    cuts = find_cuts(np.array([seen.thumbnail for seen in pictures]))
    tracks = track_people([seen.people for seen in pictures], cuts, fps)
    picture_px = info.width, info.height
    chosen = select_dancers(tracks, picture_px, len(pictures), fps)
    if not chosen:
        raise NobodyDancingError(
            f"nobody dances in {video}: {len(pictures)} pictures hold nobody who is there for a second; "
            "one person, whole in the picture and well lit, works best"
        )
    if progress:
        progress(len(pictures), len(pictures))
    broken = [part.broken_at_s for part in parts if part.broken_at_s is not None]
    everybody = tuple(
        Dancer(
            in_picture=_sequence(track, track.people.keypoints, len(pictures), fps),
            in_space=_sequence(track, world_keypoints(track.people, picture_px), len(pictures), fps),
        )
        for track in chosen
    )
    return ExtractedVideo(everybody, min(broken, default=None))


def _sequence(track: Track, person: NDArray[np.float32], n_frames: int, fps: float) -> PoseSequence:
    keypoints = np.full((n_frames, *person.shape[1:]), np.nan, np.float32)
    confidence = np.zeros(keypoints.shape[:2], np.float32)
    keypoints[track.frames] = person
    confidence[track.frames] = track.people.visibility
    return PoseSequence(keypoints, confidence, fps, MEDIAPIPE)


def _capped(progress: Progress | None, n_frames: int) -> Callable[[int], None]:
    """Tell `progress` of pictures read, but never of more than there should be: a file may last longer than it says."""

    def done(frames_done: int) -> None:
        if progress:
            progress(min(frames_done, n_frames), n_frames)

    return done


def damage_notices(watched: ExtractedVideo) -> tuple[str, ...]:
    """What a user should know about a video that could be used, but not as it should be."""
    if watched.broken_at_s is None:
        return ()
    return (f"the video is damaged: sound up to {watched.broken_at_s:.1f} s, and used as far as it goes",)
