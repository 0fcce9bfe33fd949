"""Everybody in a picture, each followed on their own."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pose_vocab.extraction.detected_people import People, pairwise_distances
from pose_vocab.extraction.landmarker import Landmarkers, VideoLandmarker

MAX_PEOPLE = 5
"""So many people are followed at most."""
SEARCH_INTERVAL_S = 2.0
"""How often a picture is searched for people whom nobody follows."""
MAX_LOST_S = 1.0
"""Who is lost for longer is followed no more; the next search may find them."""
DUPLICATE_DISTANCE = 0.15
"""Two found people nearer to each other than this many body sizes are one, found twice."""
MASK_SCALE = 1.2
"""A hidden person is painted over out to this much of their outline."""
GREY = (128, 128, 128)


class MultiPersonTracker:
    """Follows everybody in a video, each with a `VideoLandmarker` of their own; a solo needs no more than one.

    MediaPipe can follow several people by itself, but then it smooths nobody, searches every picture
    and overlooks the smaller of two dancers. Here the picture is searched now and then, with those
    painted over who are followed already.
    """

    def __init__(self, landmarkers: Landmarkers, fps: float) -> None:
        self._process_landmarkers = landmarkers
        self._fps = fps
        self._trackers: list[_PersonTracker] = []
        self._next_search = 0

    def see(self, frame: NDArray[np.uint8], k: int) -> People:
        """The people in picture number `k`, uint8 (height, width, 3) RGB; `k` grows from call to call."""
        if not self._trackers:
            self._trackers.append(_PersonTracker(self._process_landmarkers.video_landmarker(), k))
            self._next_search = k
        for one in self._trackers:
            others = _all_people([other for other in self._trackers if other is not one])
            one.detect(frame, k, self._fps, others)
        self._drop_lost(k)
        if k >= self._next_search:
            self._find_newcomers(frame, k)
            self._next_search = k + round(SEARCH_INTERVAL_S * self._fps)
        return _all_people(self._trackers)

    def close(self) -> None:
        for one in self._trackers:
            one.video_landmarker.close()

    def _drop_lost(self, k: int) -> None:
        """Stop following who is lost for long, but for the last: somebody has to be there to find anybody."""
        self._trackers.sort(key=lambda one: one.seen_at, reverse=True)
        while len(self._trackers) > 1 and k - self._trackers[-1].seen_at > MAX_LOST_S * self._fps:
            self._trackers.pop().video_landmarker.close()

    def _find_newcomers(self, frame: NDArray[np.uint8], k: int) -> None:
        """Search the picture for people whom nobody follows, and follow them from here on."""
        while len(self._trackers) < MAX_PEOPLE:
            rest = _paint_over(frame, _all_people(self._trackers))
            if not self._process_landmarkers.image_landmarker.detect(rest).is_plausible(min(frame.shape[:2])):
                return
            newcomer = _PersonTracker(self._process_landmarkers.video_landmarker(), k)
            self._trackers.append(newcomer)
            newcomer.detect(rest, k, self._fps, People.empty())


@dataclass
class _PersonTracker:
    video_landmarker: VideoLandmarker
    seen_at: int
    person: People = field(default_factory=People.empty)

    def detect(self, frame: NDArray[np.uint8], k: int, fps: float, others: People) -> None:
        """Follow the person to picture `k`, but take none of the others for them."""
        # Who is lost is searched for; on the trail of somebody the others are left visible, or they
        # would cover the person where they cross.
        picture = frame if len(self.person) else _paint_over(frame, others)
        found = self.video_landmarker.detect(picture, k / fps)
        doubled = len(found) and len(others) and pairwise_distances(found, others).min() < DUPLICATE_DISTANCE
        self.person = People.empty() if doubled else found
        if len(self.person):
            self.seen_at = k


def _all_people(followed: list[_PersonTracker]) -> People:
    return People.concatenate([one.person for one in followed]) if followed else People.empty()


def _paint_over(frame: NDArray[np.uint8], people: People) -> NDArray[np.uint8]:
    """The picture with these people painted over."""
    if not len(people):
        return frame
    import cv2

    hidden = frame.copy()
    for keypoints in people.keypoints:
        middle = (keypoints.min(axis=0) + keypoints.max(axis=0)) / 2
        around = np.rint((keypoints - middle) * MASK_SCALE + middle).astype(np.int32)
        cv2.fillConvexPoly(hidden, cv2.convexHull(around), GREY)
    return hidden
