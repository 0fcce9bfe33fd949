"""Rounded, anti-aliased shapes at sub-pixel places; all that the flat styles draw is made of these.

Images are uint8 (height, width, 3), RGB, and drawn on in place. Coordinates and radii are in pixels.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]
"""Red, green, blue in 0..255."""

Image = NDArray[np.uint8]

SUBPIXEL_BITS = 4
_SUBPIXELS = 1 << SUBPIXEL_BITS
_FARTHEST_PX = 1 << 14
"""OpenCV's fixed-point coordinates wrap around far outside the picture."""

_HALF_TURN = np.linspace(-np.pi / 2, np.pi / 2, 9)
_TURN = np.linspace(0, 2 * np.pi, 24, endpoint=False)
_CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)


def tapered(
    starts: NDArray[np.float32], ends: NDArray[np.float32], start_radii: NDArray[np.float32], end_radii: NDArray[np.float32]
) -> NDArray[np.int32]:
    """Outlines of tapered limbs with round ends, (limbs, points, 2), for `fill`.

    starts, ends : (limbs, 2); start_radii, end_radii : (limbs,).
    """
    along = ends - starts
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-3)
    heading = np.arctan2(along[:, 1], along[:, 0])
    # The sides touch both circles where these lean towards the thinner end.
    lean = np.arcsin(np.clip((start_radii - end_radii) / length, -1, 1))
    share = _HALF_TURN / (np.pi / 2)
    at_end = heading[:, None] + share * (np.pi / 2 - lean)[:, None]
    at_start = heading[:, None] + np.pi + share * (np.pi / 2 + lean)[:, None]
    angles = np.concatenate([at_end, at_start], axis=1)
    n = len(share)
    outline = np.stack([np.cos(angles), np.sin(angles)], axis=2)
    outline[:, :n] = outline[:, :n] * end_radii[:, None, None] + ends[:, None]
    outline[:, n:] = outline[:, n:] * start_radii[:, None, None] + starts[:, None]
    return _fixed_point(outline)


def rounded_hull(centres: NDArray[np.float32], radii: NDArray[np.float32]) -> NDArray[np.int32]:
    """The outline (points, 2) of a tight band around discs at centres (n, 2) with radii (n,), for `fill`."""
    rims = centres[:, None] + radii[:, None, None] * _CIRCLE
    return np.asarray(cv2.convexHull(_fixed_point(rims.reshape(-1, 2))))[:, 0]


def fill(image: Image, outline: NDArray[np.int32], colour: Colour) -> None:
    """Fill one convex outline."""
    cv2.fillConvexPoly(image, outline, colour, cv2.LINE_AA, SUBPIXEL_BITS)


def disc(image: Image, centre: NDArray[np.float32], radius: float, colour: Colour) -> None:
    """Fill a circle; centre (2,)."""
    ellipse(image, centre, radius, radius, colour)


def ellipse(image: Image, centre: NDArray[np.float32], half_width: float, half_height: float, colour: Colour) -> None:
    """Fill an upright ellipse; centre (2,)."""
    fill(image, _fixed_point(centre + _CIRCLE * (half_width, half_height)), colour)


def _fixed_point(points: NDArray[np.float64]) -> NDArray[np.int32]:
    return np.rint(np.clip(points, -_FARTHEST_PX, _FARTHEST_PX) * _SUBPIXELS).astype(np.int32)
