"""The stage for dancers in pixels: fitted into the picture, or at the pixels where they were filmed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pose_vocab.sequence import PoseSequence
from render.body import FEET, HIPS, NECK, SHOULDERS
from render.stage.dancer_copies import body_position, camera_path, dancer_copy, shifted
from render.stage.floor import Floor
from render.stage.formation import SPACING, Formation, Place
from render.stage.stage import Stage, StagedClip
from render.stage.viewport import Viewport

LONGEST_JUMP_S = 0.8
"""Feet that are raised for this long at most are a jump; for longer, the dancer stands farther back."""
TORSO_PERCENTILE = 85
"""Percentile of the torso's length over the frames of a 2D clip: leaning towards the camera shortens it."""
SHOULDERS_IN_TORSOS = 0.66
"""Width of the shoulders in torso lengths; it gives the body's size where no hips are seen."""


def stage_from_pixels(
    dancers: Sequence[PoseSequence], width: int, height: int, formation: Formation, follow: bool, as_filmed: bool
) -> Stage:
    """Return the stage with the copies of dancers in pixels; parameters as in `render.stage.layout.lay_out`."""
    path = camera_path(dancers) if follow else np.zeros((len(dancers[0]), 2))
    dancers = [shifted(dancer, -path) for dancer in dancers]
    body = float(np.median([body_size(dancer.keypoints, default=height / 5) for dancer in dancers]))
    middle = _middle_of_floor(dancers)
    floor = None if middle is None else Floor.of_picture(middle, body)
    across = np.array([1.0, 0.0])
    copies = [
        _moved_to_place(dancer_copy(dancer, place, formation, across), place, floor, body)
        for dancer in dancers
        for place in formation.places
    ]
    viewport = Viewport()
    if not as_filmed:
        viewport = Viewport.fit(np.concatenate([copy.keypoints for copy in copies], axis=1), width, height)
    staged = tuple(staged_clip(viewport.apply(copy.keypoints), height, copy.fps) for copy in copies)
    if middle is not None:
        x, y = viewport.apply(np.array(middle, np.float32)).tolist()
        floor = Floor.of_picture((x, y), body * viewport.scale)
    return Stage(staged, floor, path / body)


def staged_clip(joints: NDArray[np.float32], height: int, fps: float) -> StagedClip:
    """Return the clip of joints, (frames, 16, 2) in pixels, with body size and ground; `height` is the picture's."""
    ground = body_position(joints)
    ground[:, 1] = _ground_rows(joints[..., 1], fps)
    body = np.full(len(joints), body_size(joints, default=height / 5), np.float32)
    return StagedClip(joints, None, body, ground, fps)


def _middle_of_floor(dancers: Sequence[PoseSequence]) -> tuple[float, float] | None:
    """Return the pixel on the floor below the median of the dancers' paths; None where no foot is seen."""
    columns = np.concatenate([body_position(dancer.keypoints)[:, 0] for dancer in dancers])
    rows = np.concatenate([_ground_rows(dancer.keypoints[..., 1], dancer.fps) for dancer in dancers])
    columns, rows = columns[np.isfinite(columns)], rows[np.isfinite(rows)]
    return (float(np.median(columns)), float(np.median(rows))) if len(columns) and len(rows) else None


def _moved_to_place(poses: PoseSequence, place: Place, floor: Floor | None, body: float) -> PoseSequence:
    """Return the poses moved over the floor in perspective: farther back they are smaller and nearer to the horizon."""
    if floor is None:
        return shifted(poses, np.array([place.across * SPACING * body, 0.0]))
    towards = place.towards * SPACING
    vanishing = floor.project([0.0, -1e6])
    scale = float(floor.scale(towards))
    keypoints = (poses.keypoints - vanishing) * scale + vanishing + (place.across * SPACING * body * scale, 0)
    return poses.with_keypoints(keypoints)


def _ground_rows(rows: NDArray[np.float32], fps: float) -> NDArray[np.float32]:
    """Return the row of the floor below the dancer, frame by frame; NaN where no foot is ever seen."""
    lowest = np.asarray(np.fmax.reduce(rows[:, FEET], axis=1))
    seen = np.flatnonzero(np.isfinite(lowest))
    if not len(seen):
        return lowest
    lowest = np.interp(np.arange(len(rows)), seen, lowest[seen])
    window = 1 + round(LONGEST_JUMP_S * fps)
    standing = ndimage.grey_closing(lowest, size=window, mode="nearest")
    return np.asarray(ndimage.uniform_filter1d(standing, window, mode="nearest"), np.float32)


def body_size(joints: NDArray[np.float32], default: float) -> float:
    """Return the length of the torso in pixels over a clip, (frames, 16, 2); `default` where none is seen."""
    torso = joints[:, NECK] - joints[:, HIPS].mean(axis=1)
    across = (joints[:, SHOULDERS[0]] - joints[:, SHOULDERS[1]]) / SHOULDERS_IN_TORSOS
    for bones in (torso, across):
        lengths = np.linalg.norm(bones, axis=1)
        lengths = lengths[np.isfinite(lengths)]
        if len(lengths):
            return max(float(np.percentile(lengths, TORSO_PERCENTILE)), 1.0)
    return default
