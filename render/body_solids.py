"""From joints in a picture to a body in space: depths where none are known, and solid parts that face somewhere.

Vectors are (3,) in pixels: x to the right, y down, z into the picture; `body` is the torso's length.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER
from render.body import HIPS, NECK, NOSE, SHOULDERS, faces_viewer, nose_from_neck
from render.clothes import Paint

Vector = NDArray[np.float64]

SKULL_ABOVE_NECK = 0.12
"""The head turns about a point this far above the middle of the shoulders, in torso lengths."""
NOSE_ELEVATION_RAD = np.radians(32)
"""Seen from there, the nose of a dancer who looks straight ahead stands this high above the horizontal."""
FARTHEST_TURN_RAD = np.radians(85)
PROFILE = 0.12
"""A nose this far to the side of the neck, in torso lengths, says which shoulder is the farther one."""

_WIDTHS = ((SHOULDERS, 0.66), (HIPS, 0.38))
"""Of a body, in torso lengths."""
_LENGTHS = tuple(
    (DANCER.index(f"{side}_{start}"), DANCER.index(f"{side}_{end}"), length, forward)
    for side in ("left", "right")
    for start, end, length, forward in (
        ("hip", "knee", 0.8, 1.0),
        ("knee", "ankle", 0.72, -1.0),
        ("ankle", "toe", 0.3, 1.0),
        ("shoulder", "elbow", 0.44, -0.5),
        ("elbow", "wrist", 0.4, 1.0),
    )
)
"""Bones that are guessed to lean forward (1) or back (-1) where they look shorter than this."""


class RoundCone(NamedTuple):
    """One part of a body: what a ball sweeps that moves in a straight line and changes its size.

    Parameters
    ----------
    a, b : its two ends; one point twice makes a ball.
    radius_a, radius_b : in pixels.
    paint : the colours of its surface.
    flatten : (3, 3) symmetric map into a space in which the part is round; it may stretch, never shrink.
    """

    a: Vector
    b: Vector
    radius_a: float
    radius_b: float
    paint: Paint
    flatten: NDArray[np.float64] = np.eye(3)


def lift_to_3d(joints: NDArray[np.float32], body: float, depth: NDArray[np.float32] | None) -> NDArray[np.float64]:
    """Joints (16, 2) with their depth, (16, 3).

    Where no depth is known it is guessed: what looks shorter than a body's proportions leans towards
    or away from the viewer, knees forward, shins back, forearms forward; the nose points to the side
    of the farther shoulder, and the head looks straight ahead.
    """
    if depth is not None:
        return np.column_stack([joints, depth]).astype(np.float64)
    points = np.column_stack([joints, np.zeros(len(joints))]).astype(np.float64)
    towards = -1.0 if faces_viewer(joints) else 1.0
    _, above, across = nose_from_neck(joints, body)
    aside = np.nan_to_num(np.clip((joints[NOSE, 0] - joints[NECK, 0]) / (PROFILE * body), -1, 1))
    for (left, right), width in _WIDTHS:
        apart = aside * _hidden(joints[left] - joints[right], width * body)
        points[left, 2], points[right, 2] = apart / 2, -apart / 2
    for start, end, length, forward in _LENGTHS:
        points[end, 2] = points[start, 2] + forward * towards * _hidden(joints[end] - joints[start], length * body)
    ahead = max(above - SKULL_ABOVE_NECK * body, 0.0) / np.tan(NOSE_ELEVATION_RAD)
    points[NOSE, 2] = towards * _hidden(across, ahead)
    return points


def _hidden(seen: NDArray[np.float32], length: float) -> float:
    """The part along the view of something that is `length` long and looks like `seen`, (2,); 0 if it is missing."""
    hidden2 = length**2 - float(seen @ seen)
    return float(np.sqrt(hidden2)) if hidden2 > 0 else 0.0


def part_axes(left: Vector, up: Vector) -> NDArray[np.float64]:
    """Rows to the left, up and forward of a part, (3, 3): unit vectors at right angles, up as given."""
    up = unit(up)
    left = left - (left @ up) * up
    if np.linalg.norm(left) < 1e-6:
        left = np.cross(up, np.eye(3)[np.argmin(np.abs(up))])
    left = unit(left)
    return np.stack([left, up, np.cross(left, up)])


def head_axes(at: Mapping[str, Vector], body: float) -> NDArray[np.float64]:
    """Rows to the left, up and forward of the head: it faces where the nose is, seen from the skull's base."""
    spine = at["neck"] - (at["left_hip"] + at["right_hip"]) / 2
    if np.isnan(spine).any():
        spine = np.array([0.0, -1.0, 0.0])
    left, up, forward = torso = part_axes(at["left_shoulder"] - at["right_shoulder"], spine)
    aside, above, ahead = torso @ (at["nose"] - at["neck"]) - (0, SKULL_ABOVE_NECK * body, 0)
    turn = np.clip(np.arctan2(aside, ahead), -FARTHEST_TURN_RAD, FARTHEST_TURN_RAD)
    nod = np.arctan2(above, np.hypot(aside, ahead)) - NOSE_ELEVATION_RAD
    level = np.cos(turn) * forward + np.sin(turn) * left
    facing = np.cos(nod) * level + np.sin(nod) * up
    to_left = np.cos(turn) * left - np.sin(turn) * forward
    return np.stack([to_left, np.cross(facing, to_left), facing])


def unit(vector: Vector) -> Vector:
    """The direction of a vector; of none, none."""
    return vector / max(float(np.linalg.norm(vector)), 1e-9)
