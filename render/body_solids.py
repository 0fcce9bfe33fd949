"""A solid body from the joints in a picture: estimated depths, round parts, and the axes of torso and head.

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
"""Height of the head's pivot above the middle of the shoulders, in torso lengths."""
NOSE_ELEVATION_RAD = np.radians(32)
"""Elevation of the nose from there when the dancer looks straight ahead."""
MAX_TURN_RAD = np.radians(85)
PROFILE = 0.12
"""A nose this far to the side of the neck, in torso lengths, shows which shoulder is farther away."""

_WIDTHS = ((SHOULDERS, 0.66), (HIPS, 0.38))
"""Widths of shoulders and hips, in torso lengths."""
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
"""Start, end, length in torso lengths, and the assumed direction, forward (1) or back (-1), of a bone that looks
shorter."""


class RoundCone(NamedTuple):
    """One part of a body: the hull of two balls.

    Parameters
    ----------
    a, b : its two ends; equal for a single ball.
    radius_a, radius_b : in pixels.
    paint : the colours of its surface.
    flatten : (3, 3) symmetric map into a space where the part is round; it must not shrink anything.
    """

    a: Vector
    b: Vector
    radius_a: float
    radius_b: float
    paint: Paint
    flatten: NDArray[np.float64] = np.eye(3)


def lift_to_3d(joints: NDArray[np.float32], body: float, depth: NDArray[np.float32] | None) -> NDArray[np.float64]:
    """Return joints (16, 2) with their depth, (16, 3).

    Without depth it is estimated from foreshortening: bones that look shorter than a body's proportions point
    towards or away from the viewer, knees forward, shins back, forearms forward; the nose points to the side
    of the farther shoulder, and the head looks straight ahead.
    """
    if depth is not None:
        return np.column_stack([joints, depth]).astype(np.float64)
    points = np.column_stack([joints, np.zeros(len(joints))]).astype(np.float64)
    towards = -1.0 if faces_viewer(joints) else 1.0
    _, above, across = nose_from_neck(joints, body)
    aside = np.nan_to_num(np.clip((joints[NOSE, 0] - joints[NECK, 0]) / (PROFILE * body), -1, 1))
    for (left, right), width in _WIDTHS:
        apart = aside * _depth_extent(joints[left] - joints[right], width * body)
        points[left, 2], points[right, 2] = apart / 2, -apart / 2
    for start, end, length, forward in _LENGTHS:
        points[end, 2] = points[start, 2] + forward * towards * _depth_extent(
            joints[end] - joints[start], length * body
        )
    ahead = max(above - SKULL_ABOVE_NECK * body, 0.0) / np.tan(NOSE_ELEVATION_RAD)
    points[NOSE, 2] = towards * _depth_extent(across, ahead)
    return points


def _depth_extent(seen: NDArray[np.float32], length: float) -> float:
    """Return the extent in depth of a bone of `length` whose projection is `seen`, (2,); 0 if it is missing."""
    hidden2 = length**2 - float(seen @ seen)
    return float(np.sqrt(hidden2)) if hidden2 > 0 else 0.0


def part_axes(left: Vector, up: Vector) -> NDArray[np.float64]:
    """Return the axes of a part, (3, 3): orthonormal rows left, up and forward; the direction of `up` is kept."""
    up = unit(up)
    left = left - (left @ up) * up
    if np.linalg.norm(left) < 1e-6:
        left = np.cross(up, np.eye(3)[np.argmin(np.abs(up))])
    left = unit(left)
    return np.stack([left, up, np.cross(left, up)])


def head_axes(at: Mapping[str, Vector], body: float) -> NDArray[np.float64]:
    """Return the axes of the head, as `part_axes`: it faces the nose, seen from the base of the skull."""
    spine = at["neck"] - (at["left_hip"] + at["right_hip"]) / 2
    if np.isnan(spine).any():
        spine = np.array([0.0, -1.0, 0.0])
    left, up, forward = torso = part_axes(at["left_shoulder"] - at["right_shoulder"], spine)
    aside, above, ahead = torso @ (at["nose"] - at["neck"]) - (0, SKULL_ABOVE_NECK * body, 0)
    turn = np.clip(np.arctan2(aside, ahead), -MAX_TURN_RAD, MAX_TURN_RAD)
    nod = np.arctan2(above, np.hypot(aside, ahead)) - NOSE_ELEVATION_RAD
    level = np.cos(turn) * forward + np.sin(turn) * left
    facing = np.cos(nod) * level + np.sin(nod) * up
    to_left = np.cos(turn) * left - np.sin(turn) * forward
    return np.stack([to_left, np.cross(facing, to_left), facing])


def unit(vector: Vector) -> Vector:
    """Return the unit vector; zero for the zero vector."""
    return vector / max(float(np.linalg.norm(vector)), 1e-9)
