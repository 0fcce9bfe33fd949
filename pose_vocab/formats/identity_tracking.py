"""Tracking of people through the frames of files without person ids."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pose_vocab.extraction.detected_people import match_pairs
from pose_vocab.extraction.tracking import MAX_ABSENCE_S, MAX_DISTANCE, MAX_DISTANCE_PER_S, VELOCITY_MEMORY_S
from pose_vocab.formats.units import body_sizes


def track_identities(keypoints: NDArray[np.float32], frames: NDArray[np.intp], fps: float) -> NDArray[np.intp]:
    """Return the person of each row, (rows,), numbered in the order of their first frames.

    As in a video, people are matched with the positions predicted from steady motion, so people who cross
    each other, and people hidden for up to a second, keep their identity. The distance is the mean distance
    of the joints seen in both, in body sizes.

    Parameters
    ----------
    keypoints : (rows, joints, 2|3), all people in all frames; missing joints are NaN.
    frames : (rows,), ascending: the frame of each row.
    fps : frames per second.
    """
    who = np.empty(len(frames), np.intp)
    active: list[_ActiveTrack] = []
    n_people = 0
    starts = np.unique(frames, return_index=True)[1]
    for start, stop in zip(starts, [*starts[1:], len(frames)], strict=True):
        now = int(frames[start])
        seen = keypoints[start:stop]
        active = [one for one in active if (now - one.last) / fps <= MAX_ABSENCE_S]
        matched = _match(active, seen, now, fps)
        for i, j in matched:
            active[i].add(now, seen[j], fps)
            who[start + j] = active[i].number
        for j in sorted(set(range(len(seen))) - {j for _, j in matched}):
            active.append(_ActiveTrack(n_people, now, seen[j]))
            who[start + j] = n_people
            n_people += 1
    return who


def _match(active: Sequence[_ActiveTrack], seen: NDArray[np.float32], now: int, fps: float) -> list[tuple[int, int]]:
    """Return the matching (track, row) pairs of one frame."""
    if not active:
        return []
    predicted = np.stack([one.predicted(now, fps) for one in active])
    absences_s = np.array([(now - one.last) / fps for one in active])
    return match_pairs(_pairwise_distances(predicted, seen), MAX_DISTANCE + MAX_DISTANCE_PER_S * absences_s[:, None])


def _pairwise_distances(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the distances (first, second) in body sizes; infinite if no joint is seen in both."""
    apart = np.linalg.norm(first[:, None] - second[None], axis=-1)
    common = ~np.isnan(apart)
    counts = common.sum(axis=-1)
    mean = np.where(common, apart, 0).sum(axis=-1) / np.maximum(counts, 1)
    sizes = np.maximum(body_sizes(first)[:, None], body_sizes(second)[None])
    return np.where(counts > 0, mean / np.maximum(sizes, 1e-6), np.inf)


class _ActiveTrack:
    """A track that may still continue; hidden joints are assumed to move with the others."""

    def __init__(self, number: int, frame: int, body: NDArray[np.float32]) -> None:
        self.number = number
        self.last = frame
        self._body = body.copy()
        self._velocity = np.zeros(body.shape[1], np.float32)  # units per second

    def predicted(self, now: int, fps: float) -> NDArray[np.float32]:
        """Return the body as last seen, moved on at its velocity until frame `now`."""
        return self._body + self._velocity * np.float32((now - self.last) / fps)

    def add(self, now: int, body: NDArray[np.float32], fps: float) -> None:
        """Append the body of frame `now` and update the velocity."""
        elapsed_s = (now - self.last) / fps
        moved = np.nanmean(body - self._body, axis=0)
        update_weight = 1 - math.exp(-elapsed_s / VELOCITY_MEMORY_S)
        self._velocity += np.float32(update_weight) * (moved / np.float32(elapsed_s) - self._velocity)
        self._body = np.where(np.isnan(body), self._body + moved, body)
        self.last = now
