"""Tracking of several people, one landmarker per person."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pose_vocab.extraction.detected_people import People, pairwise_distances
from pose_vocab.extraction.landmarker import Landmarkers, VideoLandmarker

MAX_PEOPLE = 5
"""At most this many people are tracked at a time."""
SEARCH_INTERVAL_S = 2.0
"""How often a frame is searched for people who are not tracked yet."""
MAX_LOST_S = 1.0
"""A person lost for longer is no longer tracked; the next search may find them again."""
DUPLICATE_DISTANCE = 0.15
"""Two detections closer than this many body sizes are the same person, found twice."""
MASK_SCALE = 1.2
"""The mask that hides a tracked person is their outline, enlarged by this factor."""
GREY = (128, 128, 128)
"""Colour of the mask, RGB."""


class MultiPersonTracker:
    """Tracks all people in a video, with one `VideoLandmarker` per person.

    MediaPipe can track several people itself, but then it does not smooth the landmarks, it runs the
    detector on every frame, and it misses the smaller of two dancers. Here frames are searched at
    intervals, with the people already tracked masked out. A solo dance needs a single landmarker.
    """

    def __init__(self, landmarkers: Landmarkers, fps: float) -> None:
        self._landmarkers = landmarkers
        self._fps = fps
        self._trackers: list[_PersonTracker] = []
        self._next_search = 0

    def track(self, frame: NDArray[np.uint8], k: int) -> People:
        """Return the people in frame `k`, uint8 (height, width, 3) RGB; `k` must increase from call to call."""
        if not self._trackers:
            self._trackers.append(_PersonTracker(self._landmarkers.video_landmarker(), k))
            self._next_search = k
        for tracker in self._trackers:
            others = _all_people([other for other in self._trackers if other is not tracker])
            tracker.detect(frame, k, self._fps, others)
        self._drop_lost(k)
        if k >= self._next_search:
            self._find_newcomers(frame, k)
            self._next_search = k + round(SEARCH_INTERVAL_S * self._fps)
        return _all_people(self._trackers)

    def close(self) -> None:
        """Close all landmarkers that this tracker opened."""
        for tracker in self._trackers:
            tracker.video_landmarker.close()

    def _drop_lost(self, k: int) -> None:
        """Stop tracking people lost for too long, but keep one tracker: without any, nobody would be found
        again.
        """
        self._trackers.sort(key=lambda tracker: tracker.seen_at, reverse=True)
        while len(self._trackers) > 1 and k - self._trackers[-1].seen_at > MAX_LOST_S * self._fps:
            self._trackers.pop().video_landmarker.close()

    def _find_newcomers(self, frame: NDArray[np.uint8], k: int) -> None:
        """Search the frame for people who are not tracked, and track them from here on."""
        while len(self._trackers) < MAX_PEOPLE:
            masked = _paint_over(frame, _all_people(self._trackers))
            if not self._landmarkers.image_landmarker.detect(masked).is_plausible(min(frame.shape[:2])):
                return
            newcomer = _PersonTracker(self._landmarkers.video_landmarker(), k)
            self._trackers.append(newcomer)
            newcomer.detect(masked, k, self._fps, People.empty())


@dataclass
class _PersonTracker:
    """One tracked person: their landmarker, and when and where they were last seen."""

    video_landmarker: VideoLandmarker
    seen_at: int
    person: People = field(default_factory=People.empty)

    def detect(self, frame: NDArray[np.uint8], k: int, fps: float, others: People) -> None:
        """Update the person from frame `k`; a detection that duplicates one of `others` is discarded."""
        # Only the search for a lost person needs the others masked. While the person is tracked, a mask
        # would cover them wherever two people cross.
        picture = frame if len(self.person) else _paint_over(frame, others)
        found = self.video_landmarker.detect(picture, k / fps)
        doubled = len(found) and len(others) and pairwise_distances(found, others).min() < DUPLICATE_DISTANCE
        self.person = People.empty() if doubled else found
        if len(self.person):
            self.seen_at = k


def _all_people(trackers: list[_PersonTracker]) -> People:
    """Return the people of all trackers as one `People`."""
    return People.concatenate([tracker.person for tracker in trackers]) if trackers else People.empty()


def _paint_over(frame: NDArray[np.uint8], people: People) -> NDArray[np.uint8]:
    """Return the frame with these people masked out."""
    if not len(people):
        return frame
    import cv2

    hidden = frame.copy()
    for keypoints in people.keypoints:
        middle = (keypoints.min(axis=0) + keypoints.max(axis=0)) / 2
        around = np.rint((keypoints - middle) * MASK_SCALE + middle).astype(np.int32)
        cv2.fillConvexPoly(hidden, cv2.convexHull(around), GREY)
    return hidden
