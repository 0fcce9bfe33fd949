"""The robot's colours, and the parts that it has several of."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from render.shapes import Colour, Shapes, discs, ellipses

Array = NDArray[np.float32]

NAVY, NAVY_RIM = (30, 44, 104), (88, 114, 190)
METAL, METAL_RIM, SHINE = (200, 208, 222), (92, 104, 132), (240, 243, 249)
RUBBER = (66, 74, 100)
EYE, LID, PUPIL, WHITE = (228, 246, 253), (176, 186, 206), (20, 27, 58), (255, 255, 255)
LAMP = (250, 222, 84)
GLASSES = (((22, 40, 122), (70, 94, 176)), ((18, 92, 84), (60, 150, 138)), ((112, 30, 74), (170, 84, 126)))
"""Colours of the torso and its rim; the person's number chooses a pair."""
SOLE = (60, 80, 152)
GLASS_OPACITY = 0.5
"""Opacity of each of the two layers of the torso, which stays transparent."""
LIGHT = np.array([-0.45, -0.89], np.float32)
"""Direction to the light in the picture, a unit vector."""

LEAST_PX = 1e-6
"""Shortest vector that has a direction."""

RIM = 0.02
"""Width of the rim of every part, in torso lengths, which separates it from the parts behind it."""


def dot(a: Array, b: Array) -> Array:
    return np.asarray((a * b).sum(axis=-1, keepdims=True))


def unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), LEAST_PX), np.float32)


def aside(vectors: Array) -> Array:
    """Return the vectors turned by 90 degrees in the picture."""
    return vectors[..., ::-1] * np.array([-1, 1], np.float32)


def seen(facing: Array) -> Array:
    """Return the opacity of a surface from the cosine of its angle to the viewer; it fades instead of popping."""
    return np.asarray(np.clip(facing / 0.2, 0, 1), np.float32)


def faded(rows: Shapes, opacity: ArrayLike) -> Shapes:
    faint = rows.copy()
    faint[..., -1] *= np.asarray(opacity)
    return faint


def ball(place: Array, radius: float, body: Array, colour: Colour) -> Shapes:
    glint = place + 0.5 * radius * body[..., None] * LIGHT
    layers = [
        discs(place, (radius + RIM) * body, METAL_RIM),
        discs(place, radius * body, colour),
        discs(glint, 0.25 * radius * body, WHITE, 0.6),
    ]
    return np.concatenate(layers, axis=1)


def half_moon(flat: Array, axis: Array, height: float, half_width: ArrayLike, body: Array, inside: Colour) -> Shapes:
    """Return half a ball: `axis`, (frames, 1, 3), points to its round side, `inside` is the colour of its flat side."""
    up, turned = unit(axis[..., :2]), axis[..., 2] * np.abs(axis[..., 2])
    level = np.hypot(axis[..., 0], axis[..., 1])

    def halves(rim: float, dome: Colour, side: ArrayLike) -> tuple[Shapes, Shapes]:
        wide = (np.asarray(half_width) + rim) * body
        tall = np.maximum(np.hypot((height + rim) * body * level, wide * turned), LEAST_PX)
        disc = ellipses(flat, wide[..., None] * aside(up), np.abs(turned) + rim * body / wide, side)
        return disc, ellipses(flat, tall[..., None] * up, wide / tall, dome, 1.0, 0.0)

    near = turned > 0
    flat_side, dome = halves(0.0, NAVY, np.where(near[..., None], inside, NAVY))
    layers = [*halves(RIM, NAVY_RIM, NAVY_RIM), faded(flat_side, ~near), dome, faded(flat_side, near)]
    return np.concatenate(layers, axis=1)
