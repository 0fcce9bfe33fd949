"""The mannequin's clothes and face: the colour of each point of a body part.

A pattern is a function of the surface normal in the axes of its part: left, up and forward. Front and back differ,
so that a pose estimator can distinguish them. Patterns are painted once, on a ball unfolded into a square.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from render.shapes import Colour

Direction = NDArray[np.float64]
"""One component of a unit vector at each point, all of one shape."""
Rows = NDArray[np.uint8]
"""Rows of the palette, of the same shape."""

PATTERN_SIDE = 512
"""Side of an unfolded ball, in points: less than a pixel apart on a head in a 4K picture."""

_COLOURS = {
    "skin": (226, 174, 144),
    "hair": (62, 42, 34),
    "white": (245, 243, 240),
    "iris": (38, 30, 28),
    "lips": (176, 84, 80),
    "shirt": (196, 52, 58),
    "trousers": (48, 66, 112),
    "pocket": (38, 54, 94),
    "shoe": (242, 240, 236),
    "sole": (60, 60, 66),
}
SHIRTS: tuple[Colour, ...] = (_COLOURS["shirt"], (52, 120, 160), (222, 176, 62))
"""Colours of the shirt; the person's number chooses one."""
ROW = {name: row for row, name in enumerate(_COLOURS)}
"""The palette's rows by name."""


def palette(person: int) -> NDArray[np.float32]:
    """Return the colours of a person, float32 (colours, 3) in 0..255; numbers start at 0."""
    colours = _COLOURS | {"shirt": SHIRTS[person % len(SHIRTS)]}
    return np.array(list(colours.values()), np.float32)


class Paint(NamedTuple):
    """The colours of a body part.

    Parameters
    ----------
    near, far : rows of the palette, up to the share `border` of the way from end a to end b, and from there on.
    pattern : row of `patterns()` that replaces them; -1 for none.
    axes : (3, 3), the pattern's left, up and forward in the picture, unit vectors at right angles.
    """

    near: int
    border: float
    far: int
    pattern: int = -1
    axes: NDArray[np.float64] = np.eye(3)


def plain(colour: str) -> Paint:
    """Return a paint of one colour."""
    return banded(colour, 1.0, colour)


def banded(first: str, limit: float, second: str) -> Paint:
    """Return a paint with one colour up to a share of the way and another from there on."""
    return Paint(ROW[first], limit, ROW[second])


def patterned(name: str, axes: NDArray[np.float64]) -> Paint:
    """Return a paint with one of `PATTERNS`, turned to a part's axes."""
    return Paint(0, 0.0, 0, list(PATTERNS).index(name), axes)


def shirt_front(left: Direction, up: Direction, forward: Direction) -> Rows:
    """Paint an open collar in front."""
    open_front = (forward > 0) & (up > 0.35) & (np.abs(left) < 0.9 * (up - 0.35))
    return np.where(open_front, ROW["skin"], ROW["shirt"]).astype(np.uint8)


def pocket(left: Direction, up: Direction, forward: Direction) -> Rows:
    """Paint a patch on the seat of the trousers."""
    patch = (forward < 0) & (np.abs(left) < 0.45) & (np.abs(up) < 0.5)
    return np.where(patch, ROW["pocket"], ROW["trousers"]).astype(np.uint8)


def shoe(left: Direction, up: Direction, forward: Direction) -> Rows:
    """Paint a dark sole below."""
    return np.where(up < -0.55, ROW["sole"], ROW["shoe"]).astype(np.uint8)


def face(left: Direction, up: Direction, forward: Direction) -> Rows:
    """Paint eyes, brows and a mouth in front, hair on top and behind."""
    beside = np.abs(left)
    rows = np.full(left.shape, ROW["skin"], np.uint8)
    front = forward > 0
    eye = np.abs(beside - 0.36)
    rows[front & ((left / 0.28) ** 2 + ((up + 0.52 - 0.9 * left**2) / 0.06) ** 2 < 1)] = ROW["lips"]
    rows[front & ((eye / 0.17) ** 2 + ((up - 0.08) / 0.09) ** 2 < 1)] = ROW["white"]
    rows[front & ((eye / 0.085) ** 2 + ((up - 0.08) / 0.085) ** 2 < 1)] = ROW["iris"]
    rows[front & (eye < 0.2) & (np.abs(up - 0.31 + 1.2 * eye**2) < 0.035)] = ROW["hair"]
    rows[
        (up > 0.6) | ((forward < -0.05) & (up > -0.6)) | (forward < -0.4) | ((up > 0.2 + 0.6 * forward) & (up > 0))
    ] = ROW["hair"]
    return rows


PATTERNS = {"shirt front": shirt_front, "pocket": pocket, "shoe": shoe, "face": face}


@cache
def patterns() -> Rows:
    """Return all patterns on unfolded balls, (patterns, side, side)."""
    return np.stack([pattern(*unfolded_ball(PATTERN_SIDE)) for pattern in PATTERNS.values()])


def unfolded_ball(side: int) -> NDArray[np.float64]:
    """Return unit vectors (3, side, side), left, up and forward: the octahedral map of a ball onto a square.

    Columns go left, rows go up; the centre points forward, the corners back. Z. H. Cigolle and others, A Survey
    of Efficient Representations for Independent Unit Vectors (JCGT 3(2), 2014).
    """
    up, left = np.indices((side, side)) * (2 / side) + (1 / side - 1)
    forward = 1 - np.abs(left) - np.abs(up)
    folded = np.maximum(-forward, 0)
    directions = np.stack([left - np.copysign(folded, left), up - np.copysign(folded, up), forward])
    return np.asarray(directions / np.linalg.norm(directions, axis=0))
