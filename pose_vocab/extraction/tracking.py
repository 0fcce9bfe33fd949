"""Tracking: people detected in single frames become tracks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pose_vocab.extraction.detected_people import People, match_pairs, pairwise_distances
from pose_vocab.skeletons import MEDIAPIPE

MAX_ABSENCE_S = 1.0
"""A person absent for longer is a new person when they return."""
MAX_DISTANCE = 0.3
"""From one frame to the next nobody moves by more than this many body sizes, ..."""
MAX_DISTANCE_PER_S = 0.3
"""... plus this many per second of absence, relative to the position predicted from steady motion."""
VELOCITY_MEMORY_S = 0.25
"""Time constant over which the velocity of a person is averaged."""
TORSO = [MEDIAPIPE.index(f"{side}_{joint}") for side in ("left", "right") for joint in ("shoulder", "hip")]


@dataclass(frozen=True, eq=False)
class Track:
    """One person over time.

    Parameters
    ----------
    frames : int (frames,), ascending: where the person is seen.
    people : the person in those frames, one row per frame.
    """

    frames: NDArray[np.intp]
    people: People


def track_people(frames: Sequence[People], cuts: NDArray[np.bool_], fps: float) -> list[Track]:
    """Track all people through the frames; no track crosses a cut.

    People are matched with the positions predicted from steady motion, so people who cross each other, and
    people hidden for up to a second, keep their identity.

    Parameters
    ----------
    frames : the people in each frame, without duplicates.
    cuts : (frames,), whether a frame is the first after a cut.
    fps : frames per second.
    """
    ended: list[_ActiveTrack] = []
    active: list[_ActiveTrack] = []
    for now, people in enumerate(frames):
        expired = [track for track in active if cuts[now] or (now - track.last) / fps > MAX_ABSENCE_S]
        ended += expired
        active = [track for track in active if track not in expired]
        matched = _match(active, people, now, fps)
        for i, j in matched:
            active[i].add(now, people[[j]], fps)
        unmatched = set(range(len(people))) - {j for _, j in matched}
        active += [_ActiveTrack(now, people[[j]]) for j in sorted(unmatched)]
    return [track.to_track() for track in sorted(ended + active, key=lambda track: track.first)]


def _match(active: Sequence[_ActiveTrack], people: People, now: int, fps: float) -> list[tuple[int, int]]:
    """Return the matching (track, person) pairs of one frame."""
    if not active or not len(people):
        return []
    predicted = People.concatenate([track.predicted(now, fps) for track in active])
    absences_s = np.array([(now - track.last) / fps for track in active])
    return match_pairs(pairwise_distances(predicted, people), MAX_DISTANCE + MAX_DISTANCE_PER_S * absences_s[:, None])


class _ActiveTrack:
    """A track that may still continue."""

    def __init__(self, frame: int, person: People) -> None:
        self._frames = [frame]
        self._people = [person]
        self._velocity = np.zeros(2, np.float32)  # pixels per second

    @property
    def first(self) -> int:
        return self._frames[0]

    @property
    def last(self) -> int:
        return self._frames[-1]

    def predicted(self, now: int, fps: float) -> People:
        """Return the person as last seen, moved on at their velocity until frame `now`."""
        person = self._people[-1]
        keypoints = person.keypoints + self._velocity * np.float32((now - self.last) / fps)
        return People(keypoints, person.visibility, person.world)

    def add(self, now: int, person: People, fps: float) -> None:
        """Append the person of frame `now` and update the velocity."""
        elapsed_s = (now - self.last) / fps
        moved = person.keypoints[0, TORSO].mean(axis=0) - self._people[-1].keypoints[0, TORSO].mean(axis=0)
        update_weight = 1 - math.exp(-elapsed_s / VELOCITY_MEMORY_S)
        self._velocity += np.float32(update_weight) * (moved / np.float32(elapsed_s) - self._velocity)
        self._frames.append(now)
        self._people.append(person)

    def to_track(self) -> Track:
        """Return the finished track."""
        return Track(np.array(self._frames), People.concatenate(self._people))
