"""Who of those that were followed is a dancer, and who is the first of them."""

from __future__ import annotations

from collections.abc import Sequence

from pose_vocab.extraction.tracking import Track

MIN_SEEN_S = 1.0
"""Who is seen for less is not dancing, ..."""
MIN_VIDEO_SHARE = 0.5
"""... unless that is this much of a short video."""
MIN_DETECTION_RATE = 0.5
"""Somebody real is found in so many of the pictures between the first and the last."""


def select_dancers(tracks: Sequence[Track], picture_px: tuple[int, int], n_frames: int, fps: float) -> list[Track]:
    """The tracks of people who may dance, the first dancer first.

    The first is the largest, best seen and longest on screen: the one with the greatest sum of size
    times visibility over the pictures. What is found for a moment, hardly seen or tiny is left out.

    Parameters
    ----------
    picture_px : width and height of the picture.
    n_frames : pictures in the video.
    fps : pictures a second.
    """
    shortest = min(MIN_SEEN_S * fps, MIN_VIDEO_SHARE * n_frames)
    real = [
        track
        for track in tracks
        if len(track.frames) >= max(shortest, MIN_DETECTION_RATE * (track.frames[-1] - track.frames[0] + 1))
        and track.people.is_plausible(min(picture_px))
    ]
    return sorted(real, key=_presence, reverse=True)


def _presence(track: Track) -> float:
    return float((track.people.sizes * track.people.visibility.mean(axis=1)).sum())
