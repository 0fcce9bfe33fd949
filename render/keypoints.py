"""Keypoints as a detector sees them: bones and joints, thin enough to see the dancer below."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER
from render.shapes import Colour, Image
from render.stick import LEFT, RIGHT

MIDDLE: Colour = (250, 248, 243)
RIM: Colour = (30, 34, 46)
SHIFT_BITS = 4
"""OpenCV takes coordinates in fixed point: this many bits behind the point."""
BONE_BODY, JOINT_BODY = 0.028, 0.04
"""Half the width of a bone and radius of a joint, in torso lengths."""


def draw_keypoints(image: Image, joints: NDArray[np.float32], body: float) -> None:
    """Draw the dancer's joints (16, 2) in pixels onto `image`, in place; missing ones (NaN) are left out."""
    seen = np.isfinite(joints).all(axis=1)
    points = np.round(np.where(seen[:, None], joints, 0) * 2**SHIFT_BITS).astype(int).tolist()
    bones = [(a, b) for a, b in DANCER.bones if seen[a] and seen[b]]
    thick, radius = max(1, round(2 * BONE_BODY * body)), max(2.0, JOINT_BODY * body)
    for rim in (2, 0):
        for a, b in bones:
            cv2.line(image, points[a], points[b], RIM if rim else _colour(b), thick + rim, cv2.LINE_AA, SHIFT_BITS)
    for joint in np.flatnonzero(seen).tolist():
        for rim in (1, 0):
            size = round((radius + rim) * 2**SHIFT_BITS)
            colour = RIM if rim else _colour(joint)
            cv2.circle(image, points[joint], size, colour, cv2.FILLED, cv2.LINE_AA, SHIFT_BITS)


def _colour(joint: int) -> Colour:
    name = DANCER.joint_names[joint]
    return LEFT if name.startswith("left") else RIGHT if name.startswith("right") else MIDDLE
