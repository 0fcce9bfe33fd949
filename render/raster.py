"""Rasterize tables of shapes, compiled to machine code, with anti-aliased edges at sub-pixel positions.

Every shape is convex, so each row of pixels intersects it in one run. The ends of the run follow from the outline, the
pixels there are blended by their signed distance from the edge, and those between are filled. The distance from a
cone is I. Quilez's of an "uneven capsule" (iquilezles.org/articles/distfunctions2d), here of any hull of discs;
that from an ellipse is G. Taubin's first-order one (IEEE PAMI 13(11), 1991).
"""

from __future__ import annotations

from math import ceil, floor, hypot, inf, pi, sqrt
from typing import Any

import numpy as np

from render.compiled import compiled, inlined
from render.shapes import Image, Kind, Shapes

SNAP_PER_PX = 1024.0
"""Corners of hulls are snapped to a grid of this many points per pixel."""
HALF_PX = 0.5
"""An edge is blended over one pixel; a thinner shape is painted one pixel thick, with a lower opacity."""


def paint(image: Image, shapes: Shapes) -> None:
    """Paint a table of shapes onto a picture, in place, in the order of its rows; shapes are clipped to the picture.

    The same shapes give the same bytes. The GIL is released, so threads can paint different pictures.

    Parameters
    ----------
    image : uint8 (height, width, 3) RGB, or (height, width, 4) RGBA with premultiplied alpha.
    shapes : float32 (shapes, 14), see `render.shapes`. Rows with NaN or infinity are skipped.
    """
    height, width, channels = image.shape
    pixels = np.ascontiguousarray(image)
    _paint(pixels.reshape(height, width * channels), channels, np.array(shapes, np.float32, order="C"))
    if pixels is not image:
        image[...] = pixels


@compiled()
def _paint(image: Any, channels: int, shapes: Any) -> None:
    """`image` is (height, width * channels)."""
    touched, filled = np.empty((2, len(image))), np.empty((2, len(image)))
    outline = np.empty((4, 7))
    colour, stripe = np.full(4, 255.0), np.empty(image.shape[1], np.uint8)
    for shape in shapes:
        if not np.isfinite(shape).all():
            continue
        kind, opacity, reach = int(shape[0]), min(float(shape[13]), 1.0), HALF_PX
        if kind == Kind.ELLIPSE or kind == Kind.SOFT:
            corners = 0
            opacity *= _ellipse(shape, outline)
            top, end = _ellipse_runs(outline, kind, touched, filled)
        else:
            corners = _hull(shape, outline) if kind == Kind.HULL else _cone(shape, outline)
            if kind == Kind.GLOW:
                reach = max(float(shape[7]), 1.0)
            else:
                opacity *= _thicken(outline, corners)
            high, low = inf, -inf
            for corner in range(corners):
                high = min(high, outline[corner, 1] - outline[corner, 2] - reach)
                low = max(low, outline[corner, 1] + outline[corner, 2] + reach)
            top, end = _rows(high, low, 0, len(image))
            _hull_runs(outline, corners, reach, top, end, touched)
            _hull_runs(outline, corners, 0.0 if kind == Kind.GLOW else -HALF_PX, top, end, filled)
        if not opacity > 0:
            continue
        for channel in range(3):
            colour[channel] = min(max(shape[10 + channel], 0.0), 255.0)
        _fill(image, channels, kind, outline, corners, reach, top, end, touched, filled, colour, opacity, stripe)


@inlined
def _fill(
    image: Any, channels: int, kind: int, outline: Any, corners: int, reach: float, top: int, end: int,
    touched: Any, filled: Any, colour: Any, opacity: float, stripe: Any,
) -> None:  # fmt: skip
    """Paint the rows from `top` to before `end`: blend the `touched` runs and fill the `filled` runs within them."""
    rightmost = image.shape[1] // channels - 1.0
    screen, striped = kind == Kind.GLOW, 0
    for row in range(top, end):
        column = ceil(min(max(touched[0, row], 0.0), rightmost + 1))
        last = floor(min(max(touched[1, row], -1.0), rightmost))
        inner = ceil(min(max(filled[0, row], column), last + 1.0))
        inner_last = floor(min(filled[1, row], last)) if filled[1, row] >= inner else inner - 1
        pixels = image[row]
        if kind == Kind.SOFT:
            _fade(pixels, channels, outline, column, last, row, colour, opacity)
            continue
        while column <= last:
            if column == inner and inner_last >= inner and not (screen or opacity < 1):
                size = (inner_last + 1 - inner) * channels
                for at in range(striped, size, channels):
                    for channel in range(channels):
                        stripe[at + channel] = np.uint8(colour[channel] + 0.5)
                striped = max(striped, size)
                target, source = pixels[inner * channels : inner * channels + size], stripe[:size]
                for at in range(len(target)):
                    target[at] = source[at]
                column = inner_last + 1
                continue
            cover = 1.0 if inner <= column <= inner_last else _cover(kind, outline, corners, reach, column, row)
            _blend(pixels, column * channels, channels, colour, opacity * cover, screen)
            column += 1


@inlined
def _fade(
    pixels: Any, channels: int, outline: Any, column: int, last: int, row: int, colour: Any, opacity: float
) -> None:
    """Blend a row of a soft ellipse."""
    ux, uy, y = outline[0, 2], outline[0, 3], row - outline[0, 1]
    per_along, per_across = 1 / outline[0, 4] ** 2, 1 / outline[0, 5] ** 2
    for at in range(column, last + 1):
        x = at - outline[0, 0]
        along, across = x * ux + y * uy, y * ux - x * uy
        inside = 1 - along * along * per_along - across * across * per_across
        if inside > 0:
            _blend(pixels, at * channels, channels, colour, opacity * inside, False)


@inlined
def _blend(pixels: Any, at: int, channels: int, colour: Any, alpha: float, screen: bool) -> None:
    for channel in range(4):  # a loop that is unrolled, unlike one to `channels`
        if channel < channels:
            under = float(pixels[at + channel])
            light = colour[channel] * (1 - under / 255) if screen else colour[channel] - under
            pixels[at + channel] = np.uint8(under + light * alpha + 0.5)


@inlined
def _cover(kind: int, outline: Any, corners: int, reach: float, x: float, y: float) -> float:
    """Return the share of a pixel that a shape covers, 0..1."""
    if kind == Kind.ELLIPSE:
        return min(max(HALF_PX - _ellipse_distance(outline, x, y), 0.0), 1.0)
    distance = _hull_distance(outline, corners, x, y)
    if kind == Kind.GLOW:
        return min(max(1 - distance / reach, 0.0), 1.0) ** 2
    return min(max(HALF_PX - distance, 0.0), 1.0)


# The hull of discs: outline (corners, 6), a disc a row and the straight edge to the next one: cx cy radius,
# the edge's outward normal nx ny, and its length. A single disc has no edges.


@inlined
def _cone(shape: Any, outline: Any) -> int:
    """Write the outline of two discs; return their number, 1 if one contains the other."""
    large, small = (1, 3) if shape[5] >= shape[6] else (3, 1)
    for corner, column in enumerate((large, small)):
        outline[corner, 0], outline[corner, 1] = shape[column], shape[column + 1]
        outline[corner, 2] = max(shape[5 + column // 2], 0.0)
    if hypot(outline[1, 0] - outline[0, 0], outline[1, 1] - outline[0, 1]) <= outline[0, 2] - outline[1, 2]:
        return 1
    _find_edges(outline, 2)
    return 2


@inlined
def _hull(shape: Any, outline: Any) -> int:
    """Write the hull of four discs, corner by corner (R. A. Jarvis, 1973); return the number of corners."""
    for column in range(1, 9):  # merge corners that nearly coincide: the edge between them has no direction
        shape[column] = floor(shape[column] * SNAP_PER_PX + 0.5) / SNAP_PER_PX
    here = 1
    for column in (3, 5, 7):
        if shape[column] < shape[here] or (shape[column] == shape[here] and shape[column + 1] < shape[here + 1]):
            here = column
    start, corners = here, 0
    while True:
        x, y = float(shape[here]), float(shape[here + 1])
        outline[corners, 0], outline[corners, 1], outline[corners, 2] = x, y, max(shape[9], 0.0)
        corners += 1
        ahead, away_x, away_y = here, 0.0, 0.0
        for column in (1, 3, 5, 7):
            dx, dy = shape[column] - x, shape[column + 1] - y
            turn = away_x * dy - away_y * dx
            if turn < 0 or (turn == 0 and hypot(dx, dy) > hypot(away_x, away_y)):
                ahead, away_x, away_y = column, dx, dy
        if ahead == here or (shape[ahead] == shape[start] and shape[ahead + 1] == shape[start + 1]) or corners == 4:
            break
        here = ahead
    if corners > 1:
        _find_edges(outline, corners)
    return corners


@inlined
def _find_edges(outline: Any, corners: int) -> None:
    """Write the tangents from each disc to the next."""
    for corner in range(corners):
        following = corner + 1 if corner + 1 < corners else 0
        dx, dy = outline[following, 0] - outline[corner, 0], outline[following, 1] - outline[corner, 1]
        length = hypot(dx, dy)
        sine = (outline[corner, 2] - outline[following, 2]) / length
        cosine = sqrt(1 - sine * sine)
        outline[corner, 3] = (dx * sine + dy * cosine) / length
        outline[corner, 4] = (dy * sine - dx * cosine) / length
        outline[corner, 5] = length * cosine


@inlined
def _thicken(outline: Any, corners: int) -> float:
    """Widen a shape to one pixel if it is thinner; return the opacity that keeps its total ink."""
    area, around, radius, largest = 0.0, 0.0, 0.0, 0.0
    for corner in range(corners):
        following = corner + 1 if corner + 1 < corners else 0
        xa, ya, xb, yb = outline[corner, 0], outline[corner, 1], outline[following, 0], outline[following, 1]
        area += ((xa - outline[0, 0]) * (yb - outline[0, 1]) - (xb - outline[0, 0]) * (ya - outline[0, 1])) / 2
        around += hypot(xb - xa, yb - ya)
        radius += outline[corner, 2] / corners
        largest = max(largest, outline[corner, 2])
    half_thickness = largest + (area / around if area > 0 else 0.0)
    if half_thickness >= HALF_PX:
        return 1.0
    missing = HALF_PX - half_thickness
    ink = area + around * radius + pi * radius**2
    for corner in range(corners):
        outline[corner, 2] += missing
    return ink / (area + around * (radius + missing) + pi * (radius + missing) ** 2)


@inlined
def _hull_distance(outline: Any, corners: int, x: float, y: float) -> float:
    """Return the signed distance in pixels from the edge farthest inwards, or from the disc at its end."""
    nearest, disc, distance = 0, 0, -inf
    if corners > 1:
        for corner in range(corners):
            out = (x - outline[corner, 0]) * outline[corner, 3] + (y - outline[corner, 1]) * outline[corner, 4]
            if out - outline[corner, 2] > distance:
                nearest, distance = corner, out - outline[corner, 2]
        along = (y - outline[nearest, 1]) * outline[nearest, 3] - (x - outline[nearest, 0]) * outline[nearest, 4]
        if 0 <= along <= outline[nearest, 5]:
            return distance
        disc = nearest if along < 0 else nearest + 1 if nearest + 1 < corners else 0
    dx, dy = x - outline[disc, 0], y - outline[disc, 1]
    return sqrt(dx * dx + dy * dy) - float(outline[disc, 2])


@inlined
def _rows(high: float, low: float, top: int, end: int) -> tuple[int, int]:
    """Return the first row and the end of the rows between two heights, clipped to `top` and `end`."""
    return ceil(min(max(high, float(top)), float(end))), floor(max(min(low, end - 1.0), top - 1.0)) + 1


@inlined
def _hull_runs(outline: Any, corners: int, reach: float, top: int, end: int, runs: Any) -> None:
    """Write where each row enters and leaves the hull, grown by `reach` pixels."""
    runs[0, top:end], runs[1, top:end] = inf, -inf
    for corner in range(corners):
        if outline[corner, 2] + reach < 0:
            return
    for corner in range(corners):
        x, y, radius = outline[corner, 0], outline[corner, 1], outline[corner, 2] + reach
        first, last = _rows(y - radius, y + radius, top, end)
        for row in range(first, last):
            half = sqrt(max(radius * radius - (row - y) * (row - y), 0.0))
            runs[0, row], runs[1, row] = min(runs[0, row], x - half), max(runs[1, row], x + half)
        if corners == 1:
            continue
        following = corner + 1 if corner + 1 < corners else 0
        nx, ny = outline[corner, 3], outline[corner, 4]
        xa, ya = x + radius * nx, y + radius * ny
        xb = outline[following, 0] + (outline[following, 2] + reach) * nx
        yb = outline[following, 1] + (outline[following, 2] + reach) * ny
        if ya == yb:
            continue
        slope = (xb - xa) / (yb - ya)
        first, last = _rows(min(ya, yb), max(ya, yb), top, end)
        for row in range(first, last):
            if nx < 0:
                runs[0, row] = min(runs[0, row], xa + slope * (row - ya))
            else:
                runs[1, row] = max(runs[1, row], xa + slope * (row - ya))


# The ellipse: cx cy, the unit vector ux uy along its first half-axis, the two half-axes and its cut in pixels.


@inlined
def _ellipse(shape: Any, outline: Any) -> float:
    """Write an ellipse with both axes at least one pixel long; return the opacity that keeps its total ink."""
    ux, uy = float(shape[3]), float(shape[4])
    length = hypot(ux, uy)
    across = abs(float(shape[5])) * length
    outline[0, 0], outline[0, 1] = shape[1], shape[2]
    outline[0, 2], outline[0, 3] = (ux / length, uy / length) if length > 0 else (1.0, 0.0)
    outline[0, 4], outline[0, 5] = max(length, HALF_PX), max(across, HALF_PX)
    outline[0, 6] = shape[6] * length if int(shape[0]) == Kind.ELLIPSE and shape[6] > -1 else -inf
    return length * across / float(outline[0, 4] * outline[0, 5])


@inlined
def _ellipse_level(outline: Any, x: float, y: float) -> float:
    """Return the level of a point: 0 at the centre, 1 on the rim."""
    dx, dy = x - outline[0, 0], y - outline[0, 1]
    along, across = dx * outline[0, 2] + dy * outline[0, 3], dy * outline[0, 2] - dx * outline[0, 3]
    return sqrt((along / outline[0, 4]) ** 2 + (across / outline[0, 5]) ** 2)


@inlined
def _ellipse_distance(outline: Any, x: float, y: float) -> float:
    """Return the signed distance in pixels, accurate near the rim."""
    dx, dy = x - outline[0, 0], y - outline[0, 1]
    along, across = dx * outline[0, 2] + dy * outline[0, 3], dy * outline[0, 2] - dx * outline[0, 3]
    level = _ellipse_level(outline, x, y)
    slope = hypot(along / outline[0, 4] ** 2, across / outline[0, 5] ** 2)
    distance = level * (level - 1) / slope if slope > 0 else -inf
    if distance < 0:  # inside, at most the distance to the rim along the axes
        distance = max(distance, abs(across) - outline[0, 5] * sqrt(max(1 - (along / outline[0, 4]) ** 2, 0.0)))
        distance = max(distance, abs(along) - outline[0, 4] * sqrt(max(1 - (across / outline[0, 5]) ** 2, 0.0)))
    return max(distance, float(outline[0, 6] - along))


@inlined
def _ellipse_runs(outline: Any, kind: int, touched: Any, filled: Any) -> tuple[int, int]:
    """Write the runs of the ellipse grown and shrunk by half a pixel; return the first row and the end of the rows."""
    cx, cy, ux, uy, a, b = outline[0, 0], outline[0, 1], outline[0, 2], outline[0, 3], outline[0, 4], outline[0, 5]
    width, height = hypot(a * ux, b * uy), hypot(a * uy, b * ux)
    lean = ux * uy * (a - b) * (a + b)
    top, end = _rows(cy - height - HALF_PX, cy + height + HALF_PX, 0, touched.shape[1])
    for row in range(top, end):
        y = row - cy
        for side in range(2):
            sign = 2.0 * side - 1
            outermost = min(max(min(max(sign * lean / width, y - HALF_PX), y + HALF_PX), -height), height)
            touched[side, row] = cx + _chord(outermost, a * b, lean, height, sign) + sign * HALF_PX
            above = _chord(y - HALF_PX, a * b, lean, height, sign)
            below = _chord(y + HALF_PX, a * b, lean, height, sign)
            filled[side, row] = cx + sign * (min(sign * above, sign * below) - HALF_PX)
        if abs(y) + HALF_PX > height or kind == Kind.SOFT:
            filled[0, row], filled[1, row] = inf, -inf
        if outline[0, 6] > -inf:
            beyond = outline[0, 6] - y * uy
            _cut_run(touched, row, cx, ux, beyond - HALF_PX)
            _cut_run(filled, row, cx, ux, beyond + HALF_PX)
    return top, end


@inlined
def _cut_run(runs: Any, row: int, cx: float, ux: float, along: float) -> None:
    """Cut a row's run to what is at least `along` from the centre in the direction `ux`."""
    if ux > 0:
        runs[0, row] = max(runs[0, row], cx + along / ux)
    elif ux < 0:
        runs[1, row] = min(runs[1, row], cx + along / ux)
    elif along > 0:
        runs[0, row], runs[1, row] = inf, -inf


@inlined
def _chord(y: float, area: float, lean: float, height: float, sign: float) -> float:
    """Return the end of an ellipse in the row at `y` from its centre."""
    return (lean * y + sign * area * sqrt(max(height * height - y * y, 0.0))) / (height * height)
