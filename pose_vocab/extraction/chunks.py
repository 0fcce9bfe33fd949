"""A video in pieces that several processes may work on; the pieces depend on the video alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pose_vocab.extraction.detected_people import People, match_pairs, pairwise_distances

MIN_SPLIT_FRAMES = 200
"""A video of fewer pictures is not split: a second process would save less than it costs to start."""
MAX_CHUNK_FRAMES = 400
"""No piece is longer, but for the last of a video that is longer than it says."""
FADE_FRAMES = 5
"""Over so many pictures one piece fades into the next."""
WARM_UP_FRAMES = 5
"""So many pictures a piece reads before that: landmarks depend on what was followed before."""
OVERLAP_FRAMES = WARM_UP_FRAMES + FADE_FRAMES
SAME_PERSON_DISTANCE = 0.3
"""In two readings of one picture, people nearer than this many body sizes are the same person."""


@dataclass(frozen=True)
class Chunk:
    """The pictures `start` to `stop` (not included; None: to the end) of a video, read from `read_from` on."""

    read_from: int
    start: int
    stop: int | None


@dataclass(frozen=True, eq=False)
class FrameDetections:
    """What is kept of one picture: who is in it, and a thumbnail, uint8 (32, 32)."""

    people: People
    thumbnail: NDArray[np.uint8]


def plan_chunks(n_frames: int) -> list[Chunk]:
    """Split a video of about `n_frames` pictures: an even number of pieces of like length, overlapping.

    The number of pieces does not depend on the machine, or its result would.
    """
    n = 1 if n_frames < MIN_SPLIT_FRAMES else 2 * math.ceil(n_frames / (2 * MAX_CHUNK_FRAMES))
    starts = [round(i * n_frames / n) for i in range(n)]
    return [
        Chunk(max(0, start - OVERLAP_FRAMES), start, stop)
        for start, stop in zip(starts, [*starts[1:], None], strict=True)
    ]


def join_chunks(chunks: Sequence[Chunk], parts: Sequence[Sequence[FrameDetections]]) -> list[FrameDetections]:
    """One reading of the video from those of its pieces; where two overlap, the earlier fades into the later."""
    whole: list[FrameDetections] = []
    for chunk, part in zip(chunks, parts, strict=True):
        earlier = whole[chunk.read_from :]
        del whole[chunk.read_from :]
        for i, seen in enumerate(part):
            if i < len(earlier):
                weight = min(max((i + 1 - WARM_UP_FRAMES) / (FADE_FRAMES + 1), 0.0), 1.0)
                seen = replace(seen, people=_cross_fade(earlier[i].people, seen.people, weight))
            whole.append(seen)
    return whole


def _cross_fade(earlier: People, later: People, weight: float) -> People:
    same = match_pairs(pairwise_distances(earlier, later), SAME_PERSON_DISTANCE)
    both = earlier[[i for i, _ in same]].blend(later[[j for _, j in same]], weight)
    # Whom only one of the two found is there as long as that one counts for more.
    ruling, found = (earlier, {i for i, _ in same}) if weight < 0.5 else (later, {j for _, j in same})
    return People.concatenate([both, ruling[[i for i in range(len(ruling)) if i not in found]]])
