"""The stage for dancers in metres: a camera projects them into the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pose_vocab.camera import Camera, mean_facing_rad
from pose_vocab.sequence import PoseSequence
from render.body import FEET, NECK, NOSE
from render.stage.dancer_copies import body_position, camera_path, dancer_copy, hip_centre, shifted
from render.stage.floor import Floor
from render.stage.formation import SPACING, Formation
from render.stage.from_pixels import staged_clip
from render.stage.stage import Stage, StagedClip

FEET_PERCENTILE = 30
"""Percentile of the lower foot's height over the frames: below the median, since feet leave the floor but never
sink into it."""
DEFAULT_TORSO_M = 0.5
"""The length of a torso that is never seen: that of an adult."""


def stage_from_metres(
    dancers: Sequence[PoseSequence],
    size_px: tuple[int, int],
    yaw_deg: float,
    formation: Formation,
    follow: bool,
    headroom: float,
) -> Stage:
    """Return the stage with the copies of dancers in metres; parameters as in `render.stage.layout.lay_out`."""
    together = _concatenated(dancers)
    turn = mean_facing_rad(together) + np.radians(yaw_deg)
    across, towards = np.array([np.cos(turn), 0, -np.sin(turn)]), np.array([np.sin(turn), 0, np.cos(turn)])
    path = camera_path(dancers) if follow else np.zeros((len(dancers[0]), 3))
    dancers = [shifted(dancer, -path) for dancer in dancers]
    torso_m = median_torso_m(together)
    copies = [
        shifted(
            dancer_copy(dancer, place, formation, across),
            torso_m * SPACING * (place.across * across + place.towards * towards),
        )
        for dancer in dancers
        for place in formation.places
    ]
    framed = _concatenated(copies)
    raised = framed.keypoints.copy()
    raised[:, NOSE, 1] += np.float32(headroom * torso_m)
    camera = Camera.framing(framed.with_keypoints(raised), turn, *size_px)
    floors_m = [floor_height_m(copy) for copy in copies]
    staged = tuple(_projected(camera, copy, floor_m) for copy, floor_m in zip(copies, floors_m, strict=True))
    floor = None
    middles = body_position(_concatenated(dancers).keypoints)
    middles = middles[np.isfinite(middles).all(axis=1)]
    if np.isfinite(floors_m).any() and len(middles):
        middle = np.median(middles, axis=0).astype(np.float64)
        middle[1] = np.nanmin(floors_m)
        floor = Floor.of_camera(camera, middle, across, torso_m)
    camera_moved = np.stack([path @ across, path @ towards], axis=1) / torso_m
    return Stage(staged, floor, camera_moved)


def _concatenated(dancers: Sequence[PoseSequence]) -> PoseSequence:
    """Return all frames of all dancers as one sequence."""
    keypoints = np.concatenate([dancer.keypoints for dancer in dancers])
    return replace(
        dancers[0], keypoints=keypoints, confidence=np.concatenate([dancer.confidence for dancer in dancers])
    )


def median_torso_m(dancer: PoseSequence) -> float:
    """Return the median length of the torso; `DEFAULT_TORSO_M` where it is never seen."""
    lengths = np.linalg.norm(dancer.keypoints[:, NECK] - hip_centre(dancer.keypoints), axis=1)
    lengths = lengths[np.isfinite(lengths)]
    return max(float(np.median(lengths)), 1e-3) if len(lengths) else DEFAULT_TORSO_M


def floor_height_m(dancer: PoseSequence) -> float:
    """Return the height of the floor under a dancer; NaN where no foot is seen."""
    feet_m = np.fmin.reduce(dancer.keypoints[:, FEET, 1], axis=1)
    feet_m = feet_m[np.isfinite(feet_m)]
    return float(np.percentile(feet_m, FEET_PERCENTILE)) if len(feet_m) else np.nan


def _projected(camera: Camera, dancer: PoseSequence, floor_m: float) -> StagedClip:
    joints, depth_m = camera.project(dancer).keypoints.copy(), camera.depth(dancer)
    middle, middle_depth_m = body_position(dancer.keypoints), body_position(depth_m[..., None])[:, 0]
    seen = np.isfinite(middle_depth_m)
    if not seen.any():
        return staged_clip(joints, camera.height, dancer.fps)
    middle_depth_m = np.where(seen, middle_depth_m, middle_depth_m[seen].mean())
    px_per_m = camera.focal_px / middle_depth_m
    below = np.stack([middle[:, 0], np.full(len(middle), floor_m), middle[:, 2]], axis=1)
    return StagedClip(
        joints=joints,
        depth=((depth_m - middle_depth_m[:, None]) * px_per_m[:, None]).astype(np.float32),
        body=(median_torso_m(dancer) * px_per_m).astype(np.float32),
        ground=camera.see(below).astype(np.float32),
        fps=dancer.fps,
    )
