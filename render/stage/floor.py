"""The floor as the picture shows it: a plane, seen in perspective."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pose_vocab.camera import Camera
from render.shapes import Shapes, cones
from render.theme import Theme

EYE_HEIGHT = 2.3
"""Of the camera that filmed a 2D dance, above the floor, in torso lengths: it was held at the breast."""
DISTANCE = 12.0
"""Of that camera from the dancer, in torso lengths: some six metres."""

LINE_WIDTH = 1 / 600
"""Of the lines of the grid, a share of the picture's height."""
NEAREST = 0.05
"""Of the perspective's divisor: what is nearer to the camera, or behind it, is not seen."""


@dataclass(frozen=True, eq=False)
class Floor:
    """Where points on the floor are seen.

    Parameters
    ----------
    homography : (3, 3), from (across the picture, towards the viewer, 1), in torso lengths from the middle of
        the stage, to homogeneous pixels; the last row's value is 1 at the middle.
    """

    homography: NDArray[np.float64]

    @classmethod
    def of_picture(cls, middle: tuple[float, float], body: float) -> Floor:
        """The floor under a 2D dance: `middle` is where it stands in pixels, `body` the torso's length there."""
        x, y = middle
        horizon = y - EYE_HEIGHT * body
        return cls(np.array([[body, -x / DISTANCE, x], [0, -horizon / DISTANCE, y], [0, -1 / DISTANCE, 1]]))

    @classmethod
    def of_camera(
        cls, camera: Camera, middle: NDArray[np.float64], across: NDArray[np.float64], torso_m: float
    ) -> Floor:
        """The floor that a camera sees: `middle` (3,) in metres, `across` (3,) a unit vector to the picture's right."""
        towards = np.cross(across, (0.0, 1.0, 0.0))
        plane = np.column_stack([across * torso_m, towards * torso_m, middle - np.array(camera.position)])
        seen = camera.matrix @ plane
        return cls(seen / seen[2, 2])

    def see(self, points: ArrayLike) -> NDArray[np.float64]:
        """Points (..., 2) on the floor as pixels (..., 2); NaN behind the camera."""
        place = np.asarray(points, np.float64)
        seen = place @ self.homography[:, :2].T + self.homography[:, 2]
        return np.asarray(seen[..., :2] / np.where(seen[..., 2:] > NEAREST, seen[..., 2:], np.nan))

    def find(self, pixels: ArrayLike) -> NDArray[np.float64]:
        """Where on the floor pixels (..., 2) are: the inverse of `see`."""
        place = np.asarray(pixels, np.float64)
        ones = np.ones((*place.shape[:-1], 1))
        found = np.concatenate([place, ones], axis=-1) @ np.linalg.inv(self.homography).T
        return np.asarray(found[..., :2] / found[..., 2:])

    def scale(self, towards: ArrayLike) -> NDArray[np.float64]:
        """How much larger than in the middle something is seen that stands nearer by `towards` torso lengths."""
        return 1 / np.asarray(self.homography[2, 1] * np.asarray(towards, np.float64) + 1)


def grid_lines(
    floor: Floor, back_row: float, width: int, height: int, theme: Theme, moved: NDArray[np.float64]
) -> Shapes:
    """Lines on the floor, a torso length apart, from the row `back_row` of the picture to its bottom, (lines, 14).

    moved : (2,), across and towards: how far the camera has gone since the grid lay with a line in the middle.
    """
    corners = floor.find([(0, back_row), (width, back_row), (0, height), (width, height)])
    (left, near_or_far_a), (right, near_or_far_b) = corners.min(axis=0), corners.max(axis=0)
    towards = _whole_numbers(near_or_far_a, near_or_far_b, moved[1])
    across = _whole_numbers(left, right, moved[0])
    ends = [((left, at), (right, at)) for at in towards] + [((at, near_or_far_a), (at, near_or_far_b)) for at in across]
    lines = floor.see(np.array(ends).reshape(-1, 2, 2))
    radius = max(LINE_WIDTH * height / 2, 0.5)
    return cones(lines[:, 0], lines[:, 1], radius, radius, theme.grid, theme.grid_opacity)


def _whole_numbers(low: float, high: float, moved: float) -> NDArray[np.float64]:
    """From low to high, the places at whole numbers of a ruler that was moved by so much."""
    return np.arange(np.ceil(low + moved), np.floor(high + moved) + 1) - moved
