"""What the styles know about a dancer's body beyond the joints: where the head is, and what covers what.

Joints are (16, 2) on the dancer skeleton and in pixels, depth is (16,) and larger is farther, `body` is
the length of the torso in pixels; lengths in the constants are in torso lengths.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER

HEAD_ABOVE_NOSE = 0.08
"""The middle of the head lies this far above the nose along the spine."""
HEAD_BEHIND_NOSE = 0.6
"""The share of the nose's distance from the spine's line at which the middle of the head lies."""
SHORTEST_SPINE = 0.3
"""A spine that looks shorter points at the viewer and says little about where up is."""
KNEE_IN_FRONT = 0.5
"""A leg covers the torso if its knee is this much nearer; after a step forward it does not."""

NOSE, NECK = DANCER.index("nose"), DANCER.index("neck")
SHOULDERS = [DANCER.index("left_shoulder"), DANCER.index("right_shoulder")]
HIPS = [DANCER.index("left_hip"), DANCER.index("right_hip")]

_PARTS = {
    f"{side}_{limb}": [DANCER.index(f"{side}_{joint}") for joint in joints]
    for limb, joints in (("leg", ("knee",)), ("arm", ("elbow", "wrist")))
    for side in ("left", "right")
} | {"torso": [*SHOULDERS, *HIPS], "head": [NOSE]}
_PART_NAMES = list(_PARTS)
_MEAN_OF_PART = np.zeros((len(_PARTS), DANCER.n_joints), np.float32)
for _row, _joints in enumerate(_PARTS.values()):
    _MEAN_OF_PART[_row, _joints] = 1 / len(_joints)
_FARTHER = np.array([KNEE_IN_FRONT if part.endswith("_leg") else 0.0 for part in _PARTS], np.float32)

_FROM_THE_FRONT = ("right_leg", "left_leg", "torso", "head", "right_arm", "left_arm")
_FROM_BEHIND = ("right_arm", "left_arm", "right_leg", "left_leg", "head", "torso")


def faces_viewer(joints: NDArray[np.float32]) -> bool:
    """Whether the left shoulder is seen on the right; so it is taken where a shoulder is missing."""
    left, right = joints[SHOULDERS, 0]
    return not left < right


def paint_order(joints: NDArray[np.float32], body: float, depth: NDArray[np.float32] | None) -> list[str]:
    """The parts of a body, farthest first: ``torso``, ``head`` and ``left_leg`` to ``right_arm``.

    Without depth the order is that of a dancer seen from the front or from behind.
    """
    if depth is None:
        return list(_FROM_THE_FRONT if faces_viewer(joints) else _FROM_BEHIND)
    distance = _MEAN_OF_PART @ np.nan_to_num(depth) + _FARTHER * body
    return [_PART_NAMES[part] for part in np.argsort(-distance)]


def nose_from_neck(joints: NDArray[np.float32], body: float) -> tuple[NDArray[np.float32], float, NDArray[np.float32]]:
    """The direction up the spine, (2,), how far up it the nose is from the neck, and the rest, (2,), across it."""
    spine = joints[NECK] - joints[HIPS].mean(axis=0)
    length = float(np.hypot(*spine))
    up = spine / length if length > SHORTEST_SPINE * body else np.array([0, -1], np.float32)
    offset = joints[NOSE] - joints[NECK]
    above = float(offset @ up)
    return up, above, offset - above * up


def head_centre(joints: NDArray[np.float32], body: float) -> NDArray[np.float32]:
    """The middle of the head, (2,) in pixels; NaN where nose or neck is missing.

    The nose stands in front of the head: seen from the side the head lies behind it.
    """
    up, above, across = nose_from_neck(joints, body)
    return np.asarray(joints[NECK] + (above + HEAD_ABOVE_NOSE * body) * up + HEAD_BEHIND_NOSE * across, np.float32)
