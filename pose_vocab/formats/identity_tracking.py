"""The same person from frame to frame, for files that only say who is where in each frame."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pose_vocab.extraction.detected_people import match_pairs
from pose_vocab.extraction.tracking import MAX_ABSENCE_S, MAX_DISTANCE, MAX_DISTANCE_PER_S, VELOCITY_MEMORY_S
from pose_vocab.formats.units import body_sizes


def track_identities(keypoints: NDArray[np.float32], frames: NDArray[np.intp], fps: float) -> NDArray[np.intp]:
    """Who is seen: a number a person, (rows,), in the order of their first frames.

    As in a video, people are matched with where they would be had they moved on steadily, so those
    who cross keep their identity, and so does who is hidden for up to a second. How far two are
    apart is the mean distance of the joints that both show, in body sizes.

    Parameters
    ----------
    keypoints : (rows, joints, 2|3), everybody seen in every frame; missing joints are NaN.
    frames : (rows,), ascending: the frame of each row.
    fps : frames a second.
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
    if not active:
        return []
    predicted = np.stack([one.predicted(now, fps) for one in active])
    absences_s = np.array([(now - one.last) / fps for one in active])
    return match_pairs(_pairwise_distances(predicted, seen), MAX_DISTANCE + MAX_DISTANCE_PER_S * absences_s[:, None])


def _pairwise_distances(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> NDArray[np.float64]:
    """(ours, theirs) in body sizes; infinite where no joint is seen of both."""
    apart = np.linalg.norm(ours[:, None] - theirs[None], axis=-1)
    common = ~np.isnan(apart)
    counts = common.sum(axis=-1)
    mean = np.where(common, apart, 0).sum(axis=-1) / np.maximum(counts, 1)
    sizes = np.maximum(body_sizes(ours)[:, None], body_sizes(theirs)[None])
    return np.where(counts > 0, mean / np.maximum(sizes, 1e-6), np.inf)


class _ActiveTrack:
    """Somebody who may still go on; joints that are hidden are thought to move along with the others."""

    def __init__(self, number: int, frame: int, body: NDArray[np.float32]) -> None:
        self.number = number
        self.last = frame
        self._body = body.copy()
        self._velocity = np.zeros(body.shape[1], np.float32)  # a second

    def predicted(self, now: int, fps: float) -> NDArray[np.float32]:
        """The body as last seen, where steady motion has brought it by now."""
        return self._body + self._velocity * np.float32((now - self.last) / fps)

    def add(self, now: int, body: NDArray[np.float32], fps: float) -> None:
        elapsed_s = (now - self.last) / fps
        moved = np.nanmean(body - self._body, axis=0)
        newness = 1 - math.exp(-elapsed_s / VELOCITY_MEMORY_S)
        self._velocity += np.float32(newness) * (moved / np.float32(elapsed_s) - self._velocity)
        self._body = np.where(np.isnan(body), self._body + moved, body)
        self.last = now
