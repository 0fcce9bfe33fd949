"""Tables of shapes: one row per shape, painted from the first row to the last.

A table is float32 (..., shapes, `COLUMNS`): the kind, nine numbers of geometry in pixels (x to the right, y
down, the middle of the picture's first pixel at 0, 0), red, green and blue in 0..255, and opacity in 0..1.
A row with NaN is not painted, so shapes at missing joints disappear.

Functions take points (..., 2) and sizes (...) that broadcast, and return rows (..., 14).
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Colour = tuple[int, int, int]
"""Red, green, blue in 0..255."""
Image = NDArray[np.uint8]
"""(height, width, 3) RGB, or (height, width, 4) RGBA, drawn on in place, with premultiplied alpha."""
Shapes = NDArray[np.float32]
"""(..., shapes, 14)."""

COLUMNS = 14


class Kind(IntEnum):
    """The first column, which defines the geometry columns."""

    CONE = 0
    """ax ay bx by ra rb: the hull of a disc at a and a disc at b."""
    HULL = 1
    """x0 y0 x1 y1 x2 y2 x3 y3 r: the convex hull of four discs of radius r."""
    ELLIPSE = 2
    """cx cy ux uy ratio cut: half-axis u, the other one `ratio` times as long; only points p with
    (p - c).u / |u|**2 >= cut belong to it: -1 keeps it whole, 0 leaves a half-moon."""
    SOFT = 3
    """cx cy ux uy ratio: an ellipse whose opacity falls as 1 - d**2 from its middle to its rim, d = 1."""
    GLOW = 4
    """ax ay bx by ra rb spread: light around a cone that falls as (1 - d / spread)**2, blended by screening."""


def cones(
    starts: ArrayLike,
    ends: ArrayLike,
    start_radii: ArrayLike,
    end_radii: ArrayLike,
    colour: ArrayLike,
    opacity: ArrayLike = 1.0,
) -> Shapes:
    """Return round cones: limbs with round ends and a radius at each end."""
    return _rows(Kind.CONE, [starts, ends], [start_radii, end_radii], colour, opacity)


def discs(centres: ArrayLike, radii: ArrayLike, colour: ArrayLike, opacity: ArrayLike = 1.0) -> Shapes:
    """Return filled circles."""
    return cones(centres, centres, radii, radii, colour, opacity)


def hulls(corners: ArrayLike, radii: ArrayLike, colour: ArrayLike, opacity: ArrayLike = 1.0) -> Shapes:
    """Return convex hulls with rounded edges around four corners, (..., 4, 2)."""
    places = np.asarray(corners, np.float32)
    return _rows(Kind.HULL, [places[..., corner, :] for corner in range(4)], [radii], colour, opacity)


def ellipses(
    centres: ArrayLike,
    half_axes: ArrayLike,
    ratios: ArrayLike,
    colour: ArrayLike,
    opacity: ArrayLike = 1.0,
    cut: ArrayLike = -1.0,
) -> Shapes:
    """Return ellipses along `half_axes`, (..., 2); `cut` 0 keeps the half in the direction of the axis."""
    return _rows(Kind.ELLIPSE, [centres, half_axes], [ratios, cut], colour, opacity)


def soft_ellipses(
    centres: ArrayLike, half_axes: ArrayLike, ratios: ArrayLike, colour: ArrayLike, opacity: ArrayLike
) -> Shapes:
    """Return shadows: opaque in the centre, transparent at the rim."""
    return _rows(Kind.SOFT, [centres, half_axes], [ratios], colour, opacity)


def glows(
    starts: ArrayLike,
    ends: ArrayLike,
    start_radii: ArrayLike,
    end_radii: ArrayLike,
    spreads: ArrayLike,
    colour: ArrayLike,
    opacity: ArrayLike = 1.0,
) -> Shapes:
    """Return light around limbs, up to `spreads` pixels from their edge."""
    return _rows(Kind.GLOW, [starts, ends], [start_radii, end_radii, spreads], colour, opacity)


def _rows(kind: Kind, points: list[ArrayLike], sizes: list[ArrayLike], colour: ArrayLike, opacity: ArrayLike) -> Shapes:
    pairs = [np.asarray(point, np.float32) for point in points]
    single = [np.asarray(size, np.float32) for size in [*sizes, opacity]]
    colours = np.asarray(colour, np.float32)
    leading = np.broadcast_shapes(
        *(pair.shape[:-1] for pair in pairs), *(size.shape for size in single), colours.shape[:-1]
    )
    table = np.zeros((*leading, COLUMNS), np.float32)
    table[..., 0] = kind
    for place, pair in enumerate(pairs):
        table[..., 1 + 2 * place : 3 + 2 * place] = pair
    for place, size in enumerate(single[:-1], 1 + 2 * len(points)):
        table[..., place] = size
    table[..., 10:13] = colours
    table[..., 13] = single[-1]
    return table
