"""Lifting of 2D poses to 3D: a bone that looks shorter than it is points towards the camera or away from it.

The geometry is that of C. J. Taylor, "Reconstruction of Articulated Objects from Point Correspondences in a
Single Uncalibrated Image", CVIU 80, 2000: under weak perspective a bone of length L that appears as long as
l spans sqrt(L^2 - l^2) in depth. The picture does not tell which end is nearer; here it follows from
dancers' habits relative to where they face: shins point back, all other limb bones forward and more or less
outward.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pose_vocab.filters import low_pass
from pose_vocab.normalization import normalize
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

TORSO_M = 0.5
"""Middle of the hips to middle of the shoulders of a person 1.74 m tall: 0.288 of the stature (R. Drillis and
R. Contini, "Body Segment Parameters", 1966: the shoulder at 0.818, the hip at 0.530)."""
LENGTH_PERCENTILE = 90
"""The length of a bone is this percentile of its apparent length, since tilted bones look shorter."""
LENGTH_LIMITS = (0.85, 1.15)
"""Minimum and maximum length of a bone relative to the usual one, for bones never seen across the view and for
jumping joints."""
DEPTH_HZ = 5.0
"""Cut-off frequency of the depth: estimated depth must not jitter."""
TURN_HZ = 2.0
"""Cut-off frequency of the facing direction."""
NOSE_FORWARD = 0.3
"""Distance of the nose in front of the neck, in torso lengths."""
NOSE_FROM_NECK = 0.44
"""Distance of the nose from the neck, in torso lengths."""
UPRIGHT_TORSO = 0.7
"""A torso with at least this apparent length counts as upright: it leans far less than its length suggests."""
FULL_DEPTH_COSINE = 0.3
"""A bone whose direction along the view has at least this cosine gets its full depth extent."""


@dataclass(frozen=True)
class _Bone:
    """The usual length of a bone in torso lengths, and the direction it usually points in: forward and outward
    parts.
    """

    start: str
    end: str
    usual: float
    forward: float
    outward: float


_WIDTHS = (("hip", 0.38), ("shoulder", 0.66))
"""Widths of the body in torso lengths, as MediaPipe's landmarks lie (see `pose_vocab.joint_mapping`)."""
_BONES = (
    _Bone("hip", "knee", 0.8, forward=0.96, outward=0.29),
    _Bone("knee", "ankle", 0.88, forward=-1.0, outward=0.0),
    _Bone("ankle", "toe", 0.37, forward=0.95, outward=0.31),
    _Bone("shoulder", "elbow", 0.56, forward=0.87, outward=0.49),
    _Bone("elbow", "wrist", 0.5, forward=0.98, outward=-0.22),
)
"""Lengths, and directions by least squares, are those of dancers in motion capture: four takes of CMU's salsa
(subjects 60 and 61) and a solo."""


def lift_to_3d(poses: PoseSequence) -> PoseSequence:
    """Return a dancer in pixels as a dancer in metres: the middle of the path at x and z 0, the feet at y 0.

    x and y keep the coordinates of the picture, at `TORSO_M` for the length of the torso (see
    `pose_vocab.normalization`), so the result seen from the front is the given picture.

    Parameters
    ----------
    poses : a dancer, nothing missing except joints that are missing in all frames.

    Raises
    ------
    NobodyDancingError : hips and neck are never seen together.
    """
    flat = normalize(poses)
    at = {name: flat.poses.joint(name).astype(np.float64) for name in DANCER.joint_names}
    side, ahead = facing(flat.poses)
    depth = np.full(flat.poses.keypoints.shape[:2], np.nan)
    root = {"hip": np.zeros(len(poses)), "shoulder": ahead * _depth_extent(at["neck"], UPRIGHT_TORSO)}
    depth[:, DANCER.index("neck")] = root["shoulder"]
    depth[:, DANCER.index("nose")] = root["shoulder"] + ahead * _depth_extent(at["nose"] - at["neck"], NOSE_FROM_NECK)
    for joint, usual in _WIDTHS:
        left, right = (DANCER.index(f"{which}_{joint}") for which in ("left", "right"))
        across = at[f"left_{joint}"] - at[f"right_{joint}"]
        apart = -side * _depth_extent(across, _length([across], usual))
        depth[:, left], depth[:, right] = root[joint] + apart / 2, root[joint] - apart / 2
    for bone in _BONES:
        seen = [at[f"{which}_{bone.end}"] - at[f"{which}_{bone.start}"] for which in ("left", "right")]
        length = _length(seen, bone.usual)
        for which, out, along in zip(("left", "right"), (1, -1), seen, strict=True):
            # Left of the direction (side, ahead) is (ahead, -side), across the picture and towards the viewer.
            direction = np.clip((bone.forward * ahead - bone.outward * out * side) / FULL_DEPTH_COSINE, -1, 1)
            start, end = (DANCER.index(f"{which}_{joint}") for joint in (bone.start, bone.end))
            depth[:, end] = depth[:, start] + direction * _depth_extent(along, length)
    depth = low_pass(depth, DEPTH_HZ, poses.fps)
    positions = flat.poses.keypoints + flat.placement.hip_path[:, None]
    positions[..., 0] -= flat.placement.hip_path[:, 0].mean()
    keypoints = np.concatenate([positions, depth[..., None]], axis=2) * TORSO_M
    return PoseSequence(keypoints, poses.confidence, poses.fps, DANCER, poses.begin_s)


def facing(poses: PoseSequence) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where a dancer faces, (frames,) each: the part to the right of the picture and the part towards
    the viewer.

    From the front or the back the shoulders are wide apart, the left one on the right or on the left; from
    the side the nose is in front of the neck.

    Parameters
    ----------
    poses : in torso lengths, as `normalize` returns them.
    """
    width = dict(_WIDTHS)["shoulder"]
    ahead = (poses.joint("left_shoulder") - poses.joint("right_shoulder"))[:, 0].astype(np.float64) / width
    side = np.nan_to_num((poses.joint("nose") - poses.joint("neck"))[:, 0].astype(np.float64)) / NOSE_FORWARD
    ahead, side = (low_pass(part, TURN_HZ, poses.fps) for part in (ahead, side))
    size = np.maximum(np.hypot(ahead, side), 1e-6)
    return side / size, ahead / size


def _length(seen: Sequence[NDArray[np.float64]], usual: float) -> float:
    """Return the length of a bone from its apparent vectors, (frames, 2), of one side or both."""
    apparent = np.linalg.norm(np.concatenate(seen), axis=1)
    apparent = apparent[np.isfinite(apparent)]
    longest = np.percentile(apparent, LENGTH_PERCENTILE) if len(apparent) else usual
    return float(np.clip(longest, *np.multiply(LENGTH_LIMITS, usual)))


def _depth_extent(seen: NDArray[np.float64], length: float) -> NDArray[np.float64]:
    """Return the extent along the view of bones `length` long that appear as `seen`, (frames, 2)."""
    return np.asarray(np.sqrt(np.maximum(length**2 - (seen**2).sum(axis=1), 0)))
