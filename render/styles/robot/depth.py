"""Estimate the depth of a 2D pose from foreshortening, for parts that turn."""

from __future__ import annotations

import numpy as np

from pose_vocab.skeletons import DANCER
from render.body import NECK, NOSE, SHOULDERS
from render.styles.robot.parts import Array

# Usual lengths in torso lengths: what is missing in the picture is depth, towards the viewer.
USUAL = {("wrist", "elbow"): 0.52, ("toe", "ankle"): 0.37}
USUAL_SHOULDERS, USUAL_NOSE = 0.66, 0.3
TURNED_NOSE = 0.1
"""A nose this far to the side shows which shoulder is nearer."""


def estimated_depth(joints: Array, body: Array) -> Array:
    """Return the estimated depth of 2D poses, (frames, 16), in pixels."""
    depth = np.zeros(joints.shape[:2], np.float32)

    def hidden(a: int, b: int, usual: float) -> Array:
        length = np.linalg.norm(joints[:, a] - joints[:, b], axis=-1)
        return np.asarray(np.sqrt(np.maximum((usual * body[:, 0]) ** 2 - length**2, 0)))

    left, right = SHOULDERS
    width = (joints[:, left, 0] - joints[:, right, 0]) / (USUAL_SHOULDERS * body[:, 0])
    facing = np.clip(np.nan_to_num(width, nan=1.0), -1, 1)
    depth[:, NOSE] = -USUAL_NOSE * body[:, 0] * facing
    nose = (joints[:, NOSE, 0] - joints[:, NECK, 0]) / body[:, 0]
    turn = 0.5 * hidden(left, right, USUAL_SHOULDERS) * np.tanh(np.nan_to_num(nose) / TURNED_NOSE)
    depth[:, left], depth[:, right] = turn, -turn
    for side in ("left", "right"):
        for (end, start), usual in USUAL.items():
            a, b = DANCER.index(f"{side}_{end}"), DANCER.index(f"{side}_{start}")
            depth[:, a] = -np.sign(facing) * hidden(a, b, usual)
    return depth
