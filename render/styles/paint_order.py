"""The order in which the parts of a body are painted, so that near parts cover far ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER
from render.body import Body, faces_viewer
from render.shapes import COLUMNS, Kind, Shapes

KNEE_IN_FRONT = 0.5
"""A leg covers the torso if its knee is this much nearer, in torso lengths; after a step forward it does not."""

JOINTS_OF_PART = {
    "right_leg": ("right_knee",),
    "left_leg": ("left_knee",),
    "torso": ("left_shoulder", "right_shoulder", "left_hip", "right_hip"),
    "head": ("nose",),
    "right_arm": ("right_elbow", "right_wrist"),
    "left_arm": ("left_elbow", "left_wrist"),
}
"""The joints whose mean depth is that of a part; the parts in the order for a dancer who faces the viewer."""
PARTS = tuple(JOINTS_OF_PART)
PARTS_FROM_BEHIND = ("right_arm", "left_arm", "right_leg", "left_leg", "head", "torso")
"""The parts in the order for a dancer who is seen from behind."""

_MEAN_OF_PART = np.zeros((len(PARTS), DANCER.n_joints), np.float32)
for _row, _joints in enumerate(JOINTS_OF_PART.values()):
    _MEAN_OF_PART[_row, [DANCER.index(joint) for joint in _joints]] = 1 / len(_joints)
_FARTHER = np.array([KNEE_IN_FRONT if part.endswith("_leg") else 0.0 for part in PARTS], np.float32)
_FROM_THE_FRONT = np.arange(len(PARTS))
_FROM_BEHIND = np.array([PARTS.index(part) for part in PARTS_FROM_BEHIND])


def paint_order(joints: NDArray[np.float32], body: Body, depth: NDArray[np.float32] | None) -> NDArray[np.intp]:
    """Return rows of `PARTS`, (..., 6), farthest first.

    Parameters
    ----------
    joints : (..., 16, 2) in pixels.
    body : the torso's length in pixels.
    depth : (..., 16) in pixels, larger is farther; None for the order of a dancer seen from the front or from behind.
    """
    if depth is None:
        return np.where(faces_viewer(joints)[..., None], _FROM_THE_FRONT, _FROM_BEHIND)
    distance = np.nan_to_num(depth) @ _MEAN_OF_PART.T + _FARTHER * np.asarray(body)[..., None]
    return np.argsort(-distance, axis=-1, kind="stable")


def in_paint_order(parts: dict[str, Shapes], order: NDArray[np.intp]) -> Shapes:
    """Return the shapes of all `PARTS` as one table, (frames, shapes, 14), sorted for each frame.

    Parameters
    ----------
    parts : for each of `PARTS` its shapes, (frames, n, 14).
    order : (frames, 6) rows of `PARTS`, farthest first.
    """
    most = max(shapes.shape[1] for shapes in parts.values())
    table = np.full((len(order), len(PARTS), most, COLUMNS), np.nan, np.float32)
    table[..., 0] = Kind.CONE
    for row, part in enumerate(PARTS):
        table[:, row, : parts[part].shape[1]] = parts[part]
    ordered = np.take_along_axis(table, order[:, :, None, None], axis=1)
    return ordered.reshape(len(order), -1, COLUMNS)
