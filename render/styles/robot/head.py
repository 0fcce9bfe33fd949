"""The robot's head: an oval with ears, goggles that blink, a mouth, and an antenna on a spring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from render.body import HIPS, NECK, NOSE, SHORTEST_SPINE, head_centre
from render.shapes import Colour, Shapes, cones, ellipses
from render.styles.robot.parts import (
    EYE,
    LAMP,
    LID,
    LIGHT,
    METAL,
    METAL_RIM,
    NAVY,
    NAVY_RIM,
    PUPIL,
    RIM,
    SHINE,
    WHITE,
    Array,
    ball,
    dot,
    seen,
    unit,
)
from render.styles.robot.secondary_motion import ANTENNA

# All sizes are in torso lengths.
HEAD = np.array([0.3, 0.25], np.float32)
"""Half axes, across and upwards."""
HEAD_TILT = 0.7
"""How far the head leans from the direction of the spine to that of the nose."""
EYES_APART_RAD, EYES_UP = 0.44, 0.1
"""Angle of the eyes from the middle of the face, and their height in half axes."""
GOGGLE, LENS = 0.128, 0.102
STRAP, EAR, MOUTH, MOUTH_UP = 0.045, 0.085, 0.06, -0.46
ANTENNA_BALL = 0.055


@dataclass(frozen=True, eq=False)
class Head:
    """Position and direction of the head; up, ahead and left (of the dancer), (frames, 1, 3), are unit vectors."""

    centre: Array
    up: Array
    ahead: Array
    left: Array
    half: Array
    """Half axes, across and upwards, (frames, 1, 2)."""
    body: Array

    @classmethod
    def of(cls, points: Array, body: Array, stretch: Array) -> Head:
        spine = points[:, [NECK]] - points[:, HIPS].mean(axis=1, keepdims=True)
        length = np.linalg.norm(spine, axis=2, keepdims=True)
        up = np.where(length > SHORTEST_SPINE * body[..., None], unit(spine), np.array([0, -1, 0], np.float32))
        ahead = points[:, [NOSE]] - points[:, [NECK]]
        ahead = ahead - dot(ahead, up) * up
        up = unit(up + HEAD_TILT * ahead / body[..., None])
        ahead = unit(ahead - dot(ahead, up) * up)
        longer = (1 + stretch)[:, None, None]
        half = HEAD * body[..., None] * np.concatenate([1 / longer, longer], axis=2)
        return cls(head_centre(points[..., :2], body[:, 0])[:, None], up, ahead, np.cross(up, ahead), half, body)

    def at(self, direction: Array, height: float) -> Array:
        """Return the point on the surface in a horizontal direction, `height` half axes up: (frames, n, 2)."""
        return self.centre + self.half[..., :1] * direction[..., :2] + height * self.half[..., 1:] * self.up[..., :2]

    def round(self, place: Array, radius: float, turned: Array, colour: Colour, *more: ArrayLike) -> Shapes:
        """Return a disc on the surface, foreshortened by its angle to the viewer."""
        axis = radius * self.body[..., None] * unit(self.up[..., :2])
        return ellipses(place, axis, turned, colour, *more)

    def antenna(self, sway: Array) -> list[Shapes]:
        size, up = ANTENNA * self.body[..., None], self.up[..., :2]
        foot = self.centre + 0.95 * self.half[..., 1:] * up
        bend = foot + 0.55 * size * unit(up + 0.4 * sway[:, None])
        tip = bend + 0.45 * size * unit(up + 1.4 * sway[:, None])
        thick = 0.02 * self.body
        return [
            cones(foot, bend, thick, 0.8 * thick, METAL_RIM),
            cones(bend, tip, 0.8 * thick, 0.7 * thick, METAL_RIM),
            ball(tip, ANTENNA_BALL, self.body, LAMP),
        ]

    def ear(self, side: int, colour: Colour) -> tuple[Shapes, Array]:
        """Return the shapes, and the cosine of the angle to the viewer, (frames, 1)."""
        place, facing = self.at(1.08 * side * self.left, EYES_UP), -side * self.left[..., 2]
        turned = np.maximum(np.abs(facing), 0.45)
        layers = [self.round(place, EAR + RIM, turned, METAL_RIM), self.round(place, EAR, turned, colour)]
        return np.concatenate(layers, axis=1), facing

    def skull(self) -> list[Shapes]:
        tall, wide = self.half[..., 1:], self.half[..., 0]
        axis, rim = tall * unit(self.up[..., :2]), 1 + RIM * self.body / wide
        oval = wide / tall[..., 0]
        return [
            ellipses(self.centre, axis * rim[..., None], oval, METAL_RIM),
            ellipses(self.centre, axis, oval, METAL),
            ellipses(self.centre + 0.2 * tall * LIGHT, 0.7 * axis, oval, SHINE),
        ]

    def strap(self) -> Shapes:
        """Return the near half of a horizontal band around the head."""
        towards = unit(np.array([0, 0, -1], np.float32) + self.up[..., 2:] * self.up)
        angles = np.linspace(-np.pi / 2, np.pi / 2, 7, dtype=np.float32)[:, None]
        band = self.at(0.94 * (np.cos(angles) * towards + np.sin(angles) * np.cross(self.up, towards)), EYES_UP)
        return cones(band[:, :-1], band[:, 1:], STRAP * self.body, STRAP * self.body, NAVY)

    def goggle(self, side: int, lids: Array) -> tuple[Shapes, Array]:
        """Return the shapes, and the cosine of the angle to the viewer, (frames, 1)."""
        direction = np.cos(EYES_APART_RAD) * self.ahead + side * np.sin(EYES_APART_RAD) * self.left
        facing = -direction[..., 2]
        turned = np.clip(facing, 0.35, 1)
        frame, lens = self.at(direction, EYES_UP), self.at(1.06 * direction, EYES_UP)
        pupil = lens + 0.3 * LENS * self.body[..., None] * self.ahead[..., :2]
        glint = pupil + 0.25 * LENS * self.body[..., None] * LIGHT
        shut = lids[:, None]
        layers = [
            self.round(frame, GOGGLE + RIM / 2, turned, NAVY),
            self.round(lens, GOGGLE, turned, NAVY),
            self.round(lens, GOGGLE - RIM / 2, turned, NAVY_RIM),
            self.round(lens, LENS, turned, EYE),
            self.round(pupil, 0.52 * LENS, turned, PUPIL),
            self.round(glint, 0.19 * LENS, turned, WHITE),
            self.round(lens, LENS, turned, METAL_RIM, shut > 0, 1 - 2 * shut),
            self.round(lens, LENS, turned, LID, shut > 0, np.minimum(1 - 2 * shut + RIM / LENS, 1)),
        ]
        return np.concatenate(layers, axis=1), facing

    def mouth(self) -> Shapes:
        facing = -self.ahead[..., 2]
        axis = -MOUTH * self.body[..., None] * unit(self.up[..., :2])
        place = self.at(0.8 * self.ahead, MOUTH_UP)
        return ellipses(place, axis, 1.5 * np.maximum(facing, 0), PUPIL, seen(facing - 0.3), 0.0)
