"""The landmarks of all people detected in a frame, as arrays, and the matching of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LANDMARKS = 33
"""Number of landmarks of MediaPipe's pose model; `pose_vocab.skeletons.MEDIAPIPE` names them."""
MIN_WEIGHT = 0.05
"""Added to every visibility used as a weight, so that weights never sum to zero."""
MIN_VISIBILITY = 0.65
"""Minimum mean visibility of a person's landmarks; below are objects that MediaPipe mistakes for people."""
MIN_SIZE = 0.2
"""Minimum size of a person as a share of the frame's shorter side; below are objects and passers-by."""


@dataclass(frozen=True, eq=False)
class People:
    """The people in one frame, or one person in several frames.

    Parameters
    ----------
    keypoints : float32 (people, 33, 2), pixels, y down.
    visibility : float32 (people, 33), 0..1.
    world : float32 (people, 33, 3), metres from the middle of the hips: x to the right of the picture, y
        up, z towards the viewer.
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
        """Return a `People` without anybody."""
        return cls(*(np.empty((0, LANDMARKS, *rest), np.float32) for rest in ((2,), (), (3,))))

    @classmethod
    def concatenate(cls, groups: Sequence[People]) -> People:
        """Return all people of several groups, one group after the other."""
        return cls(
            *(np.concatenate([getattr(g, name) for g in groups]) for name in ("keypoints", "visibility", "world"))
        )

    @property
    def sizes(self) -> NDArray[np.float32]:
        """(people,): the diagonal of each bounding box in pixels."""
        corner_to_corner = self.keypoints.max(axis=1) - self.keypoints.min(axis=1)
        return np.asarray(np.hypot(corner_to_corner[:, 0], corner_to_corner[:, 1]))

    def is_plausible(self, shorter_side_px: int) -> bool:
        """Return whether this is a person, judged by size and visibility; False for nobody.

        Several rows count as one person in several frames, whose shorter side is given in pixels.
        """
        return (
            len(self) > 0
            and float(self.visibility.mean()) >= MIN_VISIBILITY
            and float(self.sizes.mean()) >= MIN_SIZE * shorter_side_px
        )

    def blend(self, other: People, weight: float) -> People:
        """Return the same people interpolated between `self` (weight 0) and `other` (weight 1)."""
        return People(
            (1 - weight) * self.keypoints + weight * other.keypoints,
            (1 - weight) * self.visibility + weight * other.visibility,
            (1 - weight) * self.world + weight * other.world,
        )


def pairwise_distances(first: People, second: People) -> NDArray[np.float64]:
    """Return the distance of each of `first` from each of `second`, (first, second), in body sizes.

    It is the mean distance of their landmarks, weighted by the lower visibility, over their mean size.
    """
    apart = np.linalg.norm(first.keypoints[:, None] - second.keypoints[None], axis=-1)
    weights = np.minimum(first.visibility[:, None], second.visibility[None]) + MIN_WEIGHT
    sizes = (first.sizes[:, None] + second.sizes[None]) / 2
    return np.asarray((apart * weights).sum(axis=-1) / weights.sum(axis=-1) / np.maximum(sizes, 1), np.float64)


def match_pairs(costs: NDArray[np.float64], max_costs: NDArray[np.float64] | float) -> list[tuple[int, int]]:
    """Return the cheapest one-to-one matching of rows and columns, without pairs above their maximum cost."""
    # Imported here: the worker processes match nobody and start faster without SciPy.
    from scipy.optimize import linear_sum_assignment

    allowed = costs <= max_costs
    # More than all allowed pairs cost together, so that as many of them as possible are matched.
    forbidden = costs[allowed].sum() + 1
    rows, columns = linear_sum_assignment(np.where(allowed, costs, forbidden))
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if allowed[row, column]]
