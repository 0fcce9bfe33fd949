"""Depth for poses in a picture: what looks shorter than it is leans towards the camera or away from it.

The geometry is that of C. J. Taylor, "Reconstruction of Articulated Objects from Point Correspondences in a
Single Uncalibrated Image", CVIU 80, 2000: under weak perspective a bone of length L that is seen l long spans
sqrt(L^2 - l^2) in depth. Which of its ends is nearer, the picture does not say; here a dancer's habits do, from
where they face: shins lean back, all other bones of limbs forward, and more or less away from the body.
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
"""Middle of the hips to middle of the shoulders of somebody 1.74 m tall: 0.288 of the stature (R. Drillis and
R. Contini, "Body Segment Parameters", 1966: the shoulder at 0.818, the hip at 0.530)."""
LENGTH_PERCENTILE = 90
"""A bone looks shorter when it leans towards the camera or away; that long it looks when it does not."""
LENGTH_LIMITS = (0.85, 1.15)
"""Bones that never lie across the view, or whose joints jump, are taken to be at least and at most so many times as
long as is usual."""
DEPTH_HZ = 5.0
"""Depth changes slower than this: that it is a guess must not make it shake."""
TURN_HZ = 2.0
"""How fast a dancer turns."""
NOSE_FORWARD = 0.3
"""How far in front of the neck the nose is, in torso lengths."""
NOSE_FROM_NECK = 0.44
UPRIGHT_TORSO = 0.7
"""A torso that looks at least so long is taken to be upright: it leans far less than it seems to."""
FULL_DEPTH_COSINE = 0.3
"""Bones that point so much towards the camera or away from it (the cosine) do so by all that is hidden of them."""


@dataclass(frozen=True)
class _Bone:
    """How long a bone usually is, in torso lengths, and the direction in which it leans: parts forward and outward."""

    start: str
    end: str
    usual: float
    forward: float
    outward: float


_WIDTHS = (("hip", 0.38), ("shoulder", 0.66))
"""Of the body in torso lengths, as MediaPipe's landmarks lie (see `pose_vocab.joint_mapping`)."""
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
    """A dancer in pixels as a dancer in metres: the middle of their path at x and z 0, the feet on y 0.

    Across the picture and up in it joints stay where they are seen, `TORSO_M` for the length of the torso
    (see `pose_vocab.normalization`); so the picture of the result is the given one.

    Parameters
    ----------
    poses : a dancer, nothing missing but joints that are missing in all frames.

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
            # The left of who looks along (side, ahead) is (ahead, -side), across the picture and towards the viewer.
            leaning = np.clip((bone.forward * ahead - bone.outward * out * side) / FULL_DEPTH_COSINE, -1, 1)
            start, end = (DANCER.index(f"{which}_{joint}") for joint in (bone.start, bone.end))
            depth[:, end] = depth[:, start] + leaning * _depth_extent(along, length)
    depth = low_pass(depth, DEPTH_HZ, poses.fps)
    placed = flat.poses.keypoints + flat.placement.hip_path[:, None]
    placed[..., 0] -= flat.placement.hip_path[:, 0].mean()
    keypoints = np.concatenate([placed, depth[..., None]], axis=2) * TORSO_M
    return PoseSequence(keypoints, poses.confidence, poses.fps, DANCER, poses.begin_s)


def facing(poses: PoseSequence) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where a dancer faces, (frames,) each: the parts to the right of the picture and towards the viewer.

    Seen from the front or from behind shoulders are wide apart, the left one on the right or on the left;
    seen from the side the nose is before the neck.

    `poses` are in torso lengths, as `normalize` gives them.
    """
    width = dict(_WIDTHS)["shoulder"]
    ahead = (poses.joint("left_shoulder") - poses.joint("right_shoulder"))[:, 0].astype(np.float64) / width
    side = np.nan_to_num((poses.joint("nose") - poses.joint("neck"))[:, 0].astype(np.float64)) / NOSE_FORWARD
    ahead, side = (low_pass(part, TURN_HZ, poses.fps) for part in (ahead, side))
    size = np.maximum(np.hypot(ahead, side), 1e-6)
    return side / size, ahead / size


def _length(seen: Sequence[NDArray[np.float64]], usual: float) -> float:
    """How long a bone is, from how long it looks, (frames, 2) on one or on both sides."""
    looks = np.linalg.norm(np.concatenate(seen), axis=1)
    looks = looks[np.isfinite(looks)]
    longest = np.percentile(looks, LENGTH_PERCENTILE) if len(looks) else usual
    return float(np.clip(longest, *np.multiply(LENGTH_LIMITS, usual)))


def _depth_extent(seen: NDArray[np.float64], length: float) -> NDArray[np.float64]:
    """The part along the view of what is `length` long and looks like `seen`, (frames, 2)."""
    return np.asarray(np.sqrt(np.maximum(length**2 - (seen**2).sum(axis=1), 0)))
