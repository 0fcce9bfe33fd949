"""Where the dancers are in the picture: pixels are fitted into it, metres are seen by a camera.

Nothing here looks at a single frame to place it: a crouch stays a crouch and a jump a jump.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pose_vocab.errors import PoseError
from pose_vocab.mapping import to_dancer
from pose_vocab.sequence import PoseSequence
from render.formation import Formation
from render.in_metres import stage_metres
from render.in_pixels import stage_pixels
from render.stage import Stage


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

    Raises
    ------
    PoseError : an unknown skeleton, or people who do not fit together.
    """
    if not people:
        raise PoseError("there is nobody to draw; name at least one dancer")
    frames = max(len(poses) for poses in people)
    dancers = [_lengthened(to_dancer(poses), frames) for poses in people]
    kinds = {(dancer.dims, dancer.fps) for dancer in dancers}
    if len(kinds) > 1:
        found = ", ".join(f"{dims}D at {fps:g} frames a second" for dims, fps in sorted(kinds))
        raise PoseError(f"dancers of one picture must be of one kind and frame rate, got {found}")
    formation = formation or Formation()
    if dancers[0].dims == 3:
        return stage_metres(dancers, (width, height), yaw_deg, formation, follow, headroom)
    return stage_pixels(dancers, width, height, formation, follow, as_filmed)


def _lengthened(poses: PoseSequence, frames: int) -> PoseSequence:
    """With frames that nobody is seen in at the end."""
    missing = frames - len(poses)
    if not missing:
        return poses
    keypoints = np.pad(poses.keypoints, ((0, missing), (0, 0), (0, 0)), constant_values=np.nan)
    return replace(poses, keypoints=keypoints, confidence=np.pad(poses.confidence, ((0, missing), (0, 0))))
