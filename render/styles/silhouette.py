"""The outline of a person, filled with one colour; it changes with the viewing direction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER
from render.body import HIPS, NECK, NOSE, SHOULDERS, head_centre, nose_from_neck
from render.shapes import Shapes, cones, ellipses, hulls
from render.stage.stage import StagedClip
from render.styles.style import ShapesStyle
from render.theme import Theme

Array = NDArray[np.float32]

# All sizes are in torso lengths.
TORSO = np.array(
    [
        # share of the way from shoulders to hips; from the middle to the side and to the front; how far forward
        (0.1, 0.29, 0.13, 0.0),
        (0.27, 0.31, 0.165, 0.02),
        (0.58, 0.235, 0.12, 0.01),
        (0.86, 0.31, 0.16, -0.03),
        (1.0, 0.33, 0.17, -0.06),
    ],
    np.float32,
)
TORSO_ROUND = 0.09
SHOULDER_WIDTH, HIP_WIDTH = 0.66, 0.38
"""Widths from the front; what looks narrower is turned."""
PROFILE = 0.12
"""Without depth: a nose this far beside the neck shows to which side the dancer is turned."""
NECK_RADIUS, NAPE = 0.09, 0.12
HEAD_HEIGHT, HEAD_WIDTH, HEAD_DEPTH = 0.22, 0.165, 0.2
"""Half sizes."""
FACE_SHOWS = 0.12
"""A nose this far beside the centre of the head is a side view."""
BEHIND = 0.07
CHIN_AHEAD, CHIN_BELOW, CHIN_RADIUS = 0.085, 0.155, 0.075
NOSE_RADIUS = 0.03
CALF_AT, CALF_RADIUS, CALF_BEHIND = 0.3, 0.095, 0.035
FOREARM_AT, FOREARM_RADIUS = 0.25, 0.076
SHIN, FOREARM, FOOT = 0.72, 0.4, 0.3
"""Lengths; a part that looks shorter points towards the viewer or away."""


NO_COLOUR = 0
"""A placeholder: all parts get their colour at the end."""


class Silhouette(ShapesStyle):
    """A body in the theme's ink."""

    default_theme = "light"

    def __init__(self, theme: Theme) -> None:
        self.colour = theme.body

    def shapes(self, dancer: StagedClip, frames: NDArray[np.intp]) -> Shapes:
        """Return the shapes of some frames of a clip, (frames, shapes, 14)."""
        joints, body = dancer.joints[frames], dancer.body[frames, None]
        depth = None if dancer.depth is None else dancer.depth[frames]
        up = nose_from_neck(joints, body[:, 0])[0][:, None]
        parts = [*_torso(joints, depth, body, up), *_head(joints, body, up)]
        for side in ("left", "right"):
            parts += _leg(joints, body, side) + _arm(joints, body, side)
        table: Shapes = np.concatenate(parts, axis=1)
        table[..., 10:13] = self.colour
        return table


def _torso(joints: Array, depth: Array | None, body: Array, up: Array) -> list[Shapes]:
    """Return hulls between the levels of the torso, and from the shoulders up to the nape."""
    shoulders, hips, size = joints[:, SHOULDERS], joints[:, HIPS], body[..., None]
    top, bottom = shoulders.mean(axis=1, keepdims=True), hips.mean(axis=1, keepdims=True)
    aside = _aside(up)
    chest, pelvis = (
        _turn(joints, depth, size, aside, pair, width)
        for pair, width in ((SHOULDERS, SHOULDER_WIDTH), (HIPS, HIP_WIDTH))
    )
    share, wide, deep, forward = TORSO.T[..., None]
    side, front = (at_chest + share * (at_pelvis - at_chest) for at_chest, at_pelvis in zip(chest, pelvis, strict=True))
    centres = top + share * (bottom - top) + forward * front * size * aside
    edges = (np.hypot(wide * side, deep * front) - TORSO_ROUND) * size * aside
    levels = np.stack([centres + edges, centres - edges], axis=2)
    nape = joints[:, [NECK]] + NAPE * size * up
    collar = np.stack([shoulders[:, :1], shoulders[:, 1:], nape, nape], axis=2)
    return [
        hulls(np.concatenate([levels[:, :-1], levels[:, 1:]], axis=2), TORSO_ROUND * body, NO_COLOUR),
        hulls(collar, NECK_RADIUS * body, NO_COLOUR),
    ]


def _head(joints: Array, body: Array, up: Array) -> list[Shapes]:
    """Return throat, skull, jaw and the tip of the nose."""
    size = body[..., None]
    neck, nose, middle = joints[:, [NECK]], joints[:, [NOSE]], head_centre(joints, body[:, 0])[:, None]
    aside = _aside(up)
    profile = np.clip(_dot(nose - middle, aside) / (FACE_SHOWS * size), -1, 1)
    centre = middle - BEHIND * profile * size * aside
    half_width = np.hypot(HEAD_WIDTH * np.sqrt(1 - profile**2), HEAD_DEPTH * profile)
    chin = centre + (CHIN_AHEAD * profile * aside - CHIN_BELOW * up) * size
    jaw = centre - 0.05 * size * up
    return [
        cones(neck, centre - NAPE * size * up, NECK_RADIUS * body, NECK_RADIUS * body, NO_COLOUR),
        ellipses(centre, HEAD_HEIGHT * size * up, half_width[..., 0] / HEAD_HEIGHT, NO_COLOUR),
        cones(jaw, chin, 0.13 * body, CHIN_RADIUS * body, NO_COLOUR),
        cones(centre, centre + 0.93 * (nose - centre), 0.14 * body, NOSE_RADIUS * body, NO_COLOUR),
    ]


def _leg(joints: Array, body: Array, side: str) -> list[Shapes]:
    """Return thigh, shin, calf, heel and foot."""
    hip, knee, ankle, toe = (joints[:, [DANCER.index(f"{side}_{name}")]] for name in ("hip", "knee", "ankle", "toe"))
    size = body[..., None]
    down, forward = _unit(ankle - knee, SHIN * size), _unit(toe - ankle, FOOT * size)
    behind = -np.nan_to_num(forward - _dot(forward, down) * down)
    calf = knee + CALF_AT * (ankle - knee) + CALF_BEHIND * size * behind
    heel = ankle + (0.1 * down - 0.06 * forward) * size
    return [
        cones(hip, knee, 0.155 * body, 0.1 * body, NO_COLOUR),
        cones(knee, calf, 0.095 * body, CALF_RADIUS * body, NO_COLOUR),
        cones(calf, ankle, CALF_RADIUS * body, 0.058 * body, NO_COLOUR),
        cones(ankle, heel, 0.058 * body, 0.06 * body, NO_COLOUR),
        hulls(np.stack([ankle, heel, toe, toe], axis=2), 0.05 * body, NO_COLOUR),
    ]


def _arm(joints: Array, body: Array, side: str) -> list[Shapes]:
    """Return upper arm, forearm, and a hand with a thumb."""
    shoulder, elbow, wrist = (joints[:, [DANCER.index(f"{side}_{name}")]] for name in ("shoulder", "elbow", "wrist"))
    size = body[..., None]
    ahead = _unit(wrist - elbow, FOREARM * size)
    belly = elbow + FOREARM_AT * (wrist - elbow)
    knuckles = wrist + 0.11 * size * ahead
    inward = _unit(joints[:, [NECK]] - shoulder, 0.5 * SHOULDER_WIDTH * size)
    thumb = inward - _dot(inward, ahead) * ahead
    return [
        cones(shoulder, elbow, 0.107 * body, 0.072 * body, NO_COLOUR),
        cones(elbow, belly, 0.07 * body, FOREARM_RADIUS * body, NO_COLOUR),
        cones(belly, wrist, FOREARM_RADIUS * body, 0.045 * body, NO_COLOUR),
        cones(wrist, knuckles, 0.045 * body, 0.058 * body, NO_COLOUR),
        cones(knuckles, knuckles + 0.1 * size * ahead, 0.054 * body, 0.03 * body, NO_COLOUR),
        cones(
            wrist + 0.03 * size * ahead,
            wrist + (0.11 * ahead + 0.075 * thumb) * size,
            0.03 * body,
            0.022 * body,
            NO_COLOUR,
        ),
    ]


def _turn(
    joints: Array, depth: Array | None, size: Array, aside: Array, pair: list[int], width: float
) -> tuple[Array, Array]:
    """Return the components of a body's left and front axes to the right of the picture, (frames, 1, 1) in -1..1.

    Without depth, the nose shows the direction of a dancer in a side view.
    """
    left, right = pair
    side = np.clip(_dot(joints[:, [left]] - joints[:, [right]], aside) / (width * size), -1, 1)
    if depth is None:
        ahead = np.clip(np.nan_to_num(_dot(joints[:, [NOSE]] - joints[:, [NECK]], aside)) / (PROFILE * size), -1, 1)
    else:
        ahead = np.clip((depth[:, left] - depth[:, right])[:, None, None] / (width * size), -1, 1)
    return side, ahead * np.sqrt(1 - side**2)


def _aside(up: Array) -> Array:
    """Return the vector at right angles to `up`; it points right if that points up."""
    return np.stack([-up[..., 1], up[..., 0]], axis=-1)


def _dot(a: Array, b: Array) -> Array:
    return np.asarray((a * b).sum(axis=-1, keepdims=True))


def _unit(vector: Array, usual: Array) -> Array:
    """Return the projected direction of a bone of the length `usual`: a unit vector, shorter if it is foreshortened."""
    return np.asarray(vector / np.maximum(np.sqrt(_dot(vector, vector)), usual))
