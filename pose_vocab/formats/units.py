"""Units that a file leaves open: frame rate, time, and coordinates."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.interface import DEFAULT_FPS, PoseInput

MIN_FPS, MAX_FPS = 5.0, 500.0
"""Rates at which dancers are filmed or captured."""
MAX_NORMALIZED_MEDIAN = 2.0
"""Coordinates are normalized if their median distance from 0 is at most this."""
MIN_IN_PICTURE, MAX_IN_PICTURE = -0.5, 1.5
"""Limits of normalized coordinates: people may reach out of the picture by half of its size."""


def choose_fps(pose_input: PoseInput, file_fps: float | None, path: Path) -> tuple[float, tuple[str, ...]]:
    """Return the frame rate and notices: the option's, else the file's, else `DEFAULT_FPS`.

    Parameters
    ----------
    pose_input : the user's options.
    file_fps : the rate that the file states, or None.
    path : the file, for messages.

    Raises
    ------
    PoseError : the rate is not positive.
    """
    fps = file_fps if pose_input.fps is None else pose_input.fps
    if fps is None:
        return DEFAULT_FPS, (
            f"{path} states no frame rate; read at {DEFAULT_FPS:g} frames per second (--source-fps sets another)",
        )
    if not (math.isfinite(fps) and fps > 0):
        raise PoseError(f"{path}: frames per second must be positive, got {fps:g}; set them with --source-fps")
    if pose_input.fps is None and fps > MAX_FPS:
        return float(fps), (
            f"{path} states {fps:g} frames per second, which nobody films at; --source-fps sets another",
        )
    return float(fps), ()


def body_sizes(keypoints: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return (...): the diagonals of the boxes around (..., joints, dims), ignoring missing joints; 0 for nobody."""
    missing = np.isnan(keypoints)
    upper = np.where(missing, -np.inf, keypoints).max(axis=-2)
    lower = np.where(missing, np.inf, keypoints).min(axis=-2)
    return np.asarray(np.linalg.norm(np.maximum(upper - lower, 0), axis=-1), np.float64)


def median_body_size(keypoints: NDArray[np.floating[Any]]) -> float:
    """Return the median size of the bodies in (..., joints, dims) that show several joints; 0 if none does."""
    sizes = body_sizes(keypoints)
    return float(np.median(sizes[sizes > 0])) if sizes.any() else 0.0


def flip_camera_axes(keypoints: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Return (..., 3) with y and z negated: from a camera's axes (down, away) to ours (up, towards), or back."""
    return np.asarray(keypoints * np.array([1, -1, -1], np.float32))


def are_normalized(keypoints: NDArray[np.floating[Any]]) -> bool:
    """Return whether (..., 2) are normalized to the picture's width and height rather than pixels."""
    present = np.abs(keypoints[~np.isnan(keypoints)])
    return bool(present.size and np.median(present) <= MAX_NORMALIZED_MEDIAN)


def all_within_picture(keypoints: NDArray[np.floating[Any]]) -> bool:
    """Return whether all of (..., 2) lie where normalized coordinates do; stricter than `are_normalized`."""
    present = keypoints[~np.isnan(keypoints)]
    return bool(present.size and present.min() >= MIN_IN_PICTURE and present.max() <= MAX_IN_PICTURE)


def to_pixels(
    keypoints: NDArray[np.floating[Any]], size_px: tuple[int, int] | None, path: Path
) -> tuple[NDArray[np.floating[Any]], tuple[str, ...]]:
    """Return (..., 2) in pixels, converted from normalized coordinates if necessary, and notices.

    Raises
    ------
    PoseError : normalized coordinates, and the picture's size is unknown.
    """
    if not are_normalized(keypoints):
        return keypoints, ()
    if size_px is None:
        raise PoseError(
            f"{path} has normalized coordinates; give the picture's size in pixels, e.g. --source-size 1280x720"
        )
    width, height = size_px
    return keypoints * np.array([width, height], np.float32), (
        f"{path} has normalized coordinates; read as a picture of {width}x{height} pixels",
    )
