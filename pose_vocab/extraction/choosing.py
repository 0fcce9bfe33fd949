"""Who of those that were followed is a dancer, and who is the first of them."""

from __future__ import annotations

from collections.abc import Sequence

from pose_vocab.extraction.tracking import Track

SHORTEST_S = 1.0
"""Who is seen for less is not dancing, ..."""
SHORTEST_SHARE = 0.5
"""... unless that is this much of a short video."""
SEEN_SHARE = 0.5
"""Somebody real is found in more than this share of the pictures between the first and the last."""
LEAST_VISIBILITY = 0.65
"""The mean visibility of somebody real; what is taken for a person by mistake reaches 0.64."""
LEAST_SIZE = 0.15
"""The size of a dancer, as a share of the picture's shorter side."""


def dancers(tracks: Sequence[Track], picture_px: tuple[int, int], n_frames: int, fps: float) -> list[Track]:
    """The tracks of people who may dance, the first dancer first.

    The first is the largest, best seen and longest on screen: the one with the greatest sum of size
    times visibility over the pictures. What is found for a moment, hardly seen or tiny is left out.

    Parameters
    ----------
    picture_px : width and height of the picture.
    n_frames : pictures in the video.
    fps : pictures a second.
    """
    shortest = min(SHORTEST_S * fps, SHORTEST_SHARE * n_frames)
    real = [track for track in tracks if len(track.frames) >= shortest and _is_real(track, min(picture_px))]
    return sorted(real, key=_presence, reverse=True)


def _is_real(track: Track, picture_px: int) -> bool:
    span = track.frames[-1] - track.frames[0] + 1
    return bool(
        len(track.frames) > SEEN_SHARE * span
        and track.people.visibility.mean() >= LEAST_VISIBILITY
        and track.people.sizes.mean() >= LEAST_SIZE * picture_px
    )


def _presence(track: Track) -> float:
    return float((track.people.sizes * track.people.visibility.mean(axis=1)).sum())
