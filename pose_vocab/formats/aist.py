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
from pose_vocab.formats.detections import Detections, assemble_people
from pose_vocab.formats.interface import PoseInput, PosesRead
from pose_vocab.formats.units import choose_fps, fps_from_step
from pose_vocab.sequence import check_coordinates
from pose_vocab.skeletons import COCO_17

FPS = 60.0
"""Frames per second of the database."""
IN_3D = ("keypoints3d_optim", "keypoints3d")
"""Array names, the better one first: triangulated and fitted to the video, and only triangulated."""
PER_METRE = 100.0
"""3D is in centimetres, from the middle of the stage: x to the right of the front camera, y up, z towards it."""


class Aist:
    """Reads one dancer on COCO's 17 keypoints, in 2D of the front camera, or in 3D. Not written."""

    name = "aist"
    title = "AIST++ keypoint pickle"
    suffixes = (".pkl",)

    def recognizes(self, path: Path) -> bool:
        """Return whether it is a file: every pickle is read as AIST++, and `read` explains what is wrong with it."""
        return path.is_file()

    def read(self, path: Path, pose_input: PoseInput) -> PosesRead:
        """Read the dancer; no code in the file is executed.

        Raises
        ------
        PoseError : the file contains code, is damaged, is an SMPL motion file, or shows nobody.
        """
        arrays = load_arrays(path)
        key = next((key for key in IN_3D if key in arrays), None)
        if key is not None:
            keypoints = _checked_array(arrays[key], 3, f"{path}, {key}") / PER_METRE
            confidence = np.ones(keypoints.shape[:2])
            notices: tuple[str, ...] = ()
        elif "keypoints2d" in arrays:
            views = _checked_array(arrays["keypoints2d"], 4, f"{path}, keypoints2d")
            keypoints, confidence = views[0, ..., :2], np.nan_to_num(views[0, ..., 2])
            notices = (f"{path} contains {len(views)} views; the first one, of the front camera, is read",)
        elif "smpl_poses" in arrays:
            raise PoseError(f"{path} is an SMPL motion file, which needs a body model; use the one in keypoints3d/")
        else:
            raise PoseError(f"{path} contains {', '.join(arrays) or 'no arrays'}; expected keypoints2d or keypoints3d")
        fps, more_notices = choose_fps(pose_input, _fps(arrays.get("timestamps")), path)
        detections = Detections(keypoints, confidence, np.arange(len(keypoints)), len(keypoints))
        return assemble_people(path, detections, fps, COCO_17, notices + more_notices)


def _checked_array(array: NDArray[Any], ndim: int, where: str) -> NDArray[np.float64]:
    """Return the array as float64; raise PoseError for another shape or coordinates out of range."""
    shape = "(views, frames, 17, 3)" if ndim == 4 else "(frames, 17, 3)"
    if array.ndim != ndim or array.shape[-2:] != (COCO_17.n_joints, 3) or not array.size:
        raise PoseError(f"{where}: expected {shape}, got {array.shape}")
    values = array.astype(np.float64)
    check_coordinates(values, where)
    return values


def _fps(timestamps: NDArray[Any] | None) -> float:
    """Return the frame rate that the timestamps give, else `FPS`."""
    if timestamps is None or timestamps.ndim != 1 or len(timestamps) < 2:
        return FPS
    return float(round(fps_from_step(float(np.median(np.diff(timestamps.astype(np.float64))))) or FPS))
