"""Splitting of a video into chunks for parallel reading. The chunks depend on the video alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pose_vocab.extraction.detected_people import People, match_pairs, pairwise_distances

MIN_SPLIT_FRAMES = 200
"""A video with fewer frames is not split: starting a second process would cost more than it saves."""
MAX_CHUNK_FRAMES = 400
"""No chunk is longer, except the last one of a video that is longer than its header says."""
FADE_FRAMES = 5
"""Two neighbouring chunks are cross-faded over this many frames."""
WARM_UP_FRAMES = 5
"""A chunk starts this many frames before the cross-fade, because landmarks depend on earlier frames."""
OVERLAP_FRAMES = WARM_UP_FRAMES + FADE_FRAMES
"""Frames that two neighbouring chunks have in common."""
SAME_PERSON_DISTANCE = 0.3
"""Two detections of one frame closer than this many body sizes are the same person."""


@dataclass(frozen=True)
class Chunk:
    """A range of frames of a video.

    Parameters
    ----------
    read_from : first frame to read, for warm-up and cross-fade.
    start, stop : first frame of the chunk, and the one after its last; `stop` None: until the end.
    """

    read_from: int
    start: int
    stop: int | None


@dataclass(frozen=True, eq=False)
class FrameDetections:
    """The result for one frame: the people in it, and a thumbnail, uint8 (32, 32)."""

    people: People
    thumbnail: NDArray[np.uint8]


def plan_chunks(n_frames: int) -> list[Chunk]:
    """Split a video of about `n_frames` frames into an even number of overlapping chunks of similar length.

    The number of chunks must not depend on the machine, because the result depends on it.
    """
    n = 1 if n_frames < MIN_SPLIT_FRAMES else 2 * math.ceil(n_frames / (2 * MAX_CHUNK_FRAMES))
    starts = [round(i * n_frames / n) for i in range(n)]
    return [
        Chunk(max(0, start - OVERLAP_FRAMES), start, stop)
        for start, stop in zip(starts, [*starts[1:], None], strict=True)
    ]


def join_chunks(chunks: Sequence[Chunk], parts: Sequence[Sequence[FrameDetections]]) -> list[FrameDetections]:
    """Join the detections of all chunks; where two chunks overlap, cross-fade from the earlier to the later."""
    joined: list[FrameDetections] = []
    for chunk, frames in zip(chunks, parts, strict=True):
        earlier = joined[chunk.read_from :]
        del joined[chunk.read_from :]
        for i, detections in enumerate(frames):
            if i < len(earlier):
                weight = min(max((i + 1 - WARM_UP_FRAMES) / (FADE_FRAMES + 1), 0.0), 1.0)
                detections = replace(detections, people=_cross_fade(earlier[i].people, detections.people, weight))
            joined.append(detections)
    return joined


def _cross_fade(earlier: People, later: People, weight: float) -> People:
    """Return the people of one frame, blended between an earlier (weight 0) and a later chunk (weight 1)."""
    same = match_pairs(pairwise_distances(earlier, later), SAME_PERSON_DISTANCE)
    both = earlier[[i for i, _ in same]].blend(later[[j for _, j in same]], weight)
    # A person found in only one of the two chunks is kept while that chunk has the larger weight.
    dominant, matched = (earlier, {i for i, _ in same}) if weight < 0.5 else (later, {j for _, j in same})
    return People.concatenate([both, dominant[[i for i in range(len(dominant)) if i not in matched]]])
