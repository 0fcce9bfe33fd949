"""Glowing tubes in the dark, left in orange and right in blue; hands, feet and head leave trails of light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER
from render.body import HIPS, LIMBS, NECK, head_centre, limb_chain, nose_from_neck
from render.shapes import Colour, Shapes, cones, glows, hulls
from render.stage.stage import StagedClip
from render.styles.paint_order import in_paint_order, paint_order
from render.styles.style import ShapesStyle
from render.theme import Theme

Array = NDArray[np.float32]

WHITE_HOT: Colour = (255, 252, 245)

# All sizes are in torso lengths.
TUBE_RADIUS, CORE_RADIUS = 0.045, 0.014
GLOW, GLOW_OPACITY = 0.13, 0.55
"""How far the light of a tube reaches from its edge, and its opacity at the edge."""
HEAD_RADIUS = 0.17
HEAD_SIDES = 24
"""The head is a ring of this number of straight tubes."""
HEAD_GLOW_OPACITY = 0.35
"""The light of the head is that of a disc, which fills the ring."""

TRAIL_S, TRAIL_STEPS = 0.5, 16
"""How far back in time a trail goes, and the number of its pieces."""
TRAIL_RADIUS, TRAIL_OPACITY = 0.05, 0.85
SLOW, FAST = 0.3, 2.0
"""Speeds in torso lengths per second: at `SLOW` and below there is no trail, from `FAST` on it is brightest."""

_TURN = np.linspace(0, 2 * np.pi, HEAD_SIDES + 1)
_RING = np.stack([np.sin(_TURN), -np.cos(_TURN)], axis=1).astype(np.float32)
_TRAILING = [DANCER.index(joint) for joint in ("left_wrist", "right_wrist", "left_ankle", "right_ankle")]


class Neon(ShapesStyle):
    """Tubes with a white-hot core."""

    default_theme = "dark"

    def __init__(self, theme: Theme) -> None:
        self.theme = theme

    def shapes(self, dancer: StagedClip, frames: NDArray[np.intp]) -> Shapes:
        """Return the shapes of some frames of a clip, (frames, shapes, 14): trails, then the body, farthest first."""
        joints, body = dancer.joints[frames], dancer.body[frames, None]
        depth = None if dancer.depth is None else dancer.depth[frames]
        neck, hips = joints[:, [NECK]], joints[:, HIPS].mean(axis=1, keepdims=True)
        parts = {
            "torso": _tubes(neck, hips, body, self.theme.body),
            "head": _head(joints, body, self.theme.body),
        }
        for side, colour in (("left", self.theme.left), ("right", self.theme.right)):
            for limb in LIMBS:
                chain = limb_chain(joints, side, limb)
                starts = np.concatenate([neck if limb == "arm" else hips, chain[:, :-1]], axis=1)
                parts[f"{side}_{limb}"] = _tubes(starts, chain, body, colour)
        figure = in_paint_order(parts, paint_order(joints, body[:, 0], depth))
        return np.concatenate([self._trails(dancer, frames), figure], axis=1)

    def _trails(self, dancer: StagedClip, frames: NDArray[np.intp]) -> Shapes:
        """Return the trails, (frames, shapes, 14): ribbons along the last `TRAIL_S` of a path, fainter with age."""
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


def at_times(path: Array, times: NDArray[np.float64]) -> Array:
    """Interpolate a path between its frames: Catmull-Rom (1974), linear where a neighbouring point is missing.

    Parameters
    ----------
    path : (frames, ..., 2).
    times : (...), in frames, at most the last one.

    Returns
    -------
    (*times.shape, ..., 2); NaN before the first frame and beside missing points.
    """
    first = np.floor(np.maximum(times, 0)).astype(np.intp)
    share = (times - first).astype(np.float32)[(..., *[None] * (path.ndim - 1))]
    padded = np.pad(path, ((1, 2), *[(0, 0)] * (path.ndim - 1)), constant_values=np.nan)
    before, start, end, after = (padded[first + step] for step in range(4))
    leaving = np.where(np.isfinite(before), (end - before) / 2, end - start)
    arriving = np.where(np.isfinite(after), (after - start) / 2, end - start)
    bend = (share - 1) * (leaving - (end - start)) + share * (arriving - (end - start))
    between = start + share * ((end - start) + (share - 1) * bend)
    return np.asarray(np.where(share < 0, np.float32(np.nan), np.where(share == 0, start, between)))


def _sides(steps: Array) -> Array:
    """Return the unit normals of paths, (frames, steps + 1, n, 2), from their steps; missing steps are skipped."""
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
    """Return the tops of the heads, (frames, 1, 2)."""
    up, _, _ = nose_from_neck(joints, body)
    return np.asarray((head_centre(joints, body) + HEAD_RADIUS * body[:, None] * up)[:, None])


def _tubes(starts: Array, ends: Array, body: Array, colour: Colour) -> Shapes:
    """Return glowing tubes, (frames, 3 * tubes, 14)."""
    return np.concatenate([_light(starts, ends, body, colour), *_glass(starts, ends, body, colour)], axis=1)


def _light(starts: Array, ends: Array, body: Array, colour: Colour) -> Shapes:
    radius = TUBE_RADIUS * body
    return glows(starts, ends, radius, radius, GLOW * body, colour, GLOW_OPACITY)


def _glass(starts: Array, ends: Array, body: Array, colour: Colour) -> list[Shapes]:
    radius, core = TUBE_RADIUS * body, CORE_RADIUS * body
    return [cones(starts, ends, radius, radius, colour), cones(starts, ends, core, core, WHITE_HOT)]
