"""A made-up dancer on MediaPipe's 33 landmarks, who stands upright, sways and swings the arms."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pose_vocab.skeletons import MEDIAPIPE

NAMES = MEDIAPIPE.joint_names
FPS = 20
FRAMES = 100
WIDTH, HEIGHT = 640, 480
_SIDE_PX = {
    "nose": (0, -150), "eye_inner": (4, -157), "eye": (8, -158), "eye_outer": (12, -157), "ear": (18, -153),
    "mouth": (6, -140), "shoulder": (38, -110), "elbow": (60, -60), "wrist": (66, -10), "pinky": (70, 2),
    "index": (68, 6), "thumb": (62, 2), "hip": (22, 0), "knee": (26, 85), "ankle": (27, 170), "heel": (24, 178),
    "foot_index": (36, 182),
}  # fmt: skip
"""Places from the middle of the hips, in pixels, of the left side."""
_AHEAD_M = {"nose": 0.12, "foot_index": 0.15, "knee": 0.03, "wrist": 0.1}
"""How far a joint is in front of the body."""
PX_PER_M = 200.0


def dancer_px() -> NDArray[np.float64]:
    """Return (100, 33, 2) in pixels of a picture of 640x480, y down, at 20 frames a second."""
    times_s = np.arange(FRAMES) / FPS
    points = np.zeros((FRAMES, len(NAMES), 2))
    for joint, name in enumerate(NAMES):
        out = 1 if name.startswith("left") else -1
        part = name.removeprefix("left_").removeprefix("right_")
        x, y = _SIDE_PX[part]
        swing = 25 * np.sin(2 * np.pi * 0.8 * times_s) * (part in ("wrist", "pinky", "index", "thumb", "elbow"))
        sway = 40 * np.sin(2 * np.pi * 0.3 * times_s)
        bounce = 10 * np.abs(np.sin(2 * np.pi * times_s))
        points[:, joint, 0] = WIDTH / 2 + out * (x + swing) + sway
        points[:, joint, 1] = HEIGHT / 2 + y + bounce - np.abs(swing)
    return points


def dancer_m() -> NDArray[np.float64]:
    """Return (100, 33, 3) in metres: x to the right, y up, z to the viewer, feet near y = 0."""
    picture = dancer_px()
    points = np.zeros((*picture.shape[:2], 3))
    points[..., 0] = (picture[..., 0] - WIDTH / 2) / PX_PER_M + 0.5
    points[..., 1] = (430 - picture[..., 1]) / PX_PER_M
    for joint, name in enumerate(NAMES):
        points[:, joint, 2] = 0.3 + _AHEAD_M.get(name.removeprefix("left_").removeprefix("right_"), 0.0)
    return points


def wide_table(points: NDArray[np.float64], **first: object) -> pd.DataFrame:
    """Return a table with columns `first`, and x, y (and z) of each landmark in a row a frame."""
    columns = dict(first)
    for joint, name in enumerate(NAMES):
        for axis in range(points.shape[2]):
            columns[f"{name}_{'xyz'[axis]}"] = points[:, joint, axis]
    return pd.DataFrame(columns)
