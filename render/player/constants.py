"""The numbers that the page's script shares with the drawn pictures, exported to it as JavaScript constants.

Python owns them: no number is written twice, so the page draws the figure of the style ``stick`` as pictures do.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from pose_vocab import camera
from render import body
from render.draw_list import SHADOW_SIZE
from render.player.scene import MISSING
from render.stage import viewport
from render.styles import paint_order, stick
from render.theme import THEMES
from render.vector import SOFT_STOPS

CONSTANTS: dict[str, Any] = {
    "MISSING": MISSING,
    # The figure, in torso lengths.
    "HALO_WIDTH": stick.HALO_WIDTH,
    "TORSO_RADIUS": stick.TORSO_RADIUS,
    "HEAD_RADIUS": stick.HEAD_RADIUS,
    "NECK_RADIUS": stick.NECK_RADIUS,
    "NOSE_RADIUS": stick.NOSE_RADIUS,
    "NOSE_SHARE": stick.NOSE_SHARE,
    "LIMB_RADII": {limb: list(zip(joints, stick.LIMB_RADII[limb], strict=True)) for limb, joints in body.LIMBS.items()},
    "SHOULDERS_SHARE": body.SHOULDERS_SHARE,
    "HIPS_SHARE": body.HIPS_SHARE,
    "HEAD_ABOVE_NOSE": body.HEAD_ABOVE_NOSE,
    "HEAD_BEHIND_NOSE": body.HEAD_BEHIND_NOSE,
    "SHORTEST_SPINE": body.SHORTEST_SPINE,
    "KNEE_IN_FRONT": paint_order.KNEE_IN_FRONT,
    "JOINTS_OF_PART": paint_order.JOINTS_OF_PART,
    "PARTS_FROM_BEHIND": paint_order.PARTS_FROM_BEHIND,
    # The stage.
    "FLOOR_BEHIND": THEMES["light"].floor_behind,
    "N_BODY_COLOURS": len(THEMES["light"].bodies),
    "SHADOW_SIZE": SHADOW_SIZE,
    "SHADOW_STOPS": SOFT_STOPS,
    # The view.
    "MARGIN": viewport.MARGIN,
    "MARGINS_ABOVE": viewport.MARGINS_ABOVE,
    "SPACE_ABOVE": viewport.SPACE_ABOVE,
    "PITCH": float(np.radians(camera.PITCH_DEG)),
    "FIELD_OF_VIEW": float(np.radians(camera.FIELD_OF_VIEW_DEG)),
    "CAMERA_MARGIN": camera.MARGIN,
    "NEAREST": camera.NEAR_PLANE_M,
}


def constants_script() -> str:
    """Return the constants as the first lines of the page's script; angles are in radians."""
    return "".join(f"const {name} = {json.dumps(value)};\n" for name, value in CONSTANTS.items())
