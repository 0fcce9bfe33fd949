"""Closed surfaces through cross-sections: the parts of a body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

Floats = NDArray[np.float64]
CAP_RINGS = 3
"""Rings that round off each end."""


@dataclass(frozen=True)
class Section:
    """A cross-section of a part: an ellipse, or a rounder or squarer oval.

    Parameters
    ----------
    at : its place along the part, in metres.
    width, depth : half the sides of the oval in metres.
    ahead : how far its centre lies from the axis in the direction of the depth, in metres.
    """

    at: float
    width: float
    depth: float
    ahead: float = 0.0


@dataclass(frozen=True, eq=False)
class Surface:
    """A closed surface of triangles.

    Parameters
    ----------
    vertices : (vertices, 3) in metres.
    along : (vertices,), the place of each along the part in metres.
    triangles : (triangles, 3) indices of vertices, counter-clockwise seen from outside.
    """

    vertices: Floats
    along: Floats
    triangles: NDArray[np.intp]


def loft(
    sections: Sequence[Section],
    *,
    origin: Floats,
    axis: Floats,
    ahead: Floats,
    rings: int,
    sides: int,
    squareness: float = 2.0,
    rounding: tuple[float, float] = (1.0, 1.0),
) -> Surface:
    """Return the surface through cross-sections along a straight axis, rounded off beyond both ends.

    Parameters
    ----------
    sections : in the order of `Section.at`.
    origin, axis, ahead : (3,) where the axis begins, and the unit directions of the axis and of the depth.
    rings, sides : number of cross-sections between the ends, and of vertices of each.
    squareness : exponent of the ovals (superellipses): 2 for an ellipse, more for rounded rectangles.
    rounding : how far each end reaches beyond its section, in means of half its sides.
    """
    table = np.array([(each.at, each.width, each.depth, each.ahead) for each in sections])
    at = np.linspace(table[0, 0], table[-1, 0], rings)
    shape = np.column_stack([at, PchipInterpolator(table[:, 0], table[:, 1:])(at)])
    shape = np.concatenate([_cap(shape[0], -rounding[0])[::-1], shape, _cap(shape[-1], rounding[1])])
    poles = [_pole(shape_end, reach) for shape_end, reach in ((table[0], -rounding[0]), (table[-1], rounding[1]))]
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    oval = np.column_stack(
        [np.sign(part) * np.abs(part) ** (2 / squareness) for part in (np.cos(angle), np.sin(angle))]
    )
    across = np.cross(ahead, axis)

    def place(along: Floats, width: Floats, depth: Floats) -> Floats:
        return np.asarray(origin + along[..., None] * axis + width[..., None] * across + depth[..., None] * ahead)

    along = np.repeat(shape[:, :1], sides, axis=1)
    points = place(along, shape[:, 1:2] * oval[:, 0], shape[:, 2:3] * oval[:, 1] + shape[:, 3:4])
    tips = np.array([place(np.array(tip_at), np.array(0.0), np.array(tip_ahead)) for tip_at, tip_ahead in poles])
    return Surface(
        np.concatenate([points.reshape(-1, 3), tips]),
        np.concatenate([along.ravel(), [tip_at for tip_at, _ in poles]]),
        _triangles(len(shape), sides),
    )


def _cap(section: Floats, reach: float) -> Floats:
    """Return shrinking rings beyond a section (at, width, depth, ahead), towards its pole."""
    beyond = np.arange(1, CAP_RINGS + 1) * (np.pi / 2) / (CAP_RINGS + 1)
    size = np.cos(beyond)[:, None]
    at = section[0] + reach * (section[1] + section[2]) / 2 * np.sin(beyond)
    return np.column_stack([at, size * section[1:3], np.full(CAP_RINGS, section[3])])


def _pole(section: Floats, reach: float) -> tuple[float, float]:
    """Return where the rounded end of a section closes: along the part, and ahead."""
    return float(section[0] + reach * (section[1] + section[2]) / 2), float(section[3])


def _triangles(rings: int, sides: int) -> NDArray[np.intp]:
    """Return the triangles between neighbouring rings, and those that close the ends at two last vertices."""
    ring, side = (index.ravel() for index in np.indices((rings - 1, sides)))
    corner = ring * sides + side
    beside = ring * sides + (side + 1) % sides
    walls = np.concatenate(
        [np.column_stack([corner, beside, corner + sides]), np.column_stack([beside, beside + sides, corner + sides])]
    )
    side = np.arange(sides)
    beside = (side + 1) % sides
    last = (rings - 1) * sides
    first_pole, last_pole = np.full(sides, rings * sides), np.full(sides, rings * sides + 1)
    return np.concatenate(
        [
            walls,
            np.column_stack([beside, side, first_pole]),
            np.column_stack([last + side, last + beside, last_pole]),
        ]
    )


def vertex_normals(vertices: Floats, triangles: NDArray[np.intp]) -> Floats:
    """Return unit normals (vertices, 3): the mean of the surrounding triangles', weighted by their areas."""
    corners = vertices[triangles]
    facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], facing)
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12))


def smoothstep(values: Floats, low: float, high: float) -> Floats:
    """Return a smooth rise from 0 at `low` to 1 at `high`."""
    share = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share))
