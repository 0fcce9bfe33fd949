"""Who is seen in one picture: the landmarks of every person in it, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LANDMARKS = 33
"""How many landmarks MediaPipe's pose model gives; `pose_vocab.skeletons.MEDIAPIPE` names them."""
MIN_WEIGHT = 0.05
"""Added to every visibility that weighs a landmark, so that a person without visible ones still has a place."""
MIN_VISIBILITY = 0.65
"""The mean visibility of a person's landmarks; below are things that MediaPipe takes for people."""
MIN_SIZE = 0.2
"""The size of a person as a share of the picture's shorter side; below are things and passers-by."""


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
    def empty(cls) -> People:
        return cls(*(np.empty((0, LANDMARKS, *rest), np.float32) for rest in ((2,), (), (3,))))

    @classmethod
    def concatenate(cls, groups: Sequence[People]) -> People:
        """All of several groups, one after the other."""
        return cls(
            *(np.concatenate([getattr(g, name) for g in groups]) for name in ("keypoints", "visibility", "world"))
        )

    @property
    def sizes(self) -> NDArray[np.float32]:
        """(people,): the diagonal of each one's bounding box in pixels."""
        corner_to_corner = self.keypoints.max(axis=1) - self.keypoints.min(axis=1)
        return np.asarray(np.hypot(corner_to_corner[:, 0], corner_to_corner[:, 1]))

    def is_plausible(self, shorter_side_px: int) -> bool:
        """Whether this is a person, for all that size and visibility tell; nobody does not look real.

        Several rows are taken as one person in several pictures, whose shorter side is given.
        """
        return (
            len(self) > 0
            and float(self.visibility.mean()) >= MIN_VISIBILITY
            and float(self.sizes.mean()) >= MIN_SIZE * shorter_side_px
        )

    def blend(self, other: People, weight: float) -> People:
        """The same people on the way from here (weight 0) to there (1)."""
        return People(
            (1 - weight) * self.keypoints + weight * other.keypoints,
            (1 - weight) * self.visibility + weight * other.visibility,
            (1 - weight) * self.world + weight * other.world,
        )


def pairwise_distances(ours: People, theirs: People) -> NDArray[np.float64]:
    """How far each of ours is from each of theirs, (ours, theirs), in body sizes.

    The mean distance of their landmarks, weighted by the lesser visibility, over their mean size.
    """
    apart = np.linalg.norm(ours.keypoints[:, None] - theirs.keypoints[None], axis=-1)
    weights = np.minimum(ours.visibility[:, None], theirs.visibility[None]) + MIN_WEIGHT
    sizes = (ours.sizes[:, None] + theirs.sizes[None]) / 2
    return np.asarray((apart * weights).sum(axis=-1) / weights.sum(axis=-1) / np.maximum(sizes, 1), np.float64)


def match_pairs(costs: NDArray[np.float64], max_costs: NDArray[np.float64] | float) -> list[tuple[int, int]]:
    """The cheapest one-to-one matching of rows and columns, leaving out pairs dearer than their gate."""
    # The processes that read a video start sooner without SciPy, and match nobody.
    from scipy.optimize import linear_sum_assignment

    allowed = costs <= max_costs
    # More than all allowed pairs together: as many of those as possible are made before any is left out.
    forbidden = costs[allowed].sum() + 1
    rows, columns = linear_sum_assignment(np.where(allowed, costs, forbidden))
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if allowed[row, column]]
