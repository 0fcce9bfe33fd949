"""What a style has to know about a dancer's body beyond the joints: where the head is, what covers what."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER

HEAD_ABOVE_NOSE = 0.08
"""The middle of the head lies this far above the nose along the spine, in torso lengths."""
HEAD_BEHIND_NOSE = 0.6
"""Of the nose's distance from the spine's line, the share at which the middle of the head lies."""

KNEE_IN_FRONT = 0.35
"""A leg covers the torso if its knee is nearer by this many torso lengths; a step forward does not."""

_NOSE, _NECK = DANCER.index("nose"), DANCER.index("neck")
_LEFT_SHOULDER, _RIGHT_SHOULDER = DANCER.index("left_shoulder"), DANCER.index("right_shoulder")
_HIPS = [DANCER.index("left_hip"), DANCER.index("right_hip")]
SKULL_ABOVE_NECK = 0.12
"""The head turns about a point this far above the middle of the shoulders, in torso lengths."""
NOSE_ELEVATION_RAD = np.radians(32)
"""Seen from there the nose of a dancer who looks straight ahead stands this high above the horizontal."""
FARTHEST_TURN_RAD = np.radians(85)

_WIDTHS = (
    ((_LEFT_SHOULDER, _RIGHT_SHOULDER), 0.68),
    ((_HIPS[0], _HIPS[1]), 0.48),
)
_LENGTHS = tuple(
    ((DANCER.index(start.replace("*", side)), DANCER.index(end.replace("*", side))), length, forward)
    for side in ("left", "right")
    for start, end, length, forward in (
        ("*_hip", "*_knee", 0.8, 1.0),
        ("*_knee", "*_ankle", 0.72, -1.0),
        ("*_ankle", "*_toe", 0.3, 1.0),
        ("*_shoulder", "*_elbow", 0.44, -0.5),
        ("*_elbow", "*_wrist", 0.4, 1.0),
        ("neck", "nose", 0.44, 1.0),
    )
)
"""Bones of a body that are guessed to lean forward (1) or back (-1) where they look shorter than this."""

_PARTS = {
    f"{side}_{limb}": [DANCER.index(f"{side}_{joint}") for joint in joints]
    for limb, joints in (("leg", ("knee",)), ("arm", ("elbow", "wrist")))
    for side in ("left", "right")
} | {"torso": [_LEFT_SHOULDER, _RIGHT_SHOULDER, *_HIPS], "head": [_NOSE]}

_SEEN_FROM_THE_FRONT = ("right_leg", "left_leg", "torso", "head", "right_arm", "left_arm")
_SEEN_FROM_BEHIND = ("right_arm", "left_arm", "right_leg", "left_leg", "head", "torso")


def paint_order(joints: NDArray[np.float32], body: float, depth: NDArray[np.float32] | None) -> list[str]:
    """The parts of a body, farthest first: torso, head, and left and right leg and arm.

    joints : (16, 2) in pixels; depth : (16,), larger is farther. Without depth the order is that of
    a dancer seen from the front or from behind, whichever the shoulders show.
    """
    if depth is None:
        behind = joints[_LEFT_SHOULDER, 0] < joints[_RIGHT_SHOULDER, 0]
        return list(_SEEN_FROM_BEHIND if behind else _SEEN_FROM_THE_FRONT)
    known = np.nan_to_num(depth)
    distance = {part: float(known[at].mean()) for part, at in _PARTS.items()}
    for leg in ("left_leg", "right_leg"):
        distance[leg] += KNEE_IN_FRONT * body
    return sorted(_PARTS, key=lambda part: -distance[part])


def head_centre(joints: NDArray[np.float32], body: float) -> NDArray[np.float32]:
    """The middle of the head, (2,) in pixels; NaN where nose or neck is missing.

    The nose stands in front of the head: seen from the side the head lies behind it.
    """
    nose, neck = joints[_NOSE], joints[_NECK]
    spine = neck - joints[_HIPS].mean(axis=0)
    length = float(np.hypot(*spine))
    up = spine / length if length > 0.3 * body else np.array([0, -1], np.float32)
    from_neck = nose - neck
    above = float(from_neck @ up)
    beside = from_neck - above * up
    return np.asarray(neck + (above + HEAD_ABOVE_NOSE * body) * up + HEAD_BEHIND_NOSE * beside, np.float32)


def lift(joints: NDArray[np.float32], body: float, depth: NDArray[np.float32] | None) -> NDArray[np.float64]:
    """Joints with their depth, (16, 3) in pixels, larger is farther.

    Where no depth is known it is guessed: what looks shorter than a body's proportions leans towards
    or away from the viewer, knees forward, shins back, forearms forward, the farther shoulder by the
    side to which the nose points.
    """
    if depth is not None:
        return np.column_stack([joints, depth]).astype(np.float64)
    points = np.column_stack([joints, np.zeros(len(joints))]).astype(np.float64)
    towards = -1.0 if points[_LEFT_SHOULDER, 0] >= points[_RIGHT_SHOULDER, 0] else 1.0
    aside = np.sign(points[_NOSE, 0] - points[_NECK, 0])
    for (left, right), width in _WIDTHS:
        apart = np.nan_to_num(aside) * _hidden(points[left] - points[right], width * body)
        points[left, 2], points[right, 2] = apart / 2, -apart / 2
    for (start, end), length, forward in _LENGTHS:
        points[end, 2] = points[start, 2] + forward * towards * _hidden(points[end] - points[start], length * body)
    return points


def _hidden(seen: NDArray[np.float64], length: float) -> float:
    """The part along the view of something that is `length` long and looks like `seen`."""
    return float(np.sqrt(max(length**2 - float(seen[:2] @ seen[:2]), 0.0)))


def frame(left: NDArray[np.float64], up: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows to the left, up and forward of a body, unit vectors at right angles, (3, 3); `up` is kept."""
    up = up / max(float(np.linalg.norm(up)), 1e-6)
    left = left - (left @ up) * up
    if np.linalg.norm(left) < 1e-6:
        left = np.cross(up, (0.0, 0.0, -1.0)) + (1e-6, 0, 0)
    left = left / np.linalg.norm(left)
    return np.stack([left, up, np.cross(left, up)])


def head_axes(at: Mapping[str, NDArray[np.float64]], body: float) -> NDArray[np.float64]:
    """Rows to the left, up and forward of the head, (3, 3): where the nose points, seen from the skull's base."""
    torso = frame(
        at["left_shoulder"] - at["right_shoulder"], at["neck"] - (at["left_hip"] + at["right_hip"]) / 2
    )
    nose = torso @ (at["nose"] - at["neck"]) - (0, SKULL_ABOVE_NECK * body, 0)
    turn = np.clip(np.arctan2(nose[0], nose[2]), -FARTHEST_TURN_RAD, FARTHEST_TURN_RAD)
    nod = np.arctan2(nose[1], np.hypot(nose[0], nose[2])) - NOSE_ELEVATION_RAD
    left, up, forward = torso
    ahead = np.cos(turn) * forward + np.sin(turn) * left
    ahead = np.cos(nod) * ahead + np.sin(nod) * up
    aside = np.cos(turn) * left - np.sin(turn) * forward
    return np.stack([aside, np.cross(ahead, aside), ahead])
