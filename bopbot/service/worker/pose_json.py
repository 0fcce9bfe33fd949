"""Poses as JSON that pages and programs can read without a library."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from pose_vocab.files import write_beside
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER


def write_pose_json(poses: PoseSequence, path: Path, size_px: tuple[int, int]) -> None:
    """Write the joints of the dancer skeleton in whole pixels; an unseen joint is null.

    `bones` are pairs of indices of joints, and `sides` says for each bone left, right or middle.

    Parameters
    ----------
    poses : in pixels, of any known skeleton.
    size_px : width and height of the video frame.

    Raises
    ------
    OutputError : the file cannot be written.
    """
    dancer = to_dancer(poses)
    joints = np.rint(np.nan_to_num(dancer.keypoints)).astype(int).tolist()
    frames = [
        [place if seen else None for place, seen in zip(*frame, strict=True)]
        for frame in zip(joints, dancer.seen.tolist(), strict=True)
    ]
    content = {
        "fps": dancer.fps,
        "width": size_px[0],
        "height": size_px[1],
        "joints": DANCER.joint_names,
        "bones": DANCER.bones,
        "sides": [_side(*bone) for bone in DANCER.bones],
        "begin_s": dancer.begin_s,
        "frames": frames,
    }
    with write_beside(path) as beside:
        beside.write_text(json.dumps(content, separators=(",", ":")))


def _side(first: int, second: int) -> str:
    """Return the side of the body on which a bone lies."""
    sides = {DANCER.joint_names[joint].partition("_")[0] for joint in (first, second)} & {"left", "right"}
    return sides.pop() if len(sides) == 1 else "middle"
