"""The same person from picture to picture: people found in single pictures become tracks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pose_vocab.extraction.detected_people import People, match_pairs, pairwise_distances
from pose_vocab.skeletons import MEDIAPIPE

MAX_ABSENCE_S = 1.0
"""Who is away for longer is somebody new when they come back."""
MAX_DISTANCE = 0.3
"""From one picture to the next nobody moves by more than this many body sizes, ..."""
MAX_DISTANCE_PER_S = 0.3
"""... and by this much more for every second of absence, beside the steady motion from before."""
VELOCITY_MEMORY_S = 0.25
"""The time over which the speed of a person is averaged."""
TORSO = [MEDIAPIPE.index(f"{side}_{joint}") for side in ("left", "right") for joint in ("shoulder", "hip")]


@dataclass(frozen=True, eq=False)
class Track:
    """One person over time.

    Parameters
    ----------
    frames : int (pictures,), ascending: where the person is seen.
    people : the person in those pictures, one row a picture.
    """

    frames: NDArray[np.intp]
    people: People


def track_people(pictures: Sequence[People], cuts: NDArray[np.bool_], fps: float) -> list[Track]:
    """Follow everybody through the pictures; nobody is followed across a cut.

    People are matched with where the tracks would be had they moved on steadily, so those who cross
    keep their identity, and so does who is hidden for up to a second.

    Parameters
    ----------
    pictures : who is in each picture, without doubles.
    cuts : (pictures,), whether a picture is the first after a cut.
    fps : pictures a second.
    """
    ended: list[_ActiveTrack] = []
    active: list[_ActiveTrack] = []
    for now, people in enumerate(pictures):
        gone = [track for track in active if cuts[now] or (now - track.last) / fps > MAX_ABSENCE_S]
        ended += gone
        active = [track for track in active if track not in gone]
        matched = _match(active, people, now, fps)
        for i, j in matched:
            active[i].add(now, people[[j]], fps)
        new = set(range(len(people))) - {j for _, j in matched}
        active += [_ActiveTrack(now, people[[j]]) for j in sorted(new)]
    return [track.to_track() for track in sorted(ended + active, key=lambda track: track.first)]


def _match(active: Sequence[_ActiveTrack], people: People, now: int, fps: float) -> list[tuple[int, int]]:
    if not active or not len(people):
        return []
    predicted = People.concatenate([track.predicted(now, fps) for track in active])
    absences_s = np.array([(now - track.last) / fps for track in active])
    return match_pairs(pairwise_distances(predicted, people), MAX_DISTANCE + MAX_DISTANCE_PER_S * absences_s[:, None])


class _ActiveTrack:
    """A track that may still go on."""

    def __init__(self, frame: int, person: People) -> None:
        self._frames = [frame]
        self._people = [person]
        self._velocity = np.zeros(2, np.float32)  # pixels a second

    @property
    def first(self) -> int:
        return self._frames[0]

    @property
    def last(self) -> int:
        return self._frames[-1]

    def predicted(self, now: int, fps: float) -> People:
        """The person as last seen, where steady motion has brought them by now."""
        person = self._people[-1]
        keypoints = person.keypoints + self._velocity * np.float32((now - self.last) / fps)
        return People(keypoints, person.visibility, person.world)

    def add(self, now: int, person: People, fps: float) -> None:
        elapsed_s = (now - self.last) / fps
        moved = person.keypoints[0, TORSO].mean(axis=0) - self._people[-1].keypoints[0, TORSO].mean(axis=0)
        newness = 1 - math.exp(-elapsed_s / VELOCITY_MEMORY_S)
        self._velocity += np.float32(newness) * (moved / np.float32(elapsed_s) - self._velocity)
        self._frames.append(now)
        self._people.append(person)

    def to_track(self) -> Track:
        return Track(np.array(self._frames), People.concatenate(self._people))
