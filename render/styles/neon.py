"""Glowing tubes in the dark, left in orange and right in blue; hands, feet and head draw lines of light behind them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER
from render.body import HIPS, NECK, head_centre, nose_from_neck, paint_order
from render.shapes import Colour, Shapes, cones, glows, hulls
from render.stage.stage import StagedClip
from render.styles.stick import in_paint_order
from render.styles.style import FlatStyle
from render.theme import Theme

Array = NDArray[np.float32]

WHITE_HOT: Colour = (255, 252, 245)

# All sizes are in torso lengths.
TUBE_RADIUS, CORE_RADIUS = 0.045, 0.014
GLOW, GLOW_OPACITY = 0.13, 0.55
"""How far light reaches from a tube, and how strong it is beside it."""
HEAD_RADIUS = 0.17
HEAD_SIDES = 24
"""The head is a ring of so many straight pieces."""
HEAD_GLOW_OPACITY = 0.35
"""Its light is that of a disc: it fills the ring."""

TRAIL_S, TRAIL_STEPS = 0.5, 16
"""A trail shows where a joint was up to so long ago, in so many pieces."""
TRAIL_RADIUS, TRAIL_OPACITY = 0.05, 0.85
SLOW, FAST = 0.3, 2.0
"""What moves as slowly leaves no trail, and what is as fast the brightest: in torso lengths a second."""

_CHAINS = {
    "leg": ("hip", "knee", "ankle", "toe"),
    "arm": ("shoulder", "elbow", "wrist"),
}
_TURN = np.linspace(0, 2 * np.pi, HEAD_SIDES + 1)
_RING = np.stack([np.sin(_TURN), -np.cos(_TURN)], axis=1).astype(np.float32)
_TRAILING = [DANCER.index(joint) for joint in ("left_wrist", "right_wrist", "left_ankle", "right_ankle")]


class Neon(FlatStyle):
    """Tubes with a white-hot core."""

    suits = "dark"

    def __init__(self, theme: Theme) -> None:
        self.theme = theme

    def shapes(self, dancer: StagedClip, frames: NDArray[np.intp]) -> Shapes:
        """(frames, shapes, 14) of some of a clip's frames: the trails, then the body, what is farthest first."""
        joints, body = dancer.joints[frames], dancer.body[frames, None]
        depth = None if dancer.depth is None else dancer.depth[frames]
        neck, hips = joints[:, [NECK]], joints[:, HIPS]
        parts = {
            "torso": _tubes(neck, hips.mean(axis=1, keepdims=True), body, self.theme.body),
            "head": _head(joints, body, self.theme.body),
        }
        for side, colour in (("left", self.theme.left), ("right", self.theme.right)):
            for limb, chain in _CHAINS.items():
                path = joints[:, [DANCER.index(f"{side}_{joint}") for joint in chain]]
                root = neck if limb == "arm" else hips.mean(axis=1, keepdims=True)
                starts = np.concatenate([root, path[:, :-1]], axis=1)
                parts[f"{side}_{limb}"] = _tubes(starts, path, body, colour)
        figure = in_paint_order(parts, paint_order(joints, body[:, 0], depth))
        return np.concatenate([self._trails(dancer, frames), figure], axis=1)

    def _trails(self, dancer: StagedClip, frames: NDArray[np.intp]) -> Shapes:
        """Lines of light, (frames, shapes, 14): from where something is to where it was, ever fainter."""
        begin = max(int(frames[0] - TRAIL_S * dancer.fps) - 2, 0)
        recent = dancer[begin : int(frames[-1]) + 2]
        moving = np.concatenate([recent.joints[:, _TRAILING], _crowns(recent.joints, recent.body)], axis=1)
        colours = np.array([self.theme.left, self.theme.right, self.theme.left, self.theme.right, self.theme.body])
        ages_s = np.linspace(0, TRAIL_S, TRAIL_STEPS + 1)
        path = at_times(moving, frames[:, None] - begin - ages_s * dancer.fps)
        steps = np.diff(path, axis=1)
        body = dancer.body[frames, None, None]
        speed = np.hypot(steps[..., 0], steps[..., 1]) / body * (TRAIL_STEPS / TRAIL_S)
        young = np.linspace(1, 0, TRAIL_STEPS + 1, dtype=np.float32)[:, None]
        sides = _sides(steps) * (TRAIL_RADIUS * young * body)[..., None]
        corners = np.stack([path + sides, path - sides], axis=-2)
        ribbons = np.concatenate([corners[:, :-1], corners[:, 1:]], axis=-2)
        bright = young[:-1] * np.clip((speed - SLOW) / (FAST - SLOW), 0, 1)
        table = hulls(ribbons, 0.0, colours, TRAIL_OPACITY * bright)
        return table.reshape(len(frames), -1, table.shape[-1])


def at_times(path: Array, places: NDArray[np.float64]) -> Array:
    """Points of a path between its frames; NaN before its beginning and beside missing points.

    The path is bent as E. Catmull and R. Rom do it (1974), and straight where it lacks a neighbour.

    path : (frames, ..., 2); places : (...) in frames, at most the last. Returns (*places, ..., 2).
    """
    first = np.floor(np.maximum(places, 0)).astype(np.intp)
    share = (places - first).astype(np.float32)[(..., *[None] * (path.ndim - 1))]
    padded = np.pad(path, ((1, 2), *[(0, 0)] * (path.ndim - 1)), constant_values=np.nan)
    before, start, end, after = (padded[first + step] for step in range(4))
    leaving = np.where(np.isfinite(before), (end - before) / 2, end - start)
    arriving = np.where(np.isfinite(after), (after - start) / 2, end - start)
    bend = (share - 1) * (leaving - (end - start)) + share * (arriving - (end - start))
    between = start + share * ((end - start) + (share - 1) * bend)
    return np.asarray(np.where(share < 0, np.float32(np.nan), np.where(share == 0, start, between)))


def _sides(steps: Array) -> Array:
    """The unit vectors at right angles to paths, (frames, steps + 1, n, 2), from steps some of which are missing."""
    known = np.pad(np.nan_to_num(steps), ((0, 0), (1, 1), (0, 0), (0, 0)))
    ahead = known[:, :-1] + known[:, 1:]
    length = np.maximum(np.hypot(ahead[..., 0], ahead[..., 1]), np.float32(1e-6))
    return np.asarray(np.stack([-ahead[..., 1], ahead[..., 0]], axis=-1) / length[..., None])


def _head(joints: Array, body: Array, colour: Colour) -> Shapes:
    neck, centre = joints[:, [NECK]], head_centre(joints, body[:, 0])[:, None]
    ring = centre + HEAD_RADIUS * body[..., None] * _RING
    length = np.maximum(np.linalg.norm(centre - neck, axis=2), np.float32(1e-6))
    chin = neck + (centre - neck) * np.maximum(1 - HEAD_RADIUS * body / length, 0)[..., None]
    radius = HEAD_RADIUS * body
    return np.concatenate(
        [
            glows(centre, centre, radius, radius, GLOW * body, colour, HEAD_GLOW_OPACITY),
            _light(neck, chin, body, colour),
            *_glass(
                np.concatenate([neck, ring[:, :-1]], axis=1), np.concatenate([chin, ring[:, 1:]], axis=1), body, colour
            ),
        ],
        axis=1,
    )


def _crowns(joints: Array, body: Array) -> Array:
    """The tops of the heads, (frames, 1, 2)."""
    up, _, _ = nose_from_neck(joints, body)
    return np.asarray((head_centre(joints, body) + HEAD_RADIUS * body[:, None] * up)[:, None])


def _tubes(starts: Array, ends: Array, body: Array, colour: Colour) -> Shapes:
    """Glowing tubes, (frames, 3 * tubes, 14)."""
    return np.concatenate([_light(starts, ends, body, colour), *_glass(starts, ends, body, colour)], axis=1)


def _light(starts: Array, ends: Array, body: Array, colour: Colour) -> Shapes:
    radius = TUBE_RADIUS * body
    return glows(starts, ends, radius, radius, GLOW * body, colour, GLOW_OPACITY)


def _glass(starts: Array, ends: Array, body: Array, colour: Colour) -> list[Shapes]:
    radius, core = TUBE_RADIUS * body, CORE_RADIUS * body
    return [cones(starts, ends, radius, radius, colour), cones(starts, ends, core, core, WHITE_HOT)]
