"""AIST++ keypoint files: a dance database with nine cameras, 2D or 3D.

R. Li et al., "AI Choreographer: Music Conditioned 3D Dance Generation with AIST++", 2021.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.array_pickle import load_arrays
from pose_vocab.formats.interface import FormatNotes, PoseInput
from pose_vocab.formats.parsed import Parsed, Space
from pose_vocab.formats.timestamps import seconds_per_tick
from pose_vocab.sequence import check_coordinates
from pose_vocab.skeletons import COCO_17

FPS = 60.0
"""Frames per second of the database."""
IN_3D = ("keypoints3d_optim", "keypoints3d")
"""Array names, the better one first: triangulated and fitted to the video, and only triangulated."""
METRES_PER_UNIT = 0.01
"""3D is in centimetres, from the middle of the floor: x to the right of the front camera, y up, z towards it."""


class Aist:
    """Reads one dancer on COCO's 17 keypoints, in 2D of the front camera, or in 3D. Not written."""

    name = "aist"
    title = "AIST++ keypoint pickle"
    suffixes = (".pkl",)
    notes = FormatNotes(
        reads="one dancer on COCO's 17 keypoints, in pixels of the front camera or in 3D",
        guesses="of several views the first is read",
    )

    def recognizes(self, path: Path) -> bool:
        """Return whether it is a file: every pickle is read as AIST++, and `parse` explains what is wrong with it."""
        return path.is_file()

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return the dancer; no code in the file is executed.

        Raises
        ------
        PoseError : the file contains code, is damaged, is an SMPL motion file, or has other arrays.
        """
        arrays = load_arrays(path)
        times = arrays.get("timestamps")
        if times is not None and not (times.ndim == 1 and len(times) > 1 and times.dtype.kind in "iuf"):
            times = None
        key = next((key for key in IN_3D if key in arrays), None)
        if key is not None:
            points = _checked_array(arrays[key], 3, f"{path}, {key}")
            return Parsed(points, COCO_17, Space.WORLD, fps=_fps(times), metres_per_unit=METRES_PER_UNIT, up="y")
        if "keypoints2d" in arrays:
            views = _checked_array(arrays["keypoints2d"], 4, f"{path}, keypoints2d")
            notices = (f"{path} contains {len(views)} views; the first one, of the front camera, is read",)
            return Parsed(
                views[0, ..., :2], COCO_17, Space.PICTURE, views[0, ..., 2], fps=_fps(times), up="-y", notices=notices
            )
        if "smpl_poses" in arrays:
            raise PoseError(f"{path} has SMPL rotations instead of keypoints; read it with --format smpl")
        raise PoseError(f"{path} contains {', '.join(arrays) or 'no arrays'}; expected keypoints2d or keypoints3d")


def _checked_array(array: NDArray[Any], ndim: int, where: str) -> NDArray[np.float64]:
    """Return the array as float64; raise PoseError for another shape or coordinates out of range."""
    shape = "(views, frames, 17, 3)" if ndim == 4 else "(frames, 17, 3)"
    if array.ndim != ndim or array.shape[-2:] != (COCO_17.n_joints, 3) or not array.size:
        raise PoseError(f"{where}: expected {shape}, got {array.shape}")
    values = array.astype(np.float64)
    check_coordinates(values, where)
    return values


def _fps(times: NDArray[Any] | None) -> float:
    """Return the frame rate that the timestamps of the database give, else `FPS`."""
    if times is None:
        return FPS
    stamps = np.sort(times.astype(np.float64))
    tick_s = seconds_per_tick(stamps, None)
    return FPS if tick_s is None else float(round(1 / (tick_s * float(np.median(np.diff(stamps))))))
