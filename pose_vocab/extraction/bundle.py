"""The pose model file: MediaPipe's own networks, bundled as its Tasks API expects."""

from __future__ import annotations

import os
from pathlib import Path

from pose_vocab.errors import ModelError

SHIPPED = Path(__file__).with_name("pose_landmarker_full.task")
"""The model that comes along; `docs/make_pose_bundle.py` made it, its licence is in the file beside it."""
HEAVY = "heavy"
"""The name that stands for the larger model, which users download themselves."""
HEAVY_FILE = "pose_landmarker_heavy.task"


def find_pose_model(pose_model: str | Path | None = None) -> Path:
    """Return the path of a PoseLandmarker ``.task`` bundle.

    Parameters
    ----------
    pose_model : a file, `HEAVY`, or None for the model that comes along.

    Raises
    ------
    ModelError : there is no such file.
    """
    if pose_model is None:
        return SHIPPED
    path = Path(pose_model)
    if path.is_file():
        return path
    if str(pose_model) != HEAVY:
        raise ModelError(f"there is no pose model {pose_model}; give the path of a pose_landmarker .task file")
    heavy = _data_folder() / HEAVY_FILE
    if not heavy.is_file():
        raise ModelError(
            f"there is no heavy pose model {heavy}; save MediaPipe's {HEAVY_FILE} there, or give its path instead"
        )
    return heavy


def _data_folder() -> Path:
    """Return BopBot's folder in the user's data."""
    named = Path(os.environ.get("XDG_DATA_HOME", ""))
    # The XDG specification says to ignore a relative path.
    return (named if named.is_absolute() else Path("~/.local/share").expanduser()) / "bopbot"
