"""The layout of a picture: dancers in pixels are fitted into it, dancers in metres are projected by a camera.

All frames share one scale and one position: a crouch stays a crouch and a jump a jump.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pose_vocab.errors import PoseError
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.sequence import PoseSequence
from render.stage.floor import Floor
from render.stage.formation import Formation
from render.stage.from_metres import stage_from_metres
from render.stage.from_pixels import stage_from_pixels
from render.stage.stage import Stage

ONE_POINT = 1e-6
"""Joints within this share of their coordinates count as one point."""


def lay_out(
    people: Sequence[PoseSequence],
    width: int,
    height: int,
    yaw_deg: float = 0.0,
    formation: Formation | None = None,
    *,
    follow: bool = False,
    as_filmed: bool = False,
    headroom: float = 0.0,
    free_rows: tuple[int, int] = (0, 0),
) -> Stage:
    """Place dancers in a picture of `width` x `height`.

    Parameters
    ----------
    people : at least one, of one frame rate and either all 2D or all 3D; shorter dances leave the stage when they end.
    yaw_deg : for metres, the direction of the camera: 0 where the dancers face on average, 180 behind.
    formation : the copies of each dancer.
    follow : whether the camera follows the dancers smoothly, instead of showing their whole path.
    as_filmed : whether 2D poses are in the pixels of this picture already.
    headroom : space for a camera to leave above noses, in torso lengths, in addition to the margin around joints.
    free_rows : rows of the picture to leave free above and below the dancers; ignored with `as_filmed`.

    Raises
    ------
    PoseError : nobody, an unknown skeleton, mixed frame rates or dimensions, or all joints at one point.
    """
    if not people:
        raise PoseError("there is nobody to draw; give at least one dancer")
    frames = max(len(poses) for poses in people)
    dancers = [_padded(to_dancer(poses), frames) for poses in people]
    kinds = {(dancer.dims, dancer.fps) for dancer in dancers}
    if len(kinds) > 1:
        found = ", ".join(f"{dims}D at {fps:g} frames per second" for dims, fps in sorted(kinds))
        raise PoseError(f"dancers of one picture must be all 2D or all 3D, at one frame rate; got {found}")
    _check_bodies(dancers)
    formation = formation or Formation()
    if as_filmed:
        return _numbered(stage_from_pixels(dancers, width, height, formation, follow, as_filmed=True), formation)
    above, below = free_rows
    height -= above + below
    if dancers[0].dims == 3:
        staged = stage_from_metres(dancers, (width, height), yaw_deg, formation, follow, headroom)
    else:
        staged = stage_from_pixels(dancers, width, height, formation, follow, as_filmed=False)
    return _numbered(_lowered(staged, above), formation)


def _numbered(stage: Stage, formation: Formation) -> Stage:
    """Return the stage with the number of the person that each dancer is a copy of."""
    copies = len(formation.places)
    dancers = tuple(replace(dancer, person=k // copies) for k, dancer in enumerate(stage.dancers))
    return replace(stage, dancers=dancers)


def _check_bodies(dancers: Sequence[PoseSequence]) -> None:
    """Raise PoseError if joints are seen, but in every frame all of a dancer's joints are at one point."""
    keypoints = np.concatenate([dancer.keypoints for dancer in dancers])
    several = np.isfinite(keypoints).all(axis=2).sum(axis=1) > 1
    if not several.any():
        return
    seen = keypoints[several]
    extent = np.fmax.reduce(seen, axis=1) - np.fmin.reduce(seen, axis=1)
    if extent.max() <= ONE_POINT * np.nanmax(np.abs(seen)):
        raise PoseError(
            "the dancers have no body size: in every frame all their joints are at one point; "
            "give poses whose joints are at different points"
        )


def _lowered(stage: Stage, rows: int) -> Stage:
    """Return the stage moved down in the picture by a number of rows."""
    if not rows:
        return stage
    down = np.array([0, rows], np.float32)
    dancers = tuple(
        replace(dancer, joints=dancer.joints + down, ground=dancer.ground + down) for dancer in stage.dancers
    )
    lower = np.array([[1, 0, 0], [0, 1, rows], [0, 0, 1]])
    return replace(stage, dancers=dancers, floor=stage.floor and Floor(lower @ stage.floor.homography))


def _padded(poses: PoseSequence, frames: int) -> PoseSequence:
    """Return the poses with frames of missing joints appended."""
    missing = frames - len(poses)
    if not missing:
        return poses
    keypoints = np.pad(poses.keypoints, ((0, missing), (0, 0), (0, 0)), constant_values=np.nan)
    return replace(poses, keypoints=keypoints, confidence=np.pad(poses.confidence, ((0, missing), (0, 0))))
