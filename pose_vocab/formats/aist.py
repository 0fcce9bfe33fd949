"""Keypoints of AIST++, the dance database: nine cameras in 2D, or 3D.

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
"""Frames a second of the database."""
IN_3D = ("keypoints3d_optim", "keypoints3d")
"""The better first: triangulated and then fitted to the video, and only triangulated."""
PER_METRE = 100.0
"""3D is in centimetres, from the middle of the stage: x to the right of the front camera, y up, z towards it."""


class Aist:
    """One dancer on COCO's 17 keypoints, in 2D as the front camera sees them, or in 3D."""

    name = "aist"
    title = "AIST++ keypoint pickle"
    suffixes = (".pkl",)

    def recognizes(self, path: Path) -> bool:
        """Any pickle: no other kind is read, and what is wrong with one `read` says better."""
        return path.is_file()

    def read(self, path: Path, pose_input: PoseInput) -> PosesRead:
        """Read the dancer; nothing in the file is run.

        Raises
        ------
        PoseError : code in it, damaged, an SMPL motion file, nobody in it.
        """
        arrays = load_arrays(path)
        key = next((key for key in IN_3D if key in arrays), None)
        if key is not None:
            keypoints = _checked(arrays[key], 3, f"{path}, {key}") / PER_METRE
            confidence = np.ones(keypoints.shape[:2])
            notices: tuple[str, ...] = ()
        elif "keypoints2d" in arrays:
            views = _checked(arrays["keypoints2d"], 4, f"{path}, keypoints2d")
            keypoints, confidence = views[0, ..., :2], np.nan_to_num(views[0, ..., 2])
            notices = (f"{path} holds {len(views)} views; the first is read, the front camera's",)
        elif "smpl_poses" in arrays:
            raise PoseError(f"{path} is an SMPL motion file, which needs a body model; take the one in keypoints3d/")
        else:
            raise PoseError(f"{path} holds {', '.join(arrays) or 'no arrays'}; expected keypoints2d or keypoints3d")
        fps, more_notices = choose_fps(pose_input, _fps(arrays.get("timestamps")), path)
        seen = Detections(keypoints, confidence, np.arange(len(keypoints)), len(keypoints))
        return assemble_people(path, seen, fps, COCO_17, notices + more_notices)


def _checked(array: NDArray[Any], ndim: int, where: str) -> NDArray[np.float64]:
    shape = "(views, frames, 17, 3)" if ndim == 4 else "(frames, 17, 3)"
    if array.ndim != ndim or array.shape[-2:] != (COCO_17.n_joints, 3) or not array.size:
        raise PoseError(f"{where}: expected {shape}, got {array.shape}")
    values = array.astype(np.float64)
    check_coordinates(values, where)
    return values


def _fps(timestamps: NDArray[Any] | None) -> float:
    if timestamps is None or timestamps.ndim != 1 or len(timestamps) < 2:
        return FPS
    return float(round(fps_from_step(float(np.median(np.diff(timestamps.astype(np.float64))))) or FPS))
