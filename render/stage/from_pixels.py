"""Dancers in pixels on a stage: fitted into the picture, or where they were filmed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pose_vocab.sequence import PoseSequence
from render.body import FEET, HIPS, NECK, SHOULDERS
from render.stage.dancer_copies import calm_path, copy_of, middle_of, shifted
from render.stage.floor import Floor
from render.stage.formation import SPACING, Formation, Place
from render.stage.stage import Stage, StagedClip
from render.stage.viewport import Viewport

LONGEST_JUMP_S = 0.8
"""A foot line that is higher for no longer than this is a jump; for longer, the dancer stands farther back."""
TORSO_PERCENTILE = 85
"""Of the torso's length over the frames of a 2D clip: leaning towards the camera shortens it."""
SHOULDERS_IN_TORSOS = 0.66
"""Width of the shoulders, from which the body's size follows where no hips are seen."""


def stage_pixels(
    dancers: Sequence[PoseSequence], width: int, height: int, formation: Formation, follow: bool, as_filmed: bool
) -> Stage:
    """Where the copies of dancers in pixels are; parameters as `render.stage.layout.stage` has them."""
    path = calm_path(dancers) if follow else np.zeros((len(dancers[0]), 2))
    dancers = [shifted(dancer, -path) for dancer in dancers]
    body = float(np.median([body_size(dancer.keypoints, default=height / 5) for dancer in dancers]))
    middle = _middle_of_floor(dancers)
    floor = None if middle is None else Floor.of_picture(middle, body)
    across = np.array([1.0, 0.0])
    copies = [
        _placed_in_picture(copy_of(dancer, place, formation, across), place, floor, body)
        for dancer in dancers
        for place in formation.places
    ]
    viewport = Viewport()
    if not as_filmed:
        viewport = Viewport.fit(np.concatenate([copy.keypoints for copy in copies], axis=1), width, height)
    staged = tuple(clip_in_pixels(viewport.apply(copy.keypoints), height, copy.fps) for copy in copies)
    if middle is not None:
        x, y = viewport.apply(np.array(middle, np.float32)).tolist()
        floor = Floor.of_picture((x, y), body * viewport.scale)
    return Stage(staged, floor, path / body)


def clip_in_pixels(joints: NDArray[np.float32], height: int, fps: float) -> StagedClip:
    """A clip whose joints, (frames, 16, 2), are in a picture so high: how large it is and where it stands."""
    ground = middle_of(joints)
    ground[:, 1] = _ground_rows(joints[..., 1], fps)
    body = np.full(len(joints), body_size(joints, default=height / 5), np.float32)
    return StagedClip(joints, None, body, ground, fps)


def _middle_of_floor(dancers: Sequence[PoseSequence]) -> tuple[float, float] | None:
    """The pixel on the floor below the middle of the dancers' paths; None where no foot is seen."""
    columns = np.concatenate([middle_of(dancer.keypoints)[:, 0] for dancer in dancers])
    rows = np.concatenate([_ground_rows(dancer.keypoints[..., 1], dancer.fps) for dancer in dancers])
    columns, rows = columns[np.isfinite(columns)], rows[np.isfinite(rows)]
    return (float(np.median(columns)), float(np.median(rows))) if len(columns) and len(rows) else None


def _placed_in_picture(poses: PoseSequence, place: Place, floor: Floor | None, body: float) -> PoseSequence:
    """Moved over the floor as the camera would see it: farther back smaller, and nearer to the horizon."""
    if floor is None:
        return shifted(poses, np.array([place.across * SPACING * body, 0.0]))
    towards = place.towards * SPACING
    vanishing = floor.see([0.0, -1e6])
    scale = float(floor.scale(towards))
    keypoints = (poses.keypoints - vanishing) * scale + vanishing + (place.across * SPACING * body * scale, 0)
    return poses.with_keypoints(keypoints)


def _ground_rows(rows: NDArray[np.float32], fps: float) -> NDArray[np.float32]:
    """The row on which the dancer stands, or over which he jumps, frame by frame; NaN where no foot is ever seen."""
    lowest = np.asarray(np.fmax.reduce(rows[:, FEET], axis=1))
    seen = np.flatnonzero(np.isfinite(lowest))
    if not len(seen):
        return lowest
    lowest = np.interp(np.arange(len(rows)), seen, lowest[seen])
    window = 1 + round(LONGEST_JUMP_S * fps)
    standing = ndimage.grey_closing(lowest, size=window, mode="nearest")
    return np.asarray(ndimage.uniform_filter1d(standing, window, mode="nearest"), np.float32)


def body_size(joints: NDArray[np.float32], default: float) -> float:
    """The length of the torso in pixels over a whole clip, (frames, 16, 2); `default` where none is seen."""
    torso = joints[:, NECK] - joints[:, HIPS].mean(axis=1)
    across = (joints[:, SHOULDERS[0]] - joints[:, SHOULDERS[1]]) / SHOULDERS_IN_TORSOS
    for bones in (torso, across):
        lengths = np.linalg.norm(bones, axis=1)
        lengths = lengths[np.isfinite(lengths)]
        if len(lengths):
            return max(float(np.percentile(lengths, TORSO_PERCENTILE)), 1.0)
    return default
