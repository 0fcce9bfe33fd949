"""The style for drawing on a filmed dancer: thin bones with dark rims, through which the dancer below stays visible."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER
from render.shapes import Colour, Shapes, cones, discs
from render.stage.stage import StagedClip
from render.styles.style import ShapesStyle
from render.theme import Theme

MIDDLES: tuple[Colour, ...] = ((250, 248, 243), (246, 224, 94), (178, 226, 150))
"""Colours of the middle of the body; the person's number chooses one."""
RIM: Colour = (30, 34, 46)
"""On a background of any colour either the lines or their rims are visible."""
RIM_PX = 1.0
BONE_SIZE, JOINT_SIZE = 0.028, 0.04
"""Half the width of a bone and radius of a joint, in torso lengths."""
THINNEST_BONE_PX, SMALLEST_JOINT_PX = 0.5, 2.0

_STARTS, _ENDS = np.array(DANCER.bones).T


class Overlay(ShapesStyle):
    """Bones and joints of the skeleton, left and right in the theme's colours."""

    default_theme = "light"

    def __init__(self, theme: Theme) -> None:
        middle = MIDDLES[theme.person % len(MIDDLES)]
        colours = {"left": theme.left, "right": theme.right}
        sides = [name.split("_")[0] for name in DANCER.joint_names]
        self._of_joints = np.array([colours.get(side, middle) for side in sides], np.float32)
        self._of_bones = self._of_joints[_ENDS]
        self._of_bones[[(sides[a], sides[b]) == ("left", "right") for a, b in DANCER.bones]] = middle

    def shapes(self, dancer: StagedClip, frames: NDArray[np.intp]) -> Shapes:
        """Return the shapes of some frames, (frames, shapes, 14): the rims of all bones, the bones, then the joints."""
        joints, body = dancer.joints[frames], dancer.body[frames, None]
        half = np.maximum(BONE_SIZE * body, THINNEST_BONE_PX)
        radius = np.maximum(JOINT_SIZE * body, SMALLEST_JOINT_PX)
        starts, ends = joints[:, _STARTS], joints[:, _ENDS]
        rims, bones = (
            cones(starts, ends, half + rim, half + rim, colour)
            for rim, colour in ((RIM_PX, RIM), (0.0, self._of_bones))
        )
        dots = np.stack([discs(joints, radius + RIM_PX, RIM), discs(joints, radius, self._of_joints)], axis=2)
        return np.concatenate([rims, bones, dots.reshape(len(joints), -1, dots.shape[-1])], axis=1)
