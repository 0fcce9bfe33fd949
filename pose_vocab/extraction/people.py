"""Who is seen in one picture: the landmarks of every person in it, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

LANDMARKS = 33
"""How many landmarks MediaPipe's pose model gives; `pose_vocab.skeletons.MEDIAPIPE` names them."""
SURELY_UNSEEN = 0.05
"""Added to every visibility when it weighs a landmark, so that a person without visible ones still has a place."""


@dataclass(frozen=True, eq=False)
class People:
    """The people in one picture, or one person in several pictures.

    Parameters
    ----------
    keypoints : float32 (people, 33, 2), pixels of the picture, y down.
    visibility : float32 (people, 33), 0..1.
    world : float32 (people, 33, 3), metres from the middle of the hips: x to the right of the
        picture, y up, z towards the viewer.
    """

    keypoints: NDArray[np.float32]
    visibility: NDArray[np.float32]
    world: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.keypoints)

    def __getitem__(self, which: slice | NDArray[np.intp] | NDArray[np.bool_] | list[int]) -> People:
        return People(self.keypoints[which], self.visibility[which], self.world[which])

    @classmethod
    def nobody(cls) -> People:
        return cls(*(np.empty((0, LANDMARKS, *rest), np.float32) for rest in ((2,), (), (3,))))

    @classmethod
    def together(cls, groups: Sequence[People]) -> People:
        """All of several groups, one after the other."""
        return cls(
            *(np.concatenate([getattr(g, name) for g in groups]) for name in ("keypoints", "visibility", "world"))
        )

    @property
    def sizes(self) -> NDArray[np.float32]:
        """(people,): the diagonal of each one's bounding box in pixels."""
        corner_to_corner = self.keypoints.max(axis=1) - self.keypoints.min(axis=1)
        return np.asarray(np.hypot(corner_to_corner[:, 0], corner_to_corner[:, 1]))

    def blended(self, other: People, weight: float) -> People:
        """The same people on the way from here (weight 0) to there (1)."""
        return People(
            (1 - weight) * self.keypoints + weight * other.keypoints,
            (1 - weight) * self.visibility + weight * other.visibility,
            (1 - weight) * self.world + weight * other.world,
        )


def distances(ours: People, theirs: People) -> NDArray[np.float64]:
    """How far each of ours is from each of theirs, (ours, theirs), in body sizes.

    The mean distance of their landmarks, weighted by the lesser visibility, over their mean size.
    """
    apart = np.linalg.norm(ours.keypoints[:, None] - theirs.keypoints[None], axis=-1)
    weights = np.minimum(ours.visibility[:, None], theirs.visibility[None]) + SURELY_UNSEEN
    sizes = (ours.sizes[:, None] + theirs.sizes[None]) / 2
    return np.asarray((apart * weights).sum(axis=-1) / weights.sum(axis=-1) / np.maximum(sizes, 1), np.float64)


def pair(costs: NDArray[np.float64], gates: NDArray[np.float64] | float) -> list[tuple[int, int]]:
    """The cheapest one-to-one matching of rows and columns, leaving out pairs dearer than their gate."""
    allowed = costs <= gates
    # More than all allowed pairs together: as many of those as possible are made before any is left out.
    forbidden = costs[allowed].sum() + 1
    rows, columns = linear_sum_assignment(np.where(allowed, costs, forbidden))
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if allowed[row, column]]


def without_doubles(people: People, nearer_than: float) -> People:
    """Leave one of any two that are nearer to each other than this many body sizes: the one better seen."""
    if len(people) < 2:
        return people
    near = distances(people, people) < nearer_than
    kept: list[int] = []
    for candidate in np.argsort(-people.visibility.mean(axis=1), kind="stable"):
        if not near[candidate, kept].any():
            kept.append(int(candidate))
    return people[sorted(kept)]
