"""A BVH file as one sequence of poses."""

from __future__ import annotations

from pathlib import Path

from pose_vocab.formats.bvh.bvh_reader import parse_bvh
from pose_vocab.formats.interface import PoseInput
from pose_vocab.formats.normalize_read import normalize_read
from pose_vocab.sequence import PoseSequence


def load_bvh(path: str | Path, pose_input: PoseInput | None = None) -> PoseSequence:
    """Return the motion in a BVH file, (frames, joints, 3) in metres: x right, y up, z to the viewer.

    Raises
    ------
    PoseError : no such file, or a damaged one; the message names the line.
    """
    path = Path(path)
    [poses] = normalize_read(path, parse_bvh(path), pose_input or PoseInput()).people
    return poses
