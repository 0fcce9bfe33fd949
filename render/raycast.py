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
"""One value a ray, (rays,)."""
Directions = NDArray[np.float32]
"""One unit vector a ray, (3, rays)."""

Paint = Callable[[Pixels, Directions], NDArray[np.uint8]]
"""Chooses palette rows from the share of the way from a to b, and from the direction in which the
flattened surface points."""

OVERSAMPLING = 2
"""A pixel is the mean of this many rays, squared."""

_LIGHT = np.array([-0.42, -0.62, -0.66]) / np.linalg.norm([-0.42, -0.62, -0.66])
"""Towards the light: above, to the left and in front of the dancer."""
_AMBIENT, _DIFFUSE = 0.54, 0.42
_RIM = 0.22
"""Surfaces that turn away from the viewer darken by this much: an arm stands out from the shirt behind it."""

_MISSED = np.float32(1e7)


@dataclass(frozen=True, eq=False)
class RoundCone:
    """One part of a body.

    Parameters
    ----------
    a, b : its two ends; one point twice makes a ball.
    radius_a, radius_b : in pixels.
    colour : row of the palette, or a function that paints the surface.
    flatten : (3, 3) symmetric map into a space in which the part is round; it may stretch, never shrink.
    """

    a: Vector
    b: Vector
    radius_a: float
    radius_b: float
    colour: int | Paint
    flatten: NDArray[np.float64] | None = None

    @property
    def nearest(self) -> float:
        """No point of the part is nearer than this."""
        return min(float(self.a[2]) - self.radius_a, float(self.b[2]) - self.radius_b)


def along(vector: Vector, directions: Directions) -> Pixels:
    """The dot product of one vector with many directions."""
    x, y, z = vector.astype(np.float32)
    return np.asarray(x * directions[0] + y * directions[1] + z * directions[2])


def cast(image: Image, parts: Sequence[RoundCone], palette: NDArray[np.float32]) -> None:
    """Draw parts on `image`, in place, what is nearer before what is farther.

    palette : (colours, 3) in 0..255; row 0 is not used.
    """
    size = np.array(image.shape[1::-1])
    ends = [(end[:2], radius) for p in parts for end, radius in ((p.a, p.radius_a), (p.b, p.radius_b))]
    left, top = np.clip(np.floor(np.min([end - radius for end, radius in ends], axis=0)), 0, size).astype(int)
    right, bottom = np.clip(np.ceil(np.max([end + radius for end, radius in ends], axis=0)), 0, size).astype(int)
    if left >= right or top >= bottom:
        return
    rays = ((bottom - top) * OVERSAMPLING, (right - left) * OVERSAMPLING)
    nearest = np.full(rays, np.inf, np.float32)
    shade = np.zeros(rays, np.float32)
    colour = np.zeros(rays, np.uint8)
    for part in sorted(parts, key=lambda part: part.nearest):
        _cast_part(part, int(left), int(top), nearest, shade, colour)
    drawn = np.zeros((*rays, 4), np.uint8)
    covered = np.nonzero(colour)
    drawn[*covered, :3] = np.minimum(palette[colour[covered]] * shade[covered][:, None], 255)
    drawn[*covered, 3] = 255
    mean = cv2.resize(drawn, (int(right - left), int(bottom - top)), interpolation=cv2.INTER_AREA)
    window = image[top:bottom, left:right]
    kept = (255 - mean[..., 3:]) * np.float32(1 / 255)
    np.copyto(window, np.minimum(window * kept + mean[..., :3], 255), casting="unsafe")


def _cast_part(
    part: RoundCone,
    left: int,
    top: int,
    nearest: NDArray[np.float32],
    shade: NDArray[np.float32],
    colour: NDArray[np.uint8],
) -> None:
    """Draw one part into the buffers (rows, columns of rays), whose first ray stands at (left, top)."""
    candidates = _candidates(part, left, top, nearest)
    if candidates is None:
        return
    rows, columns, x, y = candidates
    reach, share, normal = _meet(part, x, y)
    distance = reach / np.float32(1 if part.flatten is None else np.linalg.norm(part.flatten[:, 2]))
    seen = np.flatnonzero((reach < _MISSED) & (distance < nearest[rows, columns]))
    at = rows[seen], columns[seen]
    normal = normal[:, seen]
    normal /= np.sqrt(np.square(normal).sum(axis=0)) + np.float32(1e-9)
    nearest[at] = distance[seen]
    colour[at] = part.colour if isinstance(part.colour, int) else part.colour(share[seen], normal)
    shade[at] = _brightness(normal if part.flatten is None else _stretched(part.flatten, normal))


def _candidates(
    part: RoundCone, left: int, top: int, nearest: NDArray[np.float32]
) -> tuple[NDArray[np.intp], NDArray[np.intp], Pixels, Pixels] | None:
    """Rows and columns of the rays that may meet the part, and where they stand, (x, y) from its end a."""
    radius = max(part.radius_a, part.radius_b)
    corner = np.array([left, top])
    size = nearest.shape[::-1]
    low = np.minimum(part.a, part.b)[:2] - radius - corner
    high = np.maximum(part.a, part.b)[:2] + radius - corner
    first = np.clip(np.floor(low * OVERSAMPLING), 0, size).astype(int)
    last = np.clip(np.ceil(high * OVERSAMPLING), 0, size).astype(int)
    if (first >= last).any():
        return None
    x = (left - part.a[0] + (np.arange(first[0], last[0], dtype=np.float32) + 0.5) / OVERSAMPLING)[None, :]
    y = (top - part.a[1] + (np.arange(first[1], last[1], dtype=np.float32) + 0.5) / OVERSAMPLING)[:, None]
    across, down = (part.b - part.a)[:2]
    share = (x * across + y * down) / max(across**2 + down**2, 1e-6)
    np.clip(share, 0, 1, out=share)
    may_meet = (x - share * across) ** 2 + (y - share * down) ** 2 < radius**2
    may_meet &= nearest[first[1] : last[1], first[0] : last[0]] > part.nearest
    rows, columns = np.nonzero(may_meet)
    return rows + first[1], columns + first[0], x[0, columns].astype(np.float32), y[rows, 0].astype(np.float32)


def _meet(part: RoundCone, x: Pixels, y: Pixels) -> tuple[Pixels, Pixels, Directions]:
    """Where rays at (x, y) from end a meet the part.

    Returns how far along the ray, from the plane z = 0, in the flattened space (`_MISSED` where it is
    not met), the share of the way from a to b, and the normal there, of any length.
    """
    flatten = np.eye(3) if part.flatten is None else part.flatten
    ray = flatten[:, 2] / np.linalg.norm(flatten[:, 2])
    axis = flatten @ (part.b - part.a)
    origin = np.stack(
        [
            (x * np.float32(flatten[i, 0]) + y * np.float32(flatten[i, 1]) - np.float32(flatten[i, 2] * part.a[2]))
            for i in range(3)
        ]
    )
    on_axis, depth, square = along(axis, origin), along(ray, origin), np.square(origin).sum(axis=0)
    radius_a, radius_b = np.float32(part.radius_a), np.float32(part.radius_b)
    length2, slope, taper = np.float32(axis @ axis), np.float32(axis @ ray), radius_a - radius_b

    reach_a = _meet_ball(depth, square, radius_a)
    reach_b = _meet_ball(depth - slope, square - 2 * on_axis + length2, radius_b)
    reach = np.minimum(reach_a, reach_b)
    share = (reach_b < reach_a).astype(np.float32)

    # Between the two balls, where the touching cone is met it hides both.
    cone2 = length2 - taper**2
    bend2 = cone2 - slope**2
    if cone2 > 0 and bend2 > 1e-3 * length2:
        k1 = cone2 * depth - on_axis * slope + slope * taper * radius_a
        k0 = cone2 * square - on_axis**2 + 2 * on_axis * taper * radius_a - length2 * radius_a**2
        under_root = k1**2 - k0 * bend2
        reach_cone = (-np.sqrt(np.maximum(under_root, 0)) - k1) / bend2
        at = (on_axis - radius_a * taper + reach_cone * slope) / cone2
        on_cone = (under_root > 0) & (at > 0) & (at < 1)
        reach = np.where(on_cone, reach_cone, reach)
        share = np.where(on_cone, at, share)
    normal = origin + reach * ray.astype(np.float32)[:, None] - share * axis.astype(np.float32)[:, None]
    return reach, share, normal


def _meet_ball(depth: Pixels, square: Pixels, radius: np.float32) -> Pixels:
    """How far along the ray a ball is met, `_MISSED` where it is not."""
    under_root = depth**2 - square + radius**2
    return np.where(under_root > 0, -depth - np.sqrt(np.maximum(under_root, 0)), _MISSED)


def _stretched(flatten: NDArray[np.float64], normal: Directions) -> Directions:
    """Normals of the flattened part from those of the round one."""
    normal = np.stack([along(row, normal) for row in flatten])
    normal /= np.sqrt(np.square(normal).sum(axis=0)) + np.float32(1e-9)
    return normal


def _brightness(normal: Directions) -> Pixels:
    lit = np.maximum(along(_LIGHT, normal), 0)
    return np.asarray(_AMBIENT + _DIFFUSE * lit - _RIM * (np.clip(1 + normal[2], 0, 1) - 0.5), np.float32)
