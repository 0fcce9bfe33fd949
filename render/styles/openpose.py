"""The colours of OpenPose: transparent spindles along the limbs, and a dot on every joint.

The joints and the colours of the limbs are those of its COCO model (Z. Cao et al., "OpenPose", IEEE TPAMI 43(1),
2021); feet, as in BODY_25, have their leg's colour. The dancer skeleton has no eyes and ears: they are placed on a head
whose direction follows from the nose.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER
from render.body import NECK, NOSE, SHOULDERS, nose_from_neck
from render.shapes import Colour, Shapes, discs, ellipses
from render.stage.stage import StagedClip
from render.styles.style import ShapesStyle
from render.theme import Theme

Array = NDArray[np.float32]

# All sizes are in torso lengths.
LIMB_RADIUS = 0.055
"""Half the width of a spindle in its middle."""
JOINT_RADIUS = 0.05
LIMB_OPACITY = 0.6
HEAD_RADIUS = 0.2
SHOULDER_WIDTH, NOSE_AHEAD = 0.66, 0.25
"""Without depth: the width of shoulders that face the viewer, and the distance of the nose in front of the neck."""
FACE_TURN = 6.0
"""How fast an eye or ear fades in as it turns to the front: opacity per unit of its depth on the unit ball."""

_FACE = {"right_eye": (-28, 0.11), "right_ear": (-85, 0.06), "left_eye": (28, 0.11), "left_ear": (85, 0.06)}
"""Degrees to the left of the nose, and height above it."""
_JOINTS = (*DANCER.joint_names, *_FACE)

_LIMBS: dict[tuple[str, str], Colour] = {
    ("neck", "right_shoulder"): (255, 0, 0),
    ("neck", "left_shoulder"): (255, 85, 0),
    ("right_shoulder", "right_elbow"): (255, 170, 0),
    ("right_elbow", "right_wrist"): (255, 255, 0),
    ("left_shoulder", "left_elbow"): (170, 255, 0),
    ("left_elbow", "left_wrist"): (85, 255, 0),
    ("neck", "right_hip"): (0, 255, 0),
    ("right_hip", "right_knee"): (0, 255, 85),
    ("right_knee", "right_ankle"): (0, 255, 170),
    ("right_ankle", "right_toe"): (0, 255, 170),
    ("neck", "left_hip"): (0, 255, 255),
    ("left_hip", "left_knee"): (0, 170, 255),
    ("left_knee", "left_ankle"): (0, 85, 255),
    ("left_ankle", "left_toe"): (0, 85, 255),
    ("neck", "nose"): (0, 0, 255),
    ("nose", "right_eye"): (85, 0, 255),
    ("right_eye", "right_ear"): (170, 0, 255),
    ("nose", "left_eye"): (255, 0, 255),
    ("left_eye", "left_ear"): (255, 0, 170),
}
_STARTS, _ENDS = (np.array([_JOINTS.index(limb[end]) for limb in _LIMBS]) for end in (0, 1))
_LIMB_COLOURS = np.array(list(_LIMBS.values()), np.float32)
_DOT_COLOURS = {
    "nose": (255, 0, 0), "neck": (255, 85, 0),
    "right_shoulder": (255, 170, 0), "right_elbow": (255, 255, 0), "right_wrist": (170, 255, 0),
    "left_shoulder": (85, 255, 0), "left_elbow": (0, 255, 0), "left_wrist": (0, 255, 85),
    "right_hip": (0, 255, 170), "right_knee": (0, 255, 255), "right_ankle": (0, 170, 255), "right_toe": (0, 170, 255),
    "left_hip": (0, 85, 255), "left_knee": (0, 0, 255), "left_ankle": (85, 0, 255), "left_toe": (85, 0, 255),
    "right_eye": (170, 0, 255), "left_eye": (255, 0, 255), "right_ear": (255, 0, 170), "left_ear": (255, 0, 85),
}  # fmt: skip
_JOINT_COLOURS = np.array([_DOT_COLOURS[name] for name in _JOINTS], np.float32)


class OpenPose(ShapesStyle):
    """OpenPose's colours in every theme, and its paint order: all limbs, then all joints."""

    default_theme = "dark"

    def __init__(self, theme: Theme) -> None:
        pass

    def shapes(self, dancer: StagedClip, frames: NDArray[np.intp]) -> Shapes:
        """Return the shapes of some frames of a clip, (frames, shapes, 14)."""
        body = dancer.body[frames, None]
        depth = None if dancer.depth is None else dancer.depth[frames]
        joints, opacity = _with_face(dancer.joints[frames], body, depth)
        starts, ends = joints[:, _STARTS], joints[:, _ENDS]
        halves = (ends - starts) / 2
        lengths = np.maximum(np.hypot(halves[..., 0], halves[..., 1]), np.float32(1e-6))
        wide = np.maximum(lengths, LIMB_RADIUS * body)
        spindles = ellipses(
            (starts + ends) / 2,
            halves * (wide / lengths)[..., None],
            LIMB_RADIUS * body / wide,
            _LIMB_COLOURS,
            LIMB_OPACITY * np.minimum(opacity[:, _STARTS], opacity[:, _ENDS]),
        )
        return np.concatenate([spindles, discs(joints, JOINT_RADIUS * body, _JOINT_COLOURS, opacity)], axis=1)


def _with_face(joints: Array, body: Array, depth: Array | None) -> tuple[Array, Array]:
    """Return joints with eyes and ears, (frames, 20, 2), and the opacity of each, (frames, 20) in 0..1.

    Eyes and ears are on a ball; those on its far side are hidden, and so is the ear beside a hidden eye.
    """
    up, _, beside = nose_from_neck(joints, body[:, 0])
    right = np.stack([-up[:, 1], up[:, 0]], axis=1)
    if depth is None:
        across = joints[:, SHOULDERS[0], 0] - joints[:, SHOULDERS[1], 0]
        facing = np.clip(np.nan_to_num(across / (SHOULDER_WIDTH * body[:, 0]), nan=1.0), -1, 1)
        ahead = NOSE_AHEAD * facing * body[:, 0]
    else:
        ahead = depth[:, NECK] - depth[:, NOSE]
    turn = np.arctan2((beside * right).sum(axis=1), ahead)[:, None]
    degrees, height = np.array(list(_FACE.values()), np.float32).T
    angle = turn + np.radians(degrees)
    aside = HEAD_RADIUS * (np.sin(angle) - np.sin(turn)) * body
    face = joints[:, [NOSE]] + aside[..., None] * right[:, None] + (height * body)[..., None] * up[:, None]
    seen = np.clip(0.5 + FACE_TURN * np.cos(angle), 0, 1)
    seen[:, 1::2] = np.minimum(seen[:, 1::2], seen[:, ::2])
    whole = np.ones(joints.shape[:2], np.float32)
    return np.concatenate([joints, face.astype(np.float32)], axis=1), np.concatenate([whole, seen], axis=1)
