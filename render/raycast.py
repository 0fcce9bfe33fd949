"""Cast parallel rays at shaded round cones on the CPU; the nearest surface is visible.

The intersection is I. Quilez's (https://iquilezles.org/articles/intersectors), simplified for parallel rays. Pictures
are drawn row by row in machine code without the GIL. numba compiles it when this module is imported for the first
time, which takes some seconds, and caches it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import copysign, sqrt
from typing import Any

import numpy as np
from numba import from_dtype, types
from numpy.typing import NDArray

from render.body_solids import RoundCone
from render.compiled import compiled

OVERSAMPLING = 2
"""Rays per pixel along each side; a pixel is the mean of its rays."""

LIGHT = np.array([-0.42, -0.62, -0.66]) / np.linalg.norm([-0.42, -0.62, -0.66])
"""Unit vector to the light: above, left and in front of the dancer."""
AMBIENT, DIFFUSE = np.float32(0.54), np.float32(0.42)
RIM = np.float32(0.22)
"""Darkening of surfaces that face away from the viewer, so that an arm stands out from the shirt behind it."""

_LIGHT_X, _LIGHT_Y, _LIGHT_Z = LIGHT.astype(np.float32)
# Plain Python numbers would make numba compute in double precision, at half the speed.
_0, _1, _2, _HALF, _FULL = np.float32(0), np.float32(1), np.float32(2), np.float32(0.5), np.float32(255)
_MISSED, _TINY = np.float32(1e7), np.float32(1e-12)

_PART = np.dtype(
    [
        *(("a", "f4", 3), ("b", "f4", 3), ("radius_a", "f4"), ("radius_b", "f4"), ("flatten", "f4", (3, 3))),
        *(("near", "i4"), ("border", "f4"), ("far", "i4"), ("pattern", "i4"), ("axes", "f4", (3, 3))),
        *(("axis", "f4", 3), ("ray", "f4", 3), ("aside", "f4", (2, 3)), ("ahead", "f4", 2), ("stretch", "f4")),
    ]
)
"""A round cone, its paint, and its geometry in the space where it is round: `axis` from a to b, `ray` the direction of
the rays; `aside` and `ahead`, the offset of a ray across and along `ray` per pixel to the right and down; `stretch`,
the length there of one pixel of depth."""


def cast(
    image: NDArray[np.uint8], parts: Sequence[RoundCone], palette: NDArray[np.float32], patterns: NDArray[np.uint8]
) -> None:
    """Draw parts on `image`, in place; near parts hide far ones, and parts with NaN are skipped.

    Parameters
    ----------
    image : uint8 (height, width, 3), RGB, or (height, width, 4), RGBA with premultiplied alpha.
    palette : float32 (colours, 3) in 0..255.
    patterns : rows of the palette on unfolded balls, (patterns, side, side); see `render.clothes.unfolded_ball`.
    """
    ends = np.array([(part.a, part.b) for part in parts]).reshape(-1, 2, 3)
    radii = np.array([(part.radius_a, part.radius_b) for part in parts]).reshape(-1, 2, 1)
    there = np.isfinite(ends).all(axis=(1, 2))
    if not there.any():
        return
    size = np.array(image.shape[1::-1])
    low, high = (ends[..., :2] - radii)[there].min(axis=(0, 1)), (ends[..., :2] + radii)[there].max(axis=(0, 1))
    left, top = np.clip(np.floor(low), 0, size).astype(int)
    right, bottom = np.clip(np.ceil(high), 0, size).astype(int)
    if left < right and top < bottom:
        measured = _measure([part for part, is_there in zip(parts, there, strict=True) if is_there])
        _draw(image[top:bottom, left:right], int(left), int(top), measured, palette, patterns)


def _measure(parts: Sequence[RoundCone]) -> NDArray[np.void]:
    """Return the parts as records of `_PART`."""
    measured = np.zeros(len(parts), _PART)
    for name in ("a", "b", "radius_a", "radius_b", "flatten"):
        measured[name] = np.array([getattr(part, name) for part in parts])
    for name in ("near", "border", "far", "pattern", "axes"):
        measured[name] = np.array([getattr(part.paint, name) for part in parts])
    flatten = measured["flatten"]
    measured["axis"] = np.einsum("kij,kj->ki", flatten, measured["b"] - measured["a"])
    measured["stretch"] = np.linalg.norm(flatten[..., 2], axis=1)
    measured["ray"] = flatten[..., 2] / measured["stretch"][:, None]
    measured["ahead"] = np.einsum("ki,kij->kj", measured["ray"], flatten[..., :2])
    measured["aside"] = flatten[..., :2].swapaxes(1, 2) - measured["ahead"][..., None] * measured["ray"][:, None]
    return measured


@compiled()
def _dot(u: Any, v: Any) -> Any:
    return u[0] * v[0] + u[1] * v[1] + u[2] * v[2]


@compiled()
def _span(part: Any, x: Any, y: Any, rays: Any) -> Any:
    """Return the range of rays of a row that may hit a part; the row's first pixel begins at (x, y)."""
    radius = max(part.radius_a, part.radius_b)
    across, down = part.b[0] - part.a[0], part.b[1] - part.a[1]
    # The share of the part within its radius of the row. A horizontal part divides by zero: infinity is right.
    one, other = (y - radius - part.a[1]) / down, (y + radius - part.a[1]) / down
    begin, end = max(min(one, other), _0), min(max(one, other), _1)
    if not begin <= end:
        return 0, 0
    left = part.a[0] + min(begin * across, end * across) - radius - x
    right = part.a[0] + max(begin * across, end * across) + radius - x
    return max(int(left * OVERSAMPLING), 0), min(int(right * OVERSAMPLING) + 1, rays)


@compiled()
def _meet(part: Any, number: Any, x: Any, y: Any, depth: Any, who: Any, reach: Any, share: Any) -> None:
    """Record the hits of a row's rays, at (x, y), on a part where it is nearer than earlier hits.

    depth, who : (rays,), depth and part number of the nearest hit; reach : the distance along the ray in the part's
    round space, from the point nearest to end a; share : the position between a and b, 0..1.
    """
    aside, axis, radius_a, radius_b = part.aside, part.axis, part.radius_a, part.radius_b
    slope, length2, taper = _dot(axis, part.ray), _dot(axis, axis), radius_a - radius_b
    cone2 = length2 - taper * taper
    bend2 = cone2 - slope * slope
    # If one ball contains the other, or the cone is seen along its axis, only the round ends are visible.
    is_cone = cone2 > _0 and bend2 > np.float32(1e-3) * length2
    per_cone2, per_bend2 = (_1 / cone2, _1 / bend2) if is_cone else (_0, _0)

    a_x, a_y, b_x, b_y = part.a[0], y - part.a[1], part.b[0], y - part.b[1]
    xx, xy, yy = _dot(aside[0], aside[0]), _2 * _dot(aside[0], aside[1]), _dot(aside[1], aside[1])
    along_x, along = _dot(axis, aside[0]), _dot(axis, aside[1]) * a_y - radius_a * taper
    per_px = _1 / part.stretch
    ahead_x, ahead = part.ahead[0] * per_px, part.ahead[1] * per_px * a_y - part.a[2]
    for k in range(len(x)):
        from_a, from_b = x[k] - a_x, x[k] - b_x
        inside_a = radius_a * radius_a - (xx * from_a + xy * a_y) * from_a - yy * a_y * a_y
        inside_b = radius_b * radius_b - (xx * from_b + xy * b_y) * from_b - yy * b_y * b_y
        reach_a = -sqrt(inside_a) if inside_a > _0 else _MISSED
        reach_b = slope - sqrt(inside_b) if inside_b > _0 else _MISSED

        # A hit on the cone between the balls hides both.
        u = along_x * from_a + along
        under_root = u * u + bend2 * inside_a
        reach_cone = (slope * u - sqrt(cone2 * under_root)) * per_bend2
        at = (u + slope * reach_cone) * per_cone2
        on_cone = (under_root > _0) & (at > _0) & (at < _1)
        met = reach_cone if on_cone else min(reach_a, reach_b)
        at = at if on_cone else (_1 if reach_b < reach_a else _0)

        z = met * per_px - ahead_x * from_a - ahead
        nearer = (met < _MISSED) & (z < depth[k])
        depth[k] = z if nearer else depth[k]
        who[k] = number if nearer else who[k]
        reach[k] = met if nearer else reach[k]
        share[k] = at if nearer else share[k]


@compiled()
def _normal(part: Any, x: Any, y: Any, reach: Any, share: Any) -> Any:
    """Return the normal of the round surface at a hit; its length is not 1."""
    aside, ray, axis = part.aside, part.ray, part.axis
    x, y = x - part.a[0], y - part.a[1]
    u = aside[0, 0] * x + aside[1, 0] * y + ray[0] * reach - axis[0] * share
    v = aside[0, 1] * x + aside[1, 1] * y + ray[1] * reach - axis[1] * share
    w = aside[0, 2] * x + aside[1, 2] * y + ray[2] * reach - axis[2] * share
    return u, v, w


@compiled()
def _shade(part: Any, x: Any, y: Any, reach: Any, share: Any, light: Any) -> None:
    """Write the brightness of a part at the hits."""
    flatten = part.flatten
    for k in range(len(x)):
        normal = _normal(part, x[k], y, reach[k], share[k])
        u, v, w = _dot(flatten[0], normal), _dot(flatten[1], normal), _dot(flatten[2], normal)
        per_length = _1 / sqrt(u * u + v * v + w * w + _TINY)
        lit = max((u * _LIGHT_X + v * _LIGHT_Y + w * _LIGHT_Z) * per_length, _0)
        light[k] = AMBIENT + DIFFUSE * lit - RIM * (min(_1 + w * per_length, _1) - _HALF)


@compiled()
def _colour(part: Any, patterns: Any, x: Any, y: Any, reach: Any, share: Any, colour: Any) -> None:
    """Write the palette rows of a part at the hits."""
    if part.pattern < 0:
        near, border, far = part.near, part.border, part.far
        for k in range(len(x)):
            colour[k] = near if share[k] < border else far
        return
    axes, side = part.axes, patterns.shape[1]
    half = np.float32(side) * _HALF
    for k in range(len(x)):
        normal = _normal(part, x[k], y, reach[k], share[k])
        left, up, forward = _dot(axes[0], normal), _dot(axes[1], normal), _dot(axes[2], normal)
        per_size = _1 / (abs(left) + abs(up) + abs(forward) + _TINY)
        left, up = left * per_size, up * per_size
        folded_left, folded_up = copysign(_1 - abs(up), left), copysign(_1 - abs(left), up)
        left, up = (left, up) if forward > _0 else (folded_left, folded_up)
        row, column = np.int32(half + half * up), np.int32(half + half * left)
        colour[k] = min(max(row, 0), side - 1) * side + min(max(column, 0), side - 1)
    pattern = patterns[part.pattern].ravel()
    for k in range(len(x)):
        colour[k] = pattern[colour[k]]


@compiled(
    types.void(
        types.uint8[:, :, :],
        types.int64,
        types.int64,
        from_dtype(_PART)[::1],
        types.float32[:, ::1],
        types.uint8[:, :, ::1],
    )
)
def _draw(window: Any, left: int, top: int, parts: Any, palette: Any, patterns: Any) -> None:
    """Draw on a part of the picture whose first pixel begins at (left, top)."""
    height, width, channels = window.shape
    rays = width * OVERSAMPLING
    x = (left + (np.arange(rays) + 0.5) / OVERSAMPLING).astype(np.float32)
    depth, reach, share, light = np.empty_like(x), np.empty_like(x), np.empty_like(x), np.empty_like(x)
    who, colour = np.empty(rays, np.int32), np.empty(rays, np.int32)
    mean = np.empty((width, 4), np.float32)
    weight = np.float32(1 / OVERSAMPLING**2)
    for row in range(height):
        mean[:] = _0
        for line in range(OVERSAMPLING):
            y = np.float32(top + row + (line + 0.5) / OVERSAMPLING)
            depth[:], who[:] = np.inf, -1
            for number in range(len(parts)):
                a, b = _span(parts[number], left, y, rays)
                if a < b:
                    _meet(parts[number], np.int32(number), x[a:b], y, depth[a:b], who[a:b], reach[a:b], share[a:b])
            b = 0
            while b < rays:
                a, number = b, who[b]
                while b < rays and who[b] == number:
                    b += 1
                if number < 0:
                    continue
                part = parts[number]
                _shade(part, x[a:b], y, reach[a:b], share[a:b], light[a:b])
                _colour(part, patterns, x[a:b], y, reach[a:b], share[a:b], colour[a:b])
                for k in range(a, b):
                    column = k // OVERSAMPLING
                    for channel in range(3):
                        mean[column, channel] += min(palette[colour[k], channel] * light[k], _FULL) * weight
                    mean[column, 3] += _FULL * weight
        for column in range(width):
            if mean[column, 3] > _0:
                kept = _1 - mean[column, 3] / _FULL
                for channel in range(channels):
                    value = np.float32(window[row, column, channel]) * kept + mean[column, channel]
                    window[row, column, channel] = np.uint8(min(value + _HALF, _FULL))
