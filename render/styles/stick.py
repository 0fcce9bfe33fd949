"""The clean style: a pictogram of a dancer, left in orange and right in blue, with rims that part crossing limbs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER
from render.body import HIPS, NECK, NOSE, PARTS, SHOULDERS, head_centre, paint_order
from render.shapes import COLUMNS, Kind, Shapes, cones, discs, hulls
from render.stage.stage import StagedClip
from render.styles.style import FlatStyle
from render.theme import Theme

# All sizes are in torso lengths.
HALO_WIDTH = 0.03
HEAD_RADIUS = 0.205
NOSE_RADIUS = 0.06
NOSE_SHARE = 1.1
"""Of the way from the middle of the head to the nose: seen from the side it shows where the dancer looks."""
TORSO_RADIUS = 0.085
NECK_RADIUS = 0.06

_CHAINS = {
    "leg": (("hip", 0.115), ("knee", 0.085), ("ankle", 0.055), ("toe", 0.05)),
    "arm": (("shoulder", 0.095), ("elbow", 0.068), ("wrist", 0.058)),
}
_TORSO = [*SHOULDERS, *HIPS]
_SHOULDERS_SHARE, _HIPS_SHARE = 0.74, 0.92
"""The torso ends inside the joints, so that arms beside or behind it stay in sight."""
_INSET = np.array(
    [
        [(1 + _SHOULDERS_SHARE) / 2, (1 - _SHOULDERS_SHARE) / 2, 0, 0],
        [(1 - _SHOULDERS_SHARE) / 2, (1 + _SHOULDERS_SHARE) / 2, 0, 0],
        [0, 0, (1 + _HIPS_SHARE) / 2, (1 - _HIPS_SHARE) / 2],
        [0, 0, (1 - _HIPS_SHARE) / 2, (1 + _HIPS_SHARE) / 2],
    ],
    np.float32,
)


class Stick(FlatStyle):
    """Weighted limbs around a torso."""

    suits = "light"

    def __init__(self, theme: Theme) -> None:
        self.theme = theme

    def shapes(self, dancer: StagedClip, frames: NDArray[np.intp]) -> Shapes:
        """(frames, shapes, 14) of some of a clip's frames, what is farthest first."""
        joints, body = dancer.joints[frames], dancer.body[frames, None]
        depth = None if dancer.depth is None else dancer.depth[frames]
        parts = {"torso": self._torso(joints, body), "head": self._head(joints, body)}
        for side, colour in (("left", self.theme.left), ("right", self.theme.right)):
            for limb, chain in _CHAINS.items():
                at = [DANCER.index(f"{side}_{joint}") for joint, _ in chain]
                radii = np.array([radius for _, radius in chain], np.float32)
                starts, ends = joints[:, at[:-1]], joints[:, at[1:]]
                rims, limbs = (
                    cones(starts, ends, (radii[:-1] + rim) * body, (radii[1:] + rim) * body, of_rim_or_limb)
                    for rim, of_rim_or_limb in ((HALO_WIDTH, self.theme.halo), (0.0, colour))
                )
                parts[f"{side}_{limb}"] = np.concatenate([rims, limbs], axis=1)
        return in_paint_order(parts, paint_order(joints, body[:, 0], depth))

    def _torso(self, joints: NDArray[np.float32], body: NDArray[np.float32]) -> Shapes:
        corners = torso_corners(joints)[:, None]
        return np.concatenate(
            [
                hulls(corners, (TORSO_RADIUS + HALO_WIDTH) * body, self.theme.halo),
                hulls(corners, TORSO_RADIUS * body, self.theme.body),
            ],
            axis=1,
        )

    def _head(self, joints: NDArray[np.float32], body: NDArray[np.float32]) -> Shapes:
        centre = head_centre(joints, body[:, 0])[:, None]
        nose = centre + (joints[:, [NOSE]] - centre) * np.float32(NOSE_SHARE)
        colour = self.theme.body
        return np.concatenate(
            [
                discs(centre, (HEAD_RADIUS + HALO_WIDTH) * body, self.theme.halo),
                cones(joints[:, [NECK]], centre, NECK_RADIUS * body, NECK_RADIUS * body, colour),
                discs(centre, HEAD_RADIUS * body, colour),
                discs(nose, NOSE_RADIUS * body, colour),
            ],
            axis=1,
        )


def torso_corners(joints: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shoulders and hips, (frames, 4, 2), a little inside the joints.

    Of a torso that is half seen, what is seen stands for the rest; with one joint there is none.
    """
    corners = joints[:, _TORSO]
    seen = np.isfinite(corners[..., 0])
    any_seen = np.take_along_axis(corners, seen.argmax(axis=1)[:, None, None], axis=1)
    half_seen = np.where(seen[..., None], corners, any_seen)
    half_seen[seen.sum(axis=1) < 2] = np.nan
    return np.where(seen.all(axis=1)[:, None, None], _INSET @ np.nan_to_num(corners), half_seen)


def in_paint_order(parts: dict[str, Shapes], order: NDArray[np.intp]) -> Shapes:
    """The shapes of all `PARTS`, (frames, shapes, 14), part by part in an order of their own in each frame.

    order : (frames, 6) rows of `PARTS`.
    """
    most = max(shapes.shape[1] for shapes in parts.values())
    table = np.full((len(order), len(PARTS), most, COLUMNS), np.nan, np.float32)
    table[..., 0] = Kind.CONE
    for row, part in enumerate(PARTS):
        table[:, row, : parts[part].shape[1]] = parts[part]
    ordered = np.take_along_axis(table, order[:, :, None, None], axis=1)
    return ordered.reshape(len(order), -1, COLUMNS)
