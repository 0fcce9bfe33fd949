"""Shaded round bodies without a graphics card: rays along the view meet round cones, the nearest is seen.

A round cone is what a ball sweeps that moves in a straight line and changes its size; the intersection
is I. Quilez's (https://iquilezles.org/articles/intersectors). A linear map before it makes flattened
ones: a chest, a head. Vectors are (3,) in pixels: x to the right, y down, z into the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from render.shapes import Image

Vector = NDArray[np.float64]
Pixels = NDArray[np.float32]

OVERSAMPLING = 2
"""A pixel is the mean of this many rays, squared."""

_LIGHT = np.array([-0.42, -0.62, -0.66]) / np.linalg.norm([-0.42, -0.62, -0.66])
"""Towards the light: above, to the left and in front of the dancer."""
_AMBIENT, _DIFFUSE = 0.54, 0.42
_RIM = 0.22
"""Surfaces that turn away from the viewer darken by this much: an arm stands out from the shirt behind it."""

_MISSED = np.float32(1e7)

Paint = Callable[[Pixels, NDArray[np.float32]], NDArray[np.uint8]]
"""Chooses the palette row of each pixel from the share of the way from a to b, (pixels,), and the direction
(3, pixels) in which the flattened surface points there."""


@dataclass(frozen=True, eq=False)
class RoundCone:
    """One part of a body.

    Parameters
    ----------
    a, b : its two ends; one point twice makes a ball.
    radius_a, radius_b : in pixels.
    colour : row of the palette, or a function that paints the surface.
    flatten : (3, 3) map of space in which the part is round; it may stretch, never shrink.
    """

    a: Vector
    b: Vector
    radius_a: float
    radius_b: float
    colour: int | Paint
    flatten: NDArray[np.float64] | None = None


def cast(image: Image, parts: Sequence[RoundCone], palette: NDArray[np.float32]) -> None:
    """Draw parts on `image`, in place, what is nearer before what is farther.

    palette : (colours, 3) in 0..255; row 0 is not used.
    """
    height, width = image.shape[:2]
    corners = [(end[:2], radius) for p in parts for end, radius in ((p.a, p.radius_a), (p.b, p.radius_b))]
    low = np.floor(np.min([middle - radius for middle, radius in corners], axis=0)).astype(int) - 1
    high = np.ceil(np.max([middle + radius for middle, radius in corners], axis=0)).astype(int) + 2
    left, top = np.clip(low, 0, (width, height))
    right, bottom = np.clip(high, 0, (width, height))
    if left >= right or top >= bottom:
        return
    rays = ((bottom - top) * OVERSAMPLING, (right - left) * OVERSAMPLING)
    nearest = np.full(rays, np.inf, np.float32)
    shade = np.zeros(rays, np.float32)
    colour = np.zeros(rays, np.uint8)
    for part in parts:
        _cast_part(part, left, top, nearest, shade, colour)
    covered = (colour > 0).astype(np.float32)
    drawn = np.dstack([palette[colour] * shade[..., None], covered])
    drawn = cv2.resize(drawn, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    window = image[top:bottom, left:right]
    np.copyto(window, np.clip(window * (1 - drawn[..., 3:]) + drawn[..., :3], 0, 255), casting="unsafe")


def _cast_part(
    part: RoundCone, left: int, top: int, nearest: Pixels, shade: Pixels, colour: NDArray[np.uint8]
) -> None:
    """Draw one part into the buffers, whose first ray stands at (left, top) in the picture."""
    window = _window(part, left, top, nearest.shape)
    if window is None:
        return
    rows, columns = window
    ray_x = (left + (np.arange(columns.start, columns.stop) + 0.5) / OVERSAMPLING)[None, :] - part.a[0]
    ray_y = (top + (np.arange(rows.start, rows.stop) + 0.5) / OVERSAMPLING)[:, None] - part.a[1]
    flatten = np.eye(3) if part.flatten is None else part.flatten
    from_x, from_y = flatten[:, 0], flatten[:, 1]
    start = -part.a[2] * flatten[:, 2]
    stretch = np.linalg.norm(flatten[:, 2])
    ray = flatten[:, 2] / stretch
    axis = flatten @ (part.b - part.a)

    def linear(direction: Vector) -> Pixels:
        """The ray's start, seen from a, along a direction."""
        x, y, constant = direction @ from_x, direction @ from_y, direction @ start
        return (ray_x * x + (ray_y * y + constant)).astype(np.float32)

    origin = np.stack([linear(unit) for unit in np.eye(3)])
    along, depth, square = linear(axis), linear(ray), np.einsum("ihw,ihw->hw", origin, origin)
    r_a, r_b = part.radius_a, part.radius_b
    length2, slope, taper = float(axis @ axis), float(axis @ ray), r_a - r_b

    # The ball at a, then the ball at b, then the cone between them, wherever each is hit.
    reach = _ball(depth, square, r_a)
    share = np.zeros_like(reach)
    normal = origin + reach * ray[:, None, None].astype(np.float32)
    cone2 = length2 - taper**2
    if length2 > 0:
        reach_b = _ball(depth - slope, square - 2 * along + length2, r_b)
        at_b = reach_b < reach
        reach = np.where(at_b, reach_b, reach)
        share[at_b] = 1
        normal = origin + reach * ray[:, None, None].astype(np.float32) - at_b * axis[:, None, None].astype(np.float32)
    bend2 = cone2 - slope**2
    if cone2 > 0 and bend2 > 1e-3 * length2:
        k1 = cone2 * depth - along * slope + slope * taper * r_a
        k0 = cone2 * square - along**2 + 2 * along * taper * r_a - length2 * r_a**2
        under_root = k1**2 - k0 * bend2
        reach_cone = (-np.sqrt(np.maximum(under_root, 0)) - k1) / bend2
        on_axis = along - r_a * taper + reach_cone * slope
        on_cone = (under_root > 0) & (on_axis > 0) & (on_axis < cone2)
        reach = np.where(on_cone, reach_cone, reach)
        share = np.where(on_cone, on_axis / cone2, share)
        point = origin + reach * ray[:, None, None].astype(np.float32)
        normal = np.where(on_cone, point * cone2 - axis[:, None, None] * on_axis, normal)

    distance = reach / stretch
    seen = (reach < _MISSED / 2) & (distance < nearest[rows, columns])
    if not seen.any():
        return
    normal = normal[:, seen].astype(np.float32)
    normal /= np.linalg.norm(normal, axis=0) + np.float32(1e-9)
    nearest[rows, columns][seen] = distance[seen]
    paint = part.colour if isinstance(part.colour, int) else part.colour(share[seen], normal)
    colour[rows, columns][seen] = paint
    shade[rows, columns][seen] = _light(normal if part.flatten is None else (flatten.T @ normal).astype(np.float32))


def _window(part: RoundCone, left: int, top: int, shape: tuple[int, ...]) -> tuple[slice, slice] | None:
    """Rows and columns of the rays that can meet the part."""
    low = np.minimum(part.a - part.radius_a, part.b - part.radius_b)[:2] - (left, top)
    high = np.maximum(part.a + part.radius_a, part.b + part.radius_b)[:2] - (left, top)
    first = np.clip(np.floor(low * OVERSAMPLING).astype(int), 0, (shape[1], shape[0]))
    last = np.clip(np.ceil(high * OVERSAMPLING).astype(int) + 1, 0, (shape[1], shape[0]))
    if (first >= last).any():
        return None
    return slice(int(first[1]), int(last[1])), slice(int(first[0]), int(last[0]))


def _ball(depth: Pixels, square: Pixels, radius: float) -> Pixels:
    """How far along the ray a ball is met, `_MISSED` where it is not."""
    under_root = depth**2 - square + np.float32(radius**2)
    return np.where(under_root > 0, -depth - np.sqrt(np.maximum(under_root, 0)), _MISSED)


def _light(normal: NDArray[np.float32]) -> Pixels:
    """Brightness of surfaces that point towards `normal`, (3, pixels)."""
    normal = normal / (np.linalg.norm(normal, axis=0) + np.float32(1e-9))
    lit = np.maximum(_LIGHT.astype(np.float32) @ normal, 0)
    away = 1 + normal[2]
    return np.asarray(_AMBIENT + _DIFFUSE * lit + _RIM * (0.5 - np.clip(away, 0, 1)), np.float32)
