"""The robot: a glass torso, metal limbs, blinking goggles, and springs that react to the motion."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER
from render.body import HIPS, NECK, SHOULDERS, torso_corners
from render.shapes import Colour, Shapes, cones, ellipses, glows, hulls, soft_ellipses
from render.stage.stage import StagedClip
from render.styles.paint_order import in_paint_order, paint_order
from render.styles.robot.depth import estimated_depth
from render.styles.robot.head import Head
from render.styles.robot.parts import (
    GLASS_OPACITY,
    GLASSES,
    LAMP,
    LIGHT,
    METAL,
    METAL_RIM,
    NAVY,
    NAVY_RIM,
    RIM,
    RUBBER,
    SHINE,
    SOLE,
    WHITE,
    Array,
    aside,
    ball,
    dot,
    faded,
    half_moon,
    seen,
    unit,
)
from render.styles.robot.secondary_motion import SecondaryMotion
from render.styles.style import ShapesFigure, shapes_figures
from render.theme import Theme

# All sizes are in torso lengths.
LIMBS = {
    "arm": (("shoulder", 0.085, 0.052), ("elbow", 0.046, 0.08), "wrist", 0.085),
    "leg": (("hip", 0.11, 0.068), ("knee", 0.06, 0.105), "ankle", 0.105),
}
"""Two bars per limb: start joint, radii at start and end; then the end joint and the radius of the ball between."""
HAND_REACH, HAND_WIDTH = 0.13, 0.145
FOOT_HEIGHT, FOOT_WIDTH, FOOT_LENGTH = 0.2, 0.15, 0.26
"""Width and length are half sizes."""
TORSO_RADIUS, TORSO_RIM = 0.1, 0.04
TORSO_DEPTH = np.array([0.16, 0.1], np.float32)
"""Half depths at shoulders and hips, without the radius."""
LAMP_SIZE, LAMP_UP = 0.07, 0.2


class BopBot:
    """A robot that is squashed when it lands and stretched when it jumps."""

    default_theme = "light"
    headroom = 0.35

    def __init__(self, theme: Theme) -> None:
        self.sides = {"left": theme.left, "right": theme.right}
        self.glass, self.glass_rim = GLASSES[theme.person % len(GLASSES)]

    def figures(self, dancer: StagedClip) -> Iterator[ShapesFigure]:
        """Yield one figure per frame; parts with missing joints are left out."""
        if len(dancer):
            secondary = SecondaryMotion.of(dancer)
            yield from shapes_figures(dancer, lambda clip, frames: self.shapes(clip, frames, secondary[frames]))

    def shapes(self, dancer: StagedClip, frames: NDArray[np.intp], secondary: SecondaryMotion) -> Shapes:
        """Return the shapes of some frames of a clip, (frames, shapes, 14), farthest first; `secondary` is of them."""
        joints, body = dancer.joints[frames], dancer.body[frames, None]
        depth = None if dancer.depth is None else dancer.depth[frames]
        away = estimated_depth(joints, body) if depth is None else depth
        points = np.concatenate([joints, away[..., None]], axis=-1)
        parts = {"torso": self._torso(points, body, secondary), "head": self._head(points, body, secondary)}
        for side, colour in self.sides.items():
            for limb in LIMBS:
                parts[f"{side}_{limb}"] = _limb(points, body, side, limb, colour)
        return in_paint_order(parts, paint_order(joints, body[:, 0], depth))

    def _torso(self, points: Array, body: Array, secondary: SecondaryMotion) -> Shapes:
        joints, size = points[..., :2], body[..., None]
        corners = torso_corners(joints)
        middle = corners.mean(axis=1, keepdims=True)
        ends = corners.reshape(-1, 2, 2, 2).mean(axis=2)
        up = unit(ends[:, [0]] - ends[:, [1]])
        across = aside(up)
        half = (corners[:, 0::2] - corners[:, 1::2]) / 2
        wide, raised = dot(half, across), dot(half, up)
        thick = np.hypot(wide, TORSO_DEPTH[:, None] * size)
        half = np.where(wide < 0, -1, 1) * thick * across + raised * np.abs(wide) / thick * up
        shaped = np.stack([ends + half, ends - half], axis=2).reshape(-1, 4, 2) - middle
        longer = (1 + secondary.stretch)[:, None, None]
        shaped = middle + longer * dot(shaped, up) * up + dot(shaped, across) / longer * across
        whole = np.isfinite(joints[:, [*SHOULDERS, *HIPS], 0]).all(axis=1)[:, None, None]
        corners = np.where(whole, shaped, corners)

        left = points[:, [SHOULDERS[0]]] - points[:, [SHOULDERS[1]]]
        spine = points[:, SHOULDERS].mean(axis=1, keepdims=True) - points[:, HIPS].mean(axis=1, keepdims=True)
        chest = unit(np.cross(left, spine))
        lamp = middle + LAMP_UP * size * up + TORSO_DEPTH[0] * size * chest[..., :2]
        gleam = middle + 0.15 * size * up - 0.6 * thick[:, [0]] * across
        turned, lit = np.clip(-chest[..., 2], 0.3, 1), seen(-chest[..., 2])
        shine = secondary.shine[:, None]
        layers = [
            hulls(corners[:, None], TORSO_RADIUS * body, self.glass_rim, GLASS_OPACITY),
            hulls(corners[:, None], (TORSO_RADIUS - TORSO_RIM) * body, self.glass, GLASS_OPACITY),
            soft_ellipses(gleam, 0.3 * size * up, 0.3, WHITE, 0.35 * whole[..., 0]),
            ellipses(lamp, (LAMP_SIZE + RIM) * size * up, turned, NAVY_RIM, lit),
            ellipses(lamp, LAMP_SIZE * size * up, turned, LAMP, lit),
            glows(lamp, lamp, 0, 0, (LAMP_SIZE + 0.3 * shine) * body, LAMP, shine * lit),
        ]
        return np.concatenate(layers, axis=1)

    def _head(self, points: Array, body: Array, secondary: SecondaryMotion) -> Shapes:
        head = Head.of(points, body, secondary.stretch)
        worn = [
            head.ear(1, self.sides["left"]),
            head.ear(-1, self.sides["right"]),
            head.goggle(1, secondary.lids),
            head.goggle(-1, secondary.lids),
        ]
        layers = [
            cones(points[:, [NECK], :2], head.centre, 0.065 * body, 0.065 * body, RUBBER),
            *head.antenna(secondary.sway),
            *(faded(shapes, seen(facing) < 1) for shapes, facing in worn),
            *head.skull(),
            head.strap(),
            *(faded(shapes, seen(facing)) for shapes, facing in worn),
            head.mouth(),
        ]
        return np.concatenate(layers, axis=1)


def _limb(points: Array, body: Array, side: str, limb: str, colour: Colour) -> Shapes:
    (first, *upper), (second, *lower), last, joint = LIMBS[limb]
    chain = points[:, [DANCER.index(f"{side}_{name}") for name in (first, second, last)]]
    starts, ends = chain[:, :-1, :2], chain[:, 1:, :2]
    thick, thin = np.array([upper, lower], np.float32).T
    shift = 0.35 * LIGHT * body[..., None]
    layers = [
        cones(starts, ends, (thick + RIM) * body, (thin + RIM) * body, METAL_RIM),
        cones(starts, ends, thick * body, thin * body, METAL),
        cones(starts + shift * thick[:, None], ends + shift * thin[:, None], thick * body / 2, thin * body / 2, SHINE),
        _hand(chain, body) if limb == "arm" else _foot(chain, points[:, [DANCER.index(f"{side}_toe")]], body),
        ball(ends[:, [0]], joint, body, colour),
    ]
    return np.concatenate(layers, axis=1)


def _hand(arm: Array, body: Array) -> Shapes:
    along = unit(arm[:, [2]] - arm[:, [1]])
    flat = arm[:, [2], :2] + 0.02 * body[..., None] * along[..., :2]
    return half_moon(flat, along, HAND_REACH, HAND_WIDTH, body, NAVY)


def _foot(leg: Array, toe: Array, body: Array) -> Shapes:
    size, ankle = body[..., None], leg[:, [2]]
    shin = unit(leg[:, [1]] - ankle)
    up = np.where(np.isfinite(shin), shin, np.array([0, -1, 0], np.float32))
    foot = toe - ankle
    level = unit(foot + 0.25 * np.linalg.norm(foot, axis=-1, keepdims=True) * up)
    top = unit(up - dot(up, level) * level)
    flat = toe - 0.5 * dot(foot, level) * level - 0.05 * size * top
    along = np.hypot(level[..., 0], level[..., 1])
    return half_moon(flat[..., :2], top, FOOT_HEIGHT, FOOT_WIDTH + (FOOT_LENGTH - FOOT_WIDTH) * along, body, SOLE)
