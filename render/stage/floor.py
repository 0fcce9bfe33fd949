"""The floor in the picture: a plane in perspective."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pose_vocab.camera import Camera
from render.shapes import Shapes, cones
from render.theme import Theme

EYE_HEIGHT = 2.3
"""Assumed height above the floor of the camera that filmed a 2D dance, in torso lengths: chest height."""
DISTANCE = 12.0
"""Assumed distance of that camera from the dancer, in torso lengths: about six metres."""

LINE_WIDTH = 1 / 600
"""Width of the grid's lines, as a share of the picture's height."""
NEAREST = 0.05
"""Smallest perspective divisor: points nearer to the camera, or behind it, are not visible."""


@dataclass(frozen=True, eq=False)
class Floor:
    """The map from points on the floor to pixels.

    Parameters
    ----------
    homography : (3, 3), maps (across the picture, towards the viewer, 1), in torso lengths from the middle of
        the stage, to homogeneous pixels; the third coordinate is 1 at the middle.
    """

    homography: NDArray[np.float64]

    @classmethod
    def of_picture(cls, middle: tuple[float, float], body: float) -> Floor:
        """Return the floor of a 2D dance: `middle` is its place, `body` the torso's length there, in pixels."""
        x, y = middle
        horizon = y - EYE_HEIGHT * body
        return cls(np.array([[body, -x / DISTANCE, x], [0, -horizon / DISTANCE, y], [0, -1 / DISTANCE, 1]]))

    @classmethod
    def of_camera(
        cls, camera: Camera, middle: NDArray[np.float64], across: NDArray[np.float64], torso_m: float
    ) -> Floor:
        """Return the floor in a camera's view: `middle` (3,) in metres, `across` (3,) the unit vector to the right."""
        towards = np.cross(across, (0.0, 1.0, 0.0))
        plane = np.column_stack([across * torso_m, towards * torso_m, middle - np.array(camera.position)])
        seen = camera.matrix @ plane
        return cls(seen / seen[2, 2])

    def project(self, points: ArrayLike) -> NDArray[np.float64]:
        """Project points (..., 2) on the floor to pixels (..., 2); NaN behind the camera."""
        place = np.asarray(points, np.float64)
        seen = place @ self.homography[:, :2].T + self.homography[:, 2]
        return np.asarray(seen[..., :2] / np.where(seen[..., 2:] > NEAREST, seen[..., 2:], np.nan))

    def unproject(self, pixels: ArrayLike) -> NDArray[np.float64]:
        """Return the points on the floor, (..., 2), at pixels (..., 2): the inverse of `project`."""
        place = np.asarray(pixels, np.float64)
        ones = np.ones((*place.shape[:-1], 1))
        found = np.concatenate([place, ones], axis=-1) @ np.linalg.inv(self.homography).T
        return np.asarray(found[..., :2] / found[..., 2:])

    def scale(self, towards: ArrayLike) -> NDArray[np.float64]:
        """Return the magnification, relative to the middle, of something nearer by `towards` torso lengths."""
        return 1 / np.asarray(self.homography[2, 1] * np.asarray(towards, np.float64) + 1)


def grid_lines(
    floor: Floor, back_row: float, width: int, height: int, theme: Theme, camera_moved: NDArray[np.float64]
) -> Shapes:
    """Return lines on the floor, a torso length apart, from `back_row` to the bottom of the picture, (lines, 14).

    camera_moved : (2,), how far the camera has moved across and towards since a line was in the middle.
    """
    corners = floor.unproject([(0, back_row), (width, back_row), (0, height), (width, height)])
    (left, near_or_far_a), (right, near_or_far_b) = corners.min(axis=0), corners.max(axis=0)
    towards = _whole_numbers(near_or_far_a, near_or_far_b, camera_moved[1])
    across = _whole_numbers(left, right, camera_moved[0])
    ends = [((left, at), (right, at)) for at in towards] + [((at, near_or_far_a), (at, near_or_far_b)) for at in across]
    lines = floor.project(np.array(ends).reshape(-1, 2, 2))
    radius = max(LINE_WIDTH * height / 2, 0.5)
    return cones(lines[:, 0], lines[:, 1], radius, radius, theme.grid, theme.grid_opacity)


def _whole_numbers(low: float, high: float, camera_moved: float) -> NDArray[np.float64]:
    """Return the positions between low and high at which position + camera_moved is a whole number."""
    return np.arange(np.ceil(low + camera_moved), np.floor(high + camera_moved) + 1) - camera_moved
