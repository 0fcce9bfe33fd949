"""The second half of a BVH file: a row of numbers per frame."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.bvh.bvh_text import to_number

MAX_JOINT_FRAMES = 2**24
"""Maximum number of frames times joints: 77 minutes of 60 joints at 60 frames per second."""
PRINTED_FRAME_TIME_S = 1e-6
"""Frame times are printed with six digits: 0.008333 is 120 fps, not 120.0048."""
MIN_IMPLAUSIBLE_S = 2.0
"""Frames of motion capture last less; a longer time is in milliseconds, or a rate."""
USUAL_FPS = (24.0, 25.0, 29.97, 30.0, 50.0, 59.94, 60.0, 90.0, 100.0, 119.88, 120.0, 240.0)
"""Rates at which motion is captured."""

Rows = Sequence[tuple[int, str]]
"""Lines with their numbers."""


def read_motion(
    path: Path, lines: Sequence[str], motion_line: int, n_channels: int, n_joints: int
) -> tuple[NDArray[np.float64], float, tuple[str, ...]]:
    """Return the numbers under MOTION, (frames, n_channels), the frames per second, and notices.

    Another number of frames than stated, or a last line that was cut short, is a notice; the whole frames are
    read.

    Raises
    ------
    PoseError : a damaged line, no whole frame, or too many; the message names the line.
    """
    rows: Rows = [(number, line) for number, line in enumerate(lines[motion_line:], motion_line + 1) if line.strip()]
    stated = _header_value(path, rows[:1], motion_line, "Frames:")
    frame_time_s = _header_value(path, rows[1:2], motion_line + 1, "Frame Time:")
    if frame_time_s <= 0:
        raise PoseError(f"{path}, line {rows[1][0]}: the frame time must be positive, got {frame_time_s}")
    rows = _with_decimal_points(rows[2:], n_channels)
    if n_channels and rows:
        rows = _without_line_breaks(rows, n_channels, stated)
    cut = bool(rows) and len(rows[-1][1].split()) < n_channels
    n_frames = len(rows) - cut
    if stated < 1 or n_frames < 1:
        raise PoseError(
            f"{path}, line {motion_line + 1}: {stated:.15g} frames are stated, {n_frames} whole ones follow; "
            "the file must contain at least one"
        )
    if n_frames * n_joints > MAX_JOINT_FRAMES:
        raise PoseError(
            f"{path} has {n_frames} frames of {n_joints} joints, more than {MAX_JOINT_FRAMES} together; "
            "split it into shorter takes"
        )
    notices: tuple[str, ...] = ()
    if cut:
        notices += (f"{path}, line {rows[-1][0]}: the last line is cut short, so that frame is left out",)
    if n_frames + cut != stated:
        notices += (f"{path}: {stated:.15g} frames are stated, {n_frames} are read",)
    fps, more_notices = _fps(path, frame_time_s)
    return _to_table(path, rows[:n_frames], n_channels), fps, notices + more_notices


def _fps(path: Path, frame_time_s: float) -> tuple[float, tuple[str, ...]]:
    """Return the frames per second, and a notice if the frame time is one of no motion capture."""
    if frame_time_s >= MIN_IMPLAUSIBLE_S:
        fps = frame_time_s if frame_time_s in USUAL_FPS else 1000 / frame_time_s
        meaning = "frames per second" if frame_time_s in USUAL_FPS else "milliseconds"
        return fps, (
            f"{path} states a frame time of {frame_time_s:g} s, which is read as {meaning} "
            "(--source-fps sets another rate)",
        )
    fps = 1 / frame_time_s
    if round(fps) > 0 and abs(1 / round(fps) - frame_time_s) < PRINTED_FRAME_TIME_S:
        fps = float(round(fps))
    return fps, ()


def _header_value(path: Path, rows: Rows, line_before: int, label: str) -> float:
    """Return the number after a label in any letter case and spacing; raise PoseError for another line."""
    number, line = rows[0] if rows else (line_before, "the end of the file")
    pattern = r"\s*" + label.replace(" ", r"\s*").replace(":", r"\s*:") + r"\s*([\d.,eE+-]+)\s*"
    found = re.fullmatch(pattern, line, re.IGNORECASE)
    value = to_number(found[1]) if found else math.nan
    if math.isnan(value):
        raise PoseError(f"{path}, line {number}: expected '{label}' and a number, got {line.strip()[:40]!r}")
    return value


def _with_decimal_points(rows: Rows, n_channels: int) -> Rows:
    """Return rows without commas, which stand either for decimal points or between numbers."""
    if not any("," in line for _, line in rows[:1]):
        return rows
    decimal = "." not in rows[0][1] and len(rows[0][1].split()) == n_channels
    return [(number, line.replace(",", "." if decimal else " ")) for number, line in rows]


def _without_line_breaks(rows: Rows, n_channels: int, stated: float) -> Rows:
    """Return one row per frame where frames are broken into several lines; other rows as they are."""
    if len(rows) <= stated or len(rows[0][1].split()) >= n_channels:
        return rows
    tokens = [(number, token) for number, line in rows for token in line.split()]
    return [
        (tokens[at][0], " ".join(token for _, token in tokens[at : at + n_channels]))
        for at in range(0, len(tokens), n_channels)
    ]


def _to_table(path: Path, rows: Rows, n_channels: int) -> NDArray[np.float64]:
    """Return rows as numbers, (frames, n_channels)."""
    try:
        motion = np.loadtxt([line for _, line in rows], comments=None, ndmin=2)
        sound = motion.shape == (len(rows), n_channels) and bool(np.isfinite(motion).all())
    except ValueError:
        sound = False
    if not sound:
        raise _row_error(path, rows, n_channels)
    return motion


def _row_error(path: Path, rows: Rows, n_channels: int) -> PoseError:
    """Return the error of the first row that is not `n_channels` finite numbers."""
    for number, line in rows:
        tokens = line.split()
        if len(tokens) != n_channels:
            return PoseError(
                f"{path}, line {number}: {len(tokens)} values, but the hierarchy has {n_channels} channels"
            )
        for token in tokens:
            try:
                finite = np.isfinite(float(token))
            except ValueError:
                finite = False
            if not finite:
                return PoseError(f"{path}, line {number}: expected a number, got {token[:40]!r}")
    return PoseError(f"{path}: the motion after line {rows[0][0]} cannot be read as numbers")
