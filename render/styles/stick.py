"""The default style: a pictogram of a dancer, left in orange and right in blue, with rims between crossing limbs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from render.body import LIMBS, NECK, NOSE, head_centre, limb_chain, torso_corners
from render.shapes import Shapes, cones, discs, hulls
from render.stage.stage import StagedClip
from render.styles.paint_order import in_paint_order, paint_order
from render.styles.style import ShapesStyle
from render.theme import Theme

# All sizes are in torso lengths. The player's page gets them from here: see `render.player.constants`.
HALO_WIDTH = 0.03
HEAD_RADIUS = 0.205
NOSE_RADIUS = 0.06
NOSE_SHARE = 1.1
"""Where the nose is drawn, as a share of the way from the centre of the head to the nose's joint: in a side view it
shows where the dancer looks."""
TORSO_RADIUS = 0.085
NECK_RADIUS = 0.06
LIMB_RADII = {"leg": (0.115, 0.085, 0.055, 0.05), "arm": (0.095, 0.068, 0.058)}
"""At each joint of `render.body.LIMBS`."""


class Stick(ShapesStyle):
    """Tapered limbs around a torso."""

    default_theme = "light"

    def __init__(self, theme: Theme) -> None:
        self.theme = theme

    def shapes(self, dancer: StagedClip, frames: NDArray[np.intp]) -> Shapes:
        """Return the shapes of some frames of a clip, (frames, shapes, 14), farthest first."""
        joints, body = dancer.joints[frames], dancer.body[frames, None]
        depth = None if dancer.depth is None else dancer.depth[frames]
        parts = {"torso": self._torso(joints, body), "head": self._head(joints, body)}
        for side, colour in (("left", self.theme.left), ("right", self.theme.right)):
            for limb in LIMBS:
                chain, radii = limb_chain(joints, side, limb), np.array(LIMB_RADII[limb], np.float32)
                rims, bones = (
                    cones(chain[:, :-1], chain[:, 1:], (radii[:-1] + rim) * body, (radii[1:] + rim) * body, rgb)
                    for rim, rgb in ((HALO_WIDTH, self.theme.halo), (0.0, colour))
                )
                parts[f"{side}_{limb}"] = np.concatenate([rims, bones], axis=1)
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
