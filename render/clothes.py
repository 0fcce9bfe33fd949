"""What the mannequin wears, and its face: which colour each point of a body part has.

A paint sees where a point lies on its part: the share of the way along it, and the direction in which
the surface points. Front and back differ, since that is how a pose estimator tells them apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from render.raycast import Directions, Paint, Pixels, along
from render.shapes import Colour

_COLOURS: dict[str, Colour] = {
    "nothing": (0, 0, 0),
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
PALETTE = np.array(list(_COLOURS.values()), np.float32)
"""(colours, 3) in 0..255."""
ROW = {name: row for row, name in enumerate(_COLOURS)}
"""The palette's rows by name."""


def banded(first: str, limit: float, second: str) -> Paint | int:
    """One colour up to a share of the way, another from there on."""
    if limit >= 1:
        return ROW[first]

    def paint(share: Pixels, direction: Directions) -> NDArray[np.uint8]:
        return np.where(share < limit, ROW[first], ROW[second]).astype(np.uint8)

    return paint


def shirt_front(chest: NDArray[np.float64]) -> Paint:
    """An open collar in front. `chest` are the rows to its left, up and forward, (3, 3), as below."""

    def paint(share: Pixels, direction: Directions) -> NDArray[np.uint8]:
        left, up, forward = (along(axis, direction) for axis in chest)
        open_front = (forward > 0) & (up > 0.35) & (np.abs(left) < 0.9 * (up - 0.35))
        return np.where(open_front, ROW["skin"], ROW["shirt"]).astype(np.uint8)

    return paint


def pocket(pelvis: NDArray[np.float64]) -> Paint:
    """A patch on the seat of the trousers."""

    def paint(share: Pixels, direction: Directions) -> NDArray[np.uint8]:
        left, up, forward = (along(axis, direction) for axis in pelvis)
        patch = (forward < 0) & (np.abs(left) < 0.45) & (np.abs(up) < 0.5)
        return np.where(patch, ROW["pocket"], ROW["trousers"]).astype(np.uint8)

    return paint


def shoe(down: NDArray[np.float64]) -> Paint:
    """A dark sole on the side that points along the shin, `down`."""

    def paint(share: Pixels, direction: Directions) -> NDArray[np.uint8]:
        return np.where(along(down, direction) > 0.55, ROW["sole"], ROW["shoe"]).astype(np.uint8)

    return paint


def face(head: NDArray[np.float64]) -> Paint:
    """Eyes, brows and a mouth in front, hair on top and behind."""

    def paint(share: Pixels, direction: Directions) -> NDArray[np.uint8]:
        left, up, forward = (along(axis, direction) for axis in head)
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

    return paint
