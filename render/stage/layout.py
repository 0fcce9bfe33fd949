"""Where the dancers are in the picture: pixels are fitted into it, metres are seen by a camera.

Nothing here looks at a single frame to place it: a crouch stays a crouch and a jump a jump.
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
from render.stage.from_metres import stage_metres
from render.stage.from_pixels import stage_pixels
from render.stage.stage import Stage

ONE_POINT = 1e-6
"""Joints that are this near to each other, as a share of their coordinates, stand on one point."""


def stage(
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
    people : at least one, of one frame rate and either all 2D or all 3D; who ends earlier leaves the stage.
    yaw_deg : for metres, where the camera stands: 0 where the dancers face on average, 180 behind.
    formation : each of them becomes so many.
    follow : whether a calm camera goes along with the dancers, instead of seeing the whole of their path.
    as_filmed : whether pixels are those of the picture already.
    headroom : what a camera leaves free above noses, in torso lengths, beyond what it leaves around joints.
    free_rows : how many rows of the picture stay free above and below the dancers, unless they are `as_filmed`.

    Raises
    ------
    PoseError : an unknown skeleton, people who do not fit together, or whose joints all stand on one point.
    """
    if not people:
        raise PoseError("there is nobody to draw; name at least one dancer")
    frames = max(len(poses) for poses in people)
    dancers = [_lengthened(to_dancer(poses), frames) for poses in people]
    kinds = {(dancer.dims, dancer.fps) for dancer in dancers}
    if len(kinds) > 1:
        found = ", ".join(f"{dims}D at {fps:g} frames a second" for dims, fps in sorted(kinds))
        raise PoseError(f"dancers of one picture must be of one kind and frame rate, got {found}")
    _check_bodies(dancers)
    formation = formation or Formation()
    if as_filmed:
        return _numbered(stage_pixels(dancers, width, height, formation, follow, as_filmed=True), formation)
    above, below = free_rows
    height -= above + below
    if dancers[0].dims == 3:
        staged = stage_metres(dancers, (width, height), yaw_deg, formation, follow, headroom)
    else:
        staged = stage_pixels(dancers, width, height, formation, follow, as_filmed=False)
    return _numbered(_lowered(staged, above), formation)


def _numbered(stage: Stage, formation: Formation) -> Stage:
    """The same stage, whose dancers know which person they are copies of."""
    copies = len(formation.places)
    dancers = tuple(replace(dancer, person=k // copies) for k, dancer in enumerate(stage.dancers))
    return replace(stage, dancers=dancers)


def _check_bodies(dancers: Sequence[PoseSequence]) -> None:
    """Raises PoseError where joints are seen, and in no frame two of one dancer stand apart."""
    keypoints = np.concatenate([dancer.keypoints for dancer in dancers])
    several = np.isfinite(keypoints).all(axis=2).sum(axis=1) > 1
    if not several.any():
        return
    seen = keypoints[several]
    extent = np.fmax.reduce(seen, axis=1) - np.fmin.reduce(seen, axis=1)
    if extent.max() <= ONE_POINT * np.nanmax(np.abs(seen)):
        raise PoseError(
            "the dancers have no body size: in every frame all their joints stand on one point; "
            "give poses whose joints stand apart"
        )


def _lowered(stage: Stage, rows: int) -> Stage:
    """The same stage so many rows further down in the picture."""
    if not rows:
        return stage
    down = np.array([0, rows], np.float32)
    dancers = tuple(
        replace(dancer, joints=dancer.joints + down, ground=dancer.ground + down) for dancer in stage.dancers
    )
    lower = np.array([[1, 0, 0], [0, 1, rows], [0, 0, 1]])
    return replace(stage, dancers=dancers, floor=stage.floor and Floor(lower @ stage.floor.homography))


def _lengthened(poses: PoseSequence, frames: int) -> PoseSequence:
    """With frames that nobody is seen in at the end."""
    missing = frames - len(poses)
    if not missing:
        return poses
    keypoints = np.pad(poses.keypoints, ((0, missing), (0, 0), (0, 0)), constant_values=np.nan)
    return replace(poses, keypoints=keypoints, confidence=np.pad(poses.confidence, ((0, missing), (0, 0))))
