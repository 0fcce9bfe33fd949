"""Everybody in a picture, each followed on their own."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pose_vocab.extraction.landmarker import Follower, Landmarkers
from pose_vocab.extraction.people import People, distances

MOST_PEOPLE = 5
"""So many people are followed at most."""
LOOK_EVERY_S = 2.0
"""How often a picture is searched for people whom nobody follows."""
LOST_S = 1.0
"""Who is lost for longer is followed no more; the next search may find them."""
DOUBLE = 0.15
"""Two found people nearer to each other than this many body sizes are one, found twice."""
HIDDEN_TO = 1.2
"""A hidden person is painted over out to this much of their outline."""
GREY = (128, 128, 128)


class Crowd:
    """Follows everybody in a video, each with a `Follower` of their own; a solo needs no more than one.

    MediaPipe can follow several people by itself, but then it smooths nobody, searches every picture
    and overlooks the smaller of two dancers. Here the picture is searched now and then, with those
    painted over who are followed already.
    """

    def __init__(self, landmarkers: Landmarkers, fps: float) -> None:
        self._landmarkers = landmarkers
        self._fps = fps
        self._followed: list[_Followed] = []
        self._next_look = 0

    def see(self, frame: NDArray[np.uint8], k: int) -> People:
        """The people in picture number `k`, uint8 (height, width, 3) RGB; `k` grows from call to call."""
        if not self._followed:
            self._followed.append(_Followed(self._landmarkers.follower(), k))
            self._next_look = k
        for one in self._followed:
            others = _together([other for other in self._followed if other is not one])
            one.follow(frame, k, self._fps, others)
        self._forget_the_lost(k)
        if k >= self._next_look:
            self._welcome(frame, k)
            self._next_look = k + round(LOOK_EVERY_S * self._fps)
        return _together(self._followed)

    def close(self) -> None:
        for one in self._followed:
            one.follower.close()

    def _forget_the_lost(self, k: int) -> None:
        """Stop following who is lost for long, but for the last: somebody has to be there to find anybody."""
        self._followed.sort(key=lambda one: one.seen_at, reverse=True)
        while len(self._followed) > 1 and k - self._followed[-1].seen_at > LOST_S * self._fps:
            self._followed.pop().follower.close()

    def _welcome(self, frame: NDArray[np.uint8], k: int) -> None:
        """Search the picture for people whom nobody follows, and follow them from here on."""
        while len(self._followed) < MOST_PEOPLE:
            rest = _hide(frame, _together(self._followed))
            if not self._landmarkers.looker.look(rest).looks_real(min(frame.shape[:2])):
                return
            newcomer = _Followed(self._landmarkers.follower(), k)
            self._followed.append(newcomer)
            newcomer.follow(rest, k, self._fps, People.nobody())


@dataclass
class _Followed:
    follower: Follower
    seen_at: int
    person: People = field(default_factory=People.nobody)

    def follow(self, frame: NDArray[np.uint8], k: int, fps: float, others: People) -> None:
        """Follow the person to picture `k`, but take none of the others for them."""
        # Who is lost is searched for; on the trail of somebody the others are left visible, or they
        # would cover the person where they cross.
        picture = frame if len(self.person) else _hide(frame, others)
        found = self.follower.follow(picture, k / fps)
        doubled = len(found) and len(others) and distances(found, others).min() < DOUBLE
        self.person = People.nobody() if doubled else found
        if len(self.person):
            self.seen_at = k


def _together(followed: list[_Followed]) -> People:
    return People.together([one.person for one in followed]) if followed else People.nobody()


def _hide(frame: NDArray[np.uint8], people: People) -> NDArray[np.uint8]:
    """The picture with these people painted over."""
    if not len(people):
        return frame
    import cv2

    hidden = frame.copy()
    for keypoints in people.keypoints:
        middle = (keypoints.min(axis=0) + keypoints.max(axis=0)) / 2
        around = np.rint((keypoints - middle) * HIDDEN_TO + middle).astype(np.int32)
        cv2.fillConvexPoly(hidden, cv2.convexHull(around), GREY)
    return hidden
