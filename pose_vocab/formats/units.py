"""What a file leaves open about its numbers: how fast the frames follow each other, and what a coordinate is."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.interface import DEFAULT_FPS, PoseInput

MAX_NORMALIZED_MEDIAN = 2.0
"""Coordinates are shares of the picture where half of them are no further than this from 0."""
MIN_IN_PICTURE, MAX_IN_PICTURE = -0.5, 1.5
"""Shares of the picture's width and height lie between these: who is filmed may reach out of it by half of it."""


def choose_fps(pose_input: PoseInput, own: float | None, path: Path) -> tuple[float, tuple[str, ...]]:
    """Frames a second, and what to say about them: as told, else the file's `own`, else `DEFAULT_FPS`.

    Raises
    ------
    PoseError : they are not positive.
    """
    fps = own if pose_input.fps is None else pose_input.fps
    if fps is None:
        return DEFAULT_FPS, (
            f"{path} names no rate; taken as {DEFAULT_FPS:g} frames a second (--source-fps says another)",
        )
    if not (math.isfinite(fps) and fps > 0):
        raise PoseError(f"{path}: frames a second must be positive, got {fps:g}; --source-fps says others")
    return float(fps), ()


MIN_FPS, MAX_FPS = 5.0, 500.0
"""Time stamps that name no unit are seconds, milliseconds or microseconds: whichever makes a rate between these."""
TIME_UNITS = {"": (1.0, 1e3, 1e6), "s": (1.0,), "ms": (1e3,), "us": (1e6,)}
"""Ticks a second of time stamps, by the name of their unit."""


def fps_from_step(step: float, unit: str = "") -> float | None:
    """Frames a second where a frame lasts `step` ticks of a unit in `TIME_UNITS`; None where no unit makes sense."""
    rates = [ticks / step for ticks in TIME_UNITS[unit] if step > 0]
    if not unit:
        rates = [rate for rate in rates if MIN_FPS <= rate <= MAX_FPS]
    return rates[0] if rates else None


def body_sizes(keypoints: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """(...): the diagonals of the boxes around (..., joints, dims), missing joints left out; 0 for nobody."""
    missing = np.isnan(keypoints)
    high = np.where(missing, -np.inf, keypoints).max(axis=-2)
    low = np.where(missing, np.inf, keypoints).min(axis=-2)
    return np.asarray(np.linalg.norm(np.maximum(high - low, 0), axis=-1), np.float64)


def median_body_size(keypoints: NDArray[np.floating[Any]]) -> float:
    """The median size of the bodies in (..., joints, dims) that show more than one joint; 0 where none does."""
    sizes = body_sizes(keypoints)
    return float(np.median(sizes[sizes > 0])) if sizes.any() else 0.0


def flip_camera_axes(keypoints: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """(..., 3) from a camera's axes, down and away from the viewer, to ours, up and towards them; and back."""
    return np.asarray(keypoints * np.array([1, -1, -1], np.float32))


def look_normalized(keypoints: NDArray[np.floating[Any]]) -> bool:
    """Whether (..., 2) are shares of the picture's width and height, not pixels."""
    present = np.abs(keypoints[~np.isnan(keypoints)])
    return bool(present.size and np.median(present) <= MAX_NORMALIZED_MEDIAN)


def all_within_picture(keypoints: NDArray[np.floating[Any]]) -> bool:
    """Whether all of (..., 2) lie where shares of the picture do; a stricter look than `look_normalized`."""
    present = keypoints[~np.isnan(keypoints)]
    return bool(present.size and present.min() >= MIN_IN_PICTURE and present.max() <= MAX_IN_PICTURE)


def to_pixels(
    keypoints: NDArray[np.floating[Any]], size_px: tuple[int, int] | None, path: Path
) -> tuple[NDArray[np.floating[Any]], tuple[str, ...]]:
    """(..., 2) in pixels, whatever they are in, and what to say about it.

    Raises
    ------
    PoseError : they are shares of a picture whose size nobody knows.
    """
    if not look_normalized(keypoints):
        return keypoints, ()
    if size_px is None:
        raise PoseError(f"{path} holds shares of a picture, not pixels; say its size, as in --source-size 1280x720")
    width, height = size_px
    return keypoints * np.array([width, height], np.float32), (
        f"{path} holds shares of the picture, taken as {width}x{height} pixels",
    )
