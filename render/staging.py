"""Where the dancers are in the picture: pixels are fitted into it, metres are seen by a camera.

Nothing here looks at a single frame to place it: a crouch stays a crouch and a jump a jump.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pose_vocab.camera import Camera, facing_rad
from pose_vocab.errors import PoseError
from pose_vocab.mapping import to_dancer
from pose_vocab.resampling import fill_missing
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER
from render.body import HIPS, NECK, NOSE, SHOULDERS
from render.floor import Floor
from render.formation import SPACING, Formation, Place, delayed
from render.viewport import Viewport

FEET_PERCENTILE = 30
"""Of the lower foot's height over the frames: below the middle, since it leaves the floor but never goes through."""
LONGEST_JUMP_S = 0.8
"""A foot line that is higher for no longer than this is a jump; for longer, the dancer stands farther back."""
TORSO_PERCENTILE = 85
"""Of the torso's length over the frames of a 2D clip: leaning towards the camera shortens it."""
SHOULDERS_IN_TORSOS = 0.66
"""Width of the shoulders, from which the body's size follows where no hips are seen."""
CALM_S = 1.2
"""A camera that follows sees no movement that is quicker: standard deviation of the Gaussian over the path."""

_FEET = [DANCER.index(f"{side}_{part}") for side in ("left", "right") for part in ("ankle", "toe")]


@dataclass(frozen=True, eq=False)
class StagedClip:
    """One dancer in the coordinates of a picture.

    Parameters
    ----------
    joints : float32 (frames, 16, 2) in pixels, on the dancer skeleton; NaN where missing.
    depth : float32 (frames, 16) in pixels, larger is farther; None where the clip has none.
    body : float32 (frames,), the length of the torso in pixels.
    ground : float32 (frames, 2), the point on the floor below the hips; NaN where unknown.
    fps : frames a second.
    begin_s : when the first frame is.
    """

    joints: NDArray[np.float32]
    depth: NDArray[np.float32] | None
    body: NDArray[np.float32]
    ground: NDArray[np.float32]
    fps: float
    begin_s: float = 0.0

    def __len__(self) -> int:
        return len(self.joints)

    def __getitem__(self, frames: slice | NDArray[np.intp]) -> StagedClip:
        depth = None if self.depth is None else self.depth[frames]
        return replace(
            self, joints=self.joints[frames], depth=depth, body=self.body[frames], ground=self.ground[frames]
        )


@dataclass(frozen=True, eq=False)
class Stage:
    """All that stands in a picture.

    Parameters
    ----------
    dancers : all of one length.
    floor : how the floor is seen; None where no foot is seen.
    moved : (frames, 2), how far the camera has gone over the floor, across and towards the viewer, in torso lengths.
    """

    dancers: tuple[StagedClip, ...]
    floor: Floor | None
    moved: NDArray[np.float64]

    @property
    def body(self) -> float:
        """The usual length of a torso in pixels."""
        return float(np.median([np.median(dancer.body) for dancer in self.dancers]))

    @property
    def back_row(self) -> float | None:
        """The highest row of the picture on which somebody stands; None where no foot is seen."""
        rows = np.concatenate([dancer.ground[:, 1] for dancer in self.dancers])
        rows = rows[np.isfinite(rows)]
        return float(rows.min()) if len(rows) else None


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
        return _stage_metres(dancers, (width, height), yaw_deg, formation, follow, headroom)
    return _stage_pixels(dancers, width, height, formation, follow, as_filmed)


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


def _lengthened(poses: PoseSequence, frames: int) -> PoseSequence:
    """With frames that nobody is seen in at the end."""
    missing = frames - len(poses)
    if not missing:
        return poses
    keypoints = np.pad(poses.keypoints, ((0, missing), (0, 0), (0, 0)), constant_values=np.nan)
    return replace(poses, keypoints=keypoints, confidence=np.pad(poses.confidence, ((0, missing), (0, 0))))


def _calm_path(dancers: Sequence[PoseSequence]) -> NDArray[np.float64]:
    """Where the dancers are, (frames, dims), as a camera follows them that never hurries; level."""
    hips = np.stack([dancer.keypoints[:, HIPS].mean(axis=1) for dancer in dancers]).astype(np.float64)
    seen = np.isfinite(hips)
    count = seen.sum(axis=0)
    mean = np.where(count > 0, np.where(seen, hips, 0).sum(axis=0) / np.maximum(count, 1), np.nan)
    path = ndimage.gaussian_filter1d(fill_missing(mean), CALM_S * dancers[0].fps, axis=0, mode="nearest")
    path[:, 1] = 0
    return np.asarray(path - path.mean(axis=0))


def _shifted(poses: PoseSequence, by: NDArray[np.float64]) -> PoseSequence:
    """Moved by (dims,) or, frame by frame, by (frames, dims)."""
    return poses.with_keypoints(poses.keypoints + (by[:, None] if by.ndim == 2 else by))


def _mirrored(poses: PoseSequence, across: NDArray[np.float64]) -> PoseSequence:
    """As in a mirror that stands at right angles to `across`, (dims,), in the middle of the dancer's path."""
    order = poses.skeleton.mirror_order
    keypoints = poses.keypoints[:, order]
    along = keypoints @ across.astype(np.float32)
    hips = along[:, HIPS].mean(axis=1)
    middle = np.float32(np.median(hips[np.isfinite(hips)])) if np.isfinite(hips).any() else np.float32(0)
    turned = keypoints - 2 * (along - middle)[..., None] * across.astype(np.float32)
    return replace(poses, keypoints=turned, confidence=poses.confidence[:, order])


def _copy(poses: PoseSequence, place: Place, formation: Formation, across: NDArray[np.float64]) -> PoseSequence:
    """The dancer of one place, who stands where the one does who is copied."""
    copy = delayed(poses, place.rank * formation.canon_s)
    return _mirrored(copy, across) if formation.mirror and place.mirrored else copy


def _stage_pixels(
    dancers: Sequence[PoseSequence], width: int, height: int, formation: Formation, follow: bool, as_filmed: bool
) -> Stage:
    path = _calm_path(dancers) if follow else np.zeros((len(dancers[0]), 2))
    dancers = [_shifted(dancer, -path) for dancer in dancers]
    body = float(np.median([body_size(dancer.keypoints, default=height / 5) for dancer in dancers]))
    middle = _middle_of_floor(dancers)
    floor = None if middle is None else Floor.of_picture(middle, body)
    across = np.array([1.0, 0.0])
    copies = [
        _placed_in_picture(_copy(dancer, place, formation, across), place, floor, body)
        for dancer in dancers
        for place in formation.places
    ]
    viewport = Viewport()
    if not as_filmed:
        viewport = Viewport.fit(np.concatenate([copy.keypoints for copy in copies], axis=1), width, height)
    staged = tuple(_in_pixels(viewport.apply(copy.keypoints), height, copy.fps) for copy in copies)
    if middle is not None:
        x, y = viewport.apply(np.array(middle, np.float32)).tolist()
        floor = Floor.of_picture((x, y), body * viewport.scale)
    return Stage(staged, floor, path / body)


def _in_pixels(joints: NDArray[np.float32], height: int, fps: float) -> StagedClip:
    ground = joints[:, HIPS].mean(axis=1)
    ground[:, 1] = _ground_rows(joints[..., 1], fps)
    body = np.full(len(joints), body_size(joints, default=height / 5), np.float32)
    return StagedClip(joints, None, body, ground, fps)


def _middle_of_floor(dancers: Sequence[PoseSequence]) -> tuple[float, float] | None:
    """The pixel on the floor below the middle of the dancers' paths; None where no foot or no hip is seen."""
    hips = np.concatenate([dancer.keypoints[:, HIPS, 0].mean(axis=1) for dancer in dancers])
    rows = np.concatenate([_ground_rows(dancer.keypoints[..., 1], dancer.fps) for dancer in dancers])
    hips, rows = hips[np.isfinite(hips)], rows[np.isfinite(rows)]
    return (float(np.median(hips)), float(np.median(rows))) if len(hips) and len(rows) else None


def _placed_in_picture(poses: PoseSequence, place: Place, floor: Floor | None, body: float) -> PoseSequence:
    """Moved over the floor as the camera would see it: farther back smaller, and nearer to the horizon."""
    if floor is None:
        return _shifted(poses, np.array([place.across * SPACING * body, 0.0]))
    towards = place.towards * SPACING
    vanishing = floor.see([0.0, -1e6])
    scale = float(floor.scale(towards))
    keypoints = (poses.keypoints - vanishing) * scale + vanishing + (place.across * SPACING * body * scale, 0)
    return poses.with_keypoints(keypoints)


def _ground_rows(rows: NDArray[np.float32], fps: float) -> NDArray[np.float32]:
    """The row on which the dancer stands, or over which he jumps, frame by frame; NaN where no foot is ever seen."""
    lowest = np.asarray(np.fmax.reduce(rows[:, _FEET], axis=1))
    seen = np.flatnonzero(np.isfinite(lowest))
    if not len(seen):
        return lowest
    lowest = np.interp(np.arange(len(rows)), seen, lowest[seen])
    window = 1 + round(LONGEST_JUMP_S * fps)
    standing = ndimage.grey_closing(lowest, size=window, mode="nearest")
    return np.asarray(ndimage.uniform_filter1d(standing, window, mode="nearest"), np.float32)


def _stage_metres(
    dancers: Sequence[PoseSequence],
    size_px: tuple[int, int],
    yaw_deg: float,
    formation: Formation,
    follow: bool,
    headroom: float,
) -> Stage:
    together = _together(dancers)
    turn = facing_rad(together) + np.radians(yaw_deg)
    across, towards = np.array([np.cos(turn), 0, -np.sin(turn)]), np.array([np.sin(turn), 0, np.cos(turn)])
    path = _calm_path(dancers) if follow else np.zeros((len(dancers[0]), 3))
    dancers = [_shifted(dancer, -path) for dancer in dancers]
    torso_m = _torso_m(together)
    copies = [
        _shifted(
            _copy(dancer, place, formation, across),
            torso_m * SPACING * (place.across * across + place.towards * towards),
        )
        for dancer in dancers
        for place in formation.places
    ]
    framed = _together(copies)
    raised = framed.keypoints.copy()
    raised[:, NOSE, 1] += np.float32(headroom * torso_m)
    camera = Camera.framing(framed.with_keypoints(raised), turn, *size_px)
    floors_m = [_floor_m(copy) for copy in copies]
    staged = tuple(_seen_by(camera, copy, floor_m) for copy, floor_m in zip(copies, floors_m, strict=True))
    floor = None
    hips = _together(dancers).keypoints[:, HIPS].mean(axis=1)
    hips = hips[np.isfinite(hips).all(axis=1)]
    if np.isfinite(floors_m).any() and len(hips):
        middle = np.median(hips, axis=0).astype(np.float64)
        middle[1] = np.nanmin(floors_m)
        floor = Floor.of_camera(camera, middle, across, torso_m)
    moved = np.stack([path @ across, path @ towards], axis=1) / torso_m
    return Stage(staged, floor, moved)


def _together(dancers: Sequence[PoseSequence]) -> PoseSequence:
    """All frames of all dancers, one after the other."""
    keypoints = np.concatenate([dancer.keypoints for dancer in dancers])
    return replace(
        dancers[0], keypoints=keypoints, confidence=np.concatenate([dancer.confidence for dancer in dancers])
    )


def _torso_m(dancer: PoseSequence) -> float:
    """The usual length of the torso; that of a grown-up where it is never seen."""
    lengths = np.linalg.norm(dancer.keypoints[:, NECK] - dancer.keypoints[:, HIPS].mean(axis=1), axis=1)
    lengths = lengths[np.isfinite(lengths)]
    return max(float(np.median(lengths)), 1e-3) if len(lengths) else 0.5


def _floor_m(dancer: PoseSequence) -> float:
    """The height on which a dancer stands; NaN where no foot is seen."""
    feet_m = np.fmin.reduce(dancer.keypoints[:, _FEET, 1], axis=1)
    feet_m = feet_m[np.isfinite(feet_m)]
    return float(np.percentile(feet_m, FEET_PERCENTILE)) if len(feet_m) else np.nan


def _seen_by(camera: Camera, dancer: PoseSequence, floor_m: float) -> StagedClip:
    joints, depth_m = camera.project(dancer).keypoints.copy(), camera.depth(dancer)
    hips, hips_depth_m = dancer.keypoints[:, HIPS].mean(axis=1), depth_m[:, HIPS].mean(axis=1)
    seen = np.isfinite(hips_depth_m)
    if not seen.any():
        return _in_pixels(joints, camera.height, dancer.fps)
    hips_depth_m = np.where(seen, hips_depth_m, hips_depth_m[seen].mean())
    px_per_m = camera.focal_px / hips_depth_m
    ground = camera.see(np.stack([hips[:, 0], np.full(len(hips), floor_m), hips[:, 2]], axis=1)).astype(np.float32)
    return StagedClip(
        joints=joints,
        depth=((depth_m - hips_depth_m[:, None]) * px_per_m[:, None]).astype(np.float32),
        body=(_torso_m(dancer) * px_per_m).astype(np.float32),
        ground=ground,
        fps=dancer.fps,
    )
