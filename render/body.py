"""What the styles know about a dancer's body beyond the joints: where the head is, and what covers what.

Joints are (..., 16, 2) on the dancer skeleton and in pixels, depth is (..., 16) and larger is farther, `body`
is the length of the torso in pixels; lengths in the constants are in torso lengths.
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
FEET = [DANCER.index(f"{side}_{part}") for side in ("left", "right") for part in ("ankle", "toe")]

PARTS = ("right_leg", "left_leg", "torso", "head", "right_arm", "left_arm")
"""The parts of a body, in the order in which they are painted of a dancer who faces the viewer."""
_JOINTS_OF = {
    **{f"{side}_leg": (f"{side}_knee",) for side in ("left", "right")},
    **{f"{side}_arm": (f"{side}_elbow", f"{side}_wrist") for side in ("left", "right")},
    "torso": ("left_shoulder", "right_shoulder", "left_hip", "right_hip"),
    "head": ("nose",),
}
_MEAN_OF_PART = np.zeros((len(PARTS), DANCER.n_joints), np.float32)
for _row, _part in enumerate(PARTS):
    _MEAN_OF_PART[_row, [DANCER.index(joint) for joint in _JOINTS_OF[_part]]] = 1 / len(_JOINTS_OF[_part])
_FARTHER = np.array([KNEE_IN_FRONT if part.endswith("_leg") else 0.0 for part in PARTS], np.float32)

_FROM_THE_FRONT = np.arange(len(PARTS))
_FROM_BEHIND = np.array(
    [PARTS.index(part) for part in ("right_arm", "left_arm", "right_leg", "left_leg", "head", "torso")]
)

Body = float | NDArray[np.float32]
"""The torso's length in pixels: one, or one for each pose."""


def faces_viewer(joints: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(...): whether the left shoulder is seen on the right; so it is taken where a shoulder is missing."""
    return np.asarray(~(joints[..., SHOULDERS[0], 0] < joints[..., SHOULDERS[1], 0]))


def paint_order(joints: NDArray[np.float32], body: Body, depth: NDArray[np.float32] | None) -> NDArray[np.intp]:
    """Rows of `PARTS`, (..., 6), farthest first.

    Without depth the order is that of a dancer seen from the front or from behind.
    """
    if depth is None:
        return np.where(faces_viewer(joints)[..., None], _FROM_THE_FRONT, _FROM_BEHIND)
    distance = np.nan_to_num(depth) @ _MEAN_OF_PART.T + _FARTHER * np.asarray(body)[..., None]
    return np.argsort(-distance, axis=-1, kind="stable")


def nose_from_neck(
    joints: NDArray[np.float32], body: Body
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """The direction up the spine, (..., 2), how far up it the nose is from the neck, (...), and the rest, (..., 2)."""
    spine = joints[..., NECK, :] - joints[..., HIPS, :].mean(axis=-2)
    length = np.hypot(spine[..., 0], spine[..., 1])
    long_enough = length > SHORTEST_SPINE * np.asarray(body)
    up = np.where(
        long_enough[..., None],
        spine / np.where(long_enough, length, 1)[..., None],
        np.array([0, -1], np.float32),
    )
    offset = joints[..., NOSE, :] - joints[..., NECK, :]
    above = (offset * up).sum(axis=-1)
    return up, above, offset - above[..., None] * up


def head_centre(joints: NDArray[np.float32], body: Body) -> NDArray[np.float32]:
    """The middle of the head, (..., 2) in pixels; NaN where nose or neck is missing.

    The nose stands in front of the head: seen from the side the head lies behind it.
    """
    up, above, across = nose_from_neck(joints, body)
    raised = (above + HEAD_ABOVE_NOSE * np.asarray(body))[..., None] * up
    return np.asarray(joints[..., NECK, :] + raised + HEAD_BEHIND_NOSE * across, np.float32)
