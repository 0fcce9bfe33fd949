"""What the drawing styles know about a body beyond its joints: limbs, torso, head, and which way it faces.

Joints are (..., 16, 2) on the dancer skeleton and in pixels, `body` is the length of the torso in pixels; lengths in
the constants are in torso lengths.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER

HEAD_ABOVE_NOSE = 0.08
"""The centre of the head lies this far above the nose along the spine."""
HEAD_BEHIND_NOSE = 0.6
"""The centre of the head lies at this share of the nose's distance from the line of the spine."""
SHORTEST_SPINE = 0.3
"""A spine that looks shorter points at the viewer; its direction in the picture is then ignored."""
SHOULDERS_SHARE, HIPS_SHARE = 0.74, 0.92
"""The drawn torso has this share of the width between the joints, so that arms beside or behind it stay visible."""

NOSE, NECK = DANCER.index("nose"), DANCER.index("neck")
SHOULDERS = [DANCER.index("left_shoulder"), DANCER.index("right_shoulder")]
HIPS = [DANCER.index("left_hip"), DANCER.index("right_hip")]
FEET = [DANCER.index(f"{side}_{part}") for side in ("left", "right") for part in ("ankle", "toe")]

LIMBS = {"leg": ("hip", "knee", "ankle", "toe"), "arm": ("shoulder", "elbow", "wrist")}
"""The joints of each limb, from the torso outwards."""
_LIMB_ROWS = {
    (side, limb): [DANCER.index(f"{side}_{joint}") for joint in joints]
    for side in ("left", "right")
    for limb, joints in LIMBS.items()
}

_TORSO = [*SHOULDERS, *HIPS]
_INSET = np.array(
    [
        [(1 + SHOULDERS_SHARE) / 2, (1 - SHOULDERS_SHARE) / 2, 0, 0],
        [(1 - SHOULDERS_SHARE) / 2, (1 + SHOULDERS_SHARE) / 2, 0, 0],
        [0, 0, (1 + HIPS_SHARE) / 2, (1 - HIPS_SHARE) / 2],
        [0, 0, (1 - HIPS_SHARE) / 2, (1 + HIPS_SHARE) / 2],
    ],
    np.float32,
)

Body = float | NDArray[np.float32]
"""The torso's length in pixels: one for all poses, or one for each pose."""


def limb_chain(joints: NDArray[np.float32], side: str, limb: str) -> NDArray[np.float32]:
    """Return the joints of one limb from the torso outwards, (..., 3 or 4, 2), in the order of `LIMBS`."""
    return joints[..., _LIMB_ROWS[side, limb], :]


def faces_viewer(joints: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return whether the left shoulder is right of the right one, (...); True where a shoulder is missing."""
    return np.asarray(~(joints[..., SHOULDERS[0], 0] < joints[..., SHOULDERS[1], 0]))


def torso_corners(joints: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return shoulders and hips, (frames, 4, 2), moved a little inside the joints.

    Where some of the four joints are missing, one that is known replaces them; with fewer than two known all
    corners are NaN.
    """
    corners = joints[:, _TORSO]
    seen = np.isfinite(corners[..., 0])
    any_seen = np.take_along_axis(corners, seen.argmax(axis=1)[:, None, None], axis=1)
    half_seen = np.where(seen[..., None], corners, any_seen)
    half_seen[seen.sum(axis=1) < 2] = np.nan
    return np.where(seen.all(axis=1)[:, None, None], _INSET @ np.nan_to_num(corners), half_seen)


def nose_from_neck(
    joints: NDArray[np.float32], body: Body
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Split the way from the neck to the nose along the spine.

    Returns
    -------
    up : (..., 2), the unit vector up the spine.
    above : (...), how far the nose is up the spine from the neck, in pixels.
    across : (..., 2), the rest of the way, at right angles to the spine.
    """
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
    """Return the centre of the head, (..., 2) in pixels; NaN where nose or neck is missing.

    The nose is in front of the head: in a side view the head is drawn behind it.
    """
    up, above, across = nose_from_neck(joints, body)
    raised = (above + HEAD_ABOVE_NOSE * np.asarray(body))[..., None] * up
    return np.asarray(joints[..., NECK, :] + raised + HEAD_BEHIND_NOSE * across, np.float32)
