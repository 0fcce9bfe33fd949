"""Selection of the tracks that are dancers, and their order."""

from __future__ import annotations

from collections.abc import Sequence

from pose_vocab.extraction.tracking import Track

MIN_SEEN_S = 1.0
"""A track shorter than this is not a dancer, ..."""
MIN_VIDEO_SHARE = 0.5
"""... unless it covers this share of a short video."""
MIN_DETECTION_RATE = 0.5
"""A real person is detected in at least this share of the frames between the first and the last."""


def select_dancers(tracks: Sequence[Track], frame_px: tuple[int, int], n_frames: int, fps: float) -> list[Track]:
    """Return the tracks of people who may be dancers, the main dancer first.

    The order is by presence: the sum over the frames of size times visibility, so the largest, best visible
    person who stays longest in view comes first. Short, barely visible and tiny tracks are left out.

    Parameters
    ----------
    tracks : all tracks of the video.
    frame_px : width and height of a frame in pixels.
    n_frames : number of frames in the video.
    fps : frames per second.
    """
    min_frames = min(MIN_SEEN_S * fps, MIN_VIDEO_SHARE * n_frames)
    candidates = [
        track
        for track in tracks
        if len(track.frames) >= max(min_frames, MIN_DETECTION_RATE * (track.frames[-1] - track.frames[0] + 1))
        and track.people.is_plausible(min(frame_px))
    ]
    return sorted(candidates, key=_presence, reverse=True)


def _presence(track: Track) -> float:
    """Return the sum over the frames of size times mean visibility."""
    return float((track.people.sizes * track.people.visibility.mean(axis=1)).sum())
