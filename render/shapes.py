"""Rounded, anti-aliased shapes at sub-pixel places; all that the flat styles draw is made of these.

Images are uint8 (height, width, 3), RGB, and drawn on in place. Coordinates and radii are in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

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

_TURN = np.linspace(0, 2 * np.pi, 16, endpoint=False)
_CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1).astype(np.float32)
_ARC = np.linspace(-np.pi / 2, np.pi / 2, 7)
_AHEAD = np.concatenate([np.cos(_ARC), -np.cos(_ARC)]).astype(np.float32)[:, None]
_ASIDE = np.concatenate([np.sin(_ARC), -np.sin(_ARC)]).astype(np.float32)[:, None]
"""A round end and a round start: how far along the limb and across it, in radii."""
_AT_END = np.arange(2 * len(_ARC)) < len(_ARC)


def tapered(
    starts: NDArray[np.float32],
    ends: NDArray[np.float32],
    start_radii: NDArray[np.float32],
    end_radii: NDArray[np.float32],
) -> NDArray[np.int32]:
    """Outlines of tapered limbs with round ends, (limbs, points, 2), for `fill`.

    starts, ends : (limbs, 2); start_radii, end_radii : (limbs,).
    """
    # Far outside the picture is far enough.
    starts, ends = np.clip((starts, ends), -_FARTHEST_PX, _FARTHEST_PX) * np.float32(_SUBPIXELS)
    along = ends - starts
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), np.float32(1e-3))[:, None]
    across = along[:, ::-1] * np.array([-1, 1], np.float32)
    radii = np.where(_AT_END, end_radii[:, None], start_radii[:, None]) * np.float32(_SUBPIXELS)
    outline = _AHEAD * along[:, None] + _ASIDE * across[:, None]
    outline *= radii[..., None]
    outline += np.where(_AT_END[:, None], ends[:, None], starts[:, None])
    return np.asarray(np.rint(outline), np.int32)


def fill(image: Image, outline: NDArray[np.int32], colour: Colour) -> None:
    """Fill one convex outline."""
    cv2.fillConvexPoly(image, outline, colour, cv2.LINE_AA, SUBPIXEL_BITS)


def bands(top: Colour, bottom: Colour, rows: NDArray[np.float64], first: float, last: float) -> NDArray[np.float64]:
    """Colours (rows, 3) that go from `top` at the row `first` to `bottom` at the row `last`."""
    share = np.clip((rows - first) / max(last - first, 1.0), 0, 1)[:, None]
    return np.asarray(np.array(top) * (1 - share) + np.array(bottom) * share)


def stage_picture(
    width: int, height: int, wall: tuple[Colour, Colour], floor: tuple[Colour, Colour], edge: float
) -> Image:
    """An empty stage: a wall down to the row `edge`, a floor from there on, both shaded from top to bottom."""
    rows = np.arange(height, dtype=np.float64)
    above = bands(*wall, rows, 0, edge)
    below = bands(*floor, rows, edge, height)
    column = above + (below - above) * np.clip(rows - edge + 0.5, 0, 1)[:, None]
    return np.repeat(np.rint(column).astype(np.uint8)[:, None], width, axis=1)


def rounded_hulls(corners: NDArray[np.float32], radii: Sequence[float]) -> list[NDArray[np.int32]]:
    """For each radius the outline (points, 2) of the hull of corners (n, 2) with a rim around it, for `fill`."""
    corners = np.clip(corners, -_FARTHEST_PX, _FARTHEST_PX)
    rims = corners[:, None] + np.array(radii, np.float32)[:, None, None, None] * _CIRCLE
    points = np.rint(rims * _SUBPIXELS).astype(np.int32).reshape(len(radii), -1, 2)
    return [np.asarray(cv2.convexHull(rim), np.int32) for rim in points]


def bar(image: Image, start: NDArray[np.float32], end: NDArray[np.float32], radius: float, colour: Colour) -> None:
    """Draw a line with round ends between two points (2,)."""
    thickness = max(round(2 * radius), 1)
    cv2.line(image, _place(start), _place(end), colour, thickness, cv2.LINE_AA, SUBPIXEL_BITS)


def disc(image: Image, centre: NDArray[np.float32], radius: float, colour: Colour) -> None:
    """Fill a circle; centre (2,)."""
    size = round(radius * _SUBPIXELS)
    cv2.circle(image, _place(centre), size, colour, cv2.FILLED, cv2.LINE_AA, SUBPIXEL_BITS)


def ellipse(image: Image, centre: NDArray[np.float32], half_width: float, half_height: float, colour: Colour) -> None:
    """Fill an upright ellipse; centre (2,)."""
    axes = (round(half_width * _SUBPIXELS), round(half_height * _SUBPIXELS))
    cv2.ellipse(image, _place(centre), axes, 0, 0, 360, colour, cv2.FILLED, cv2.LINE_AA, SUBPIXEL_BITS)


def _place(point: NDArray[np.float32]) -> tuple[int, int]:
    x, y = point.tolist()
    return _within(x), _within(y)


def _within(coordinate: float) -> int:
    return round(min(max(coordinate, -_FARTHEST_PX), _FARTHEST_PX) * _SUBPIXELS)
