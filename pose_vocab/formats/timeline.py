"""The frames of a file's rows: from frame numbers in any step, timestamps of any regularity, or their order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.interface import PoseInput
from pose_vocab.formats.parsed import Parsed
from pose_vocab.formats.timestamps import (
    EvenTimes,
    even_times,
    rank_in_stamp,
    rate_of_numbers,
    seconds_per_tick,
    spread_equal_stamps,
)
from pose_vocab.formats.units import choose_fps

MAX_FRAMES = 1_000_000
"""Maximum number of frames: nine hours at 30 per second."""
MAX_STEP = 120
"""Frame numbers in a larger step are timestamps: nobody keeps a frame in two seconds."""
MAX_LEAD_S = 600.0
"""A file may begin with nobody for this long; numbers and stamps that begin later count from their first."""


@dataclass(frozen=True, eq=False)
class Timeline:
    """The rows of a file in time.

    Parameters
    ----------
    frames : int (rows,), the frame of each row, from 0.
    n_frames : number of frames.
    fps : frames per second.
    times_s : (n_frames,), the time of each frame if their distances vary, to be resampled at `fps`; else None.
    notices : how the times were interpreted, one line each.
    """

    frames: NDArray[np.intp]
    n_frames: int
    fps: float
    times_s: NDArray[np.float64] | None = None
    notices: tuple[str, ...] = ()


def timeline_of(parsed: Parsed, points: NDArray[np.floating[Any]], pose_input: PoseInput, path: Path) -> Timeline:
    """Return the frame of each row of `parsed`.

    Timestamps are used as they are: equal ones belong to several people, or are too coarse for one person,
    which the distances of the bodies tell. Without timestamps the frame numbers count; a constant step in
    them is a lower frame rate.

    Parameters
    ----------
    parsed : the content of the file.
    points : (rows, joints, 2|3), with missing joints as NaN.
    pose_input : the frame rate that the user stated takes precedence.
    path : the file, for messages.

    Raises
    ------
    PoseError : too many frames, or a frame rate that is not positive.
    """
    if parsed.times is None and _are_ticks(parsed.frames):
        parsed = replace(parsed, frames=None, times=np.asarray(parsed.frames, np.float64), ticks_per_s=None)
    if parsed.times is not None and np.isfinite(parsed.times).any():
        timeline = _from_times(parsed, parsed.times, points, pose_input, path)
    else:
        timeline = _from_numbers(parsed, _row_numbers(parsed), pose_input, path)
    if timeline.n_frames > MAX_FRAMES:
        raise PoseError(
            f"{path}: {timeline.n_frames} frames are more than {MAX_FRAMES} frames; number them in steps of 1, "
            "or split the file"
        )
    return timeline


def _are_ticks(numbers: NDArray[np.intp] | None) -> bool:
    """Return whether frame numbers are in such a step that they are timestamps."""
    return numbers is not None and _step(np.unique(numbers)) > MAX_STEP


def _step(distinct: NDArray[np.intp]) -> int:
    """Return the step in which ascending frame numbers count, 1 for fewer than three."""
    return int(np.gcd.reduce(np.diff(distinct))) if len(distinct) > 2 else 1


def _row_numbers(parsed: Parsed) -> NDArray[np.intp]:
    """Return the file's frame numbers, or the order of the rows."""
    return np.arange(len(parsed.points)) if parsed.frames is None else parsed.frames


def _from_numbers(parsed: Parsed, numbers: NDArray[np.intp], pose_input: PoseInput, path: Path) -> Timeline:
    """Return the timeline of rows with frame numbers."""
    fps, notices = choose_fps(pose_input, parsed.fps, path)
    distinct = np.unique(numbers)
    step = _step(distinct)
    if step > 1:
        notices += (f"{path} has one frame in {step} of {fps:g} frames per second, so it is read at {fps / step:g}",)
    first = int(distinct[0])
    if first <= 1 or first / fps > MAX_LEAD_S:
        if first > 1:
            notices += (f"{path} begins at frame {first}; frames are counted from there",)
        numbers = numbers - first
    frames = np.round(numbers / step).astype(np.intp)
    return Timeline(frames, int(frames.max()) + 1, fps / step, None, notices)


def _from_times(
    parsed: Parsed, times: NDArray[np.float64], points: NDArray[np.floating[Any]], pose_input: PoseInput, path: Path
) -> Timeline:
    """Return the timeline of rows with timestamps."""
    notices: tuple[str, ...] = ()
    unknown = ~np.isfinite(times)
    if unknown.any():
        rows = np.arange(len(times))
        times = np.interp(rows, rows[~unknown], times[~unknown])
        notices = (f"{path}: {int(unknown.sum())} rows have no timestamp; they are placed between their neighbours",)
    if parsed.frames is None:
        rank = rank_in_stamp(times, points, parsed.ids)
        keys, instant = np.unique(np.stack([times, rank]), axis=1, return_inverse=True)
        stamps = keys[0]
        equal = int((np.diff(stamps) == 0).sum())
        if equal:
            notices += (f"{path}: {equal} frames have the timestamp of the frame before; they are spread evenly",)
    else:
        distinct, instant = np.unique(parsed.frames, return_inverse=True)
        stamps = np.zeros(len(distinct))
        stamps[instant[::-1]] = times[::-1]
        fps = rate_of_numbers(distinct, stamps, parsed.ticks_per_s)
        if fps is not None:
            return _with(_from_numbers(replace(parsed, fps=fps), parsed.frames, pose_input, path), notices)
        if (np.diff(stamps) < 0).any():
            notices += (f"{path}: its timestamps run backwards, so its frame numbers are used instead",)
            return _with(_from_numbers(parsed, parsed.frames, pose_input, path), notices)
    instant = np.ravel(instant)
    begin = stamps[0]
    stamps = spread_equal_stamps(stamps - begin)  # small numbers are exact
    tick_s = seconds_per_tick(stamps, parsed.ticks_per_s)
    if tick_s is None:
        numbers = np.round(stamps).astype(np.intp)
        is_counting = len(numbers) == len(np.unique(numbers))
        return _from_numbers(parsed, (numbers if is_counting else np.arange(len(stamps)))[instant], pose_input, path)
    even = even_times(stamps * tick_s)
    fps, more = choose_fps(pose_input, even.fps, path)
    lead = round(begin * tick_s * even.fps) if 0 < begin * tick_s <= MAX_LEAD_S else 0
    return _placed(even, instant, lead, fps, (*notices, *more), path)


def _with(timeline: Timeline, notices: tuple[str, ...]) -> Timeline:
    """Return a timeline with more notices, in front of its own."""
    return replace(timeline, notices=(*notices, *timeline.notices))


def _placed(
    even: EvenTimes, instant: NDArray[np.intp], lead: int, fps: float, notices: tuple[str, ...], path: Path
) -> Timeline:
    """Return the timeline of rows at `instant` of `even`, `lead` frames after the beginning."""
    if even.frames is not None:
        frames = even.frames[instant] + lead
        return Timeline(frames, int(even.frames[-1]) + 1 + lead, fps, None, notices)
    times_s = even.times_s + lead / even.fps
    if times_s[-1] * even.fps > MAX_FRAMES:
        raise PoseError(f"{path} lasts {times_s[-1]:.0f} s, which are more than {MAX_FRAMES} frames; split it")
    notices += (f"{path} has a varying frame rate; it is resampled at {even.fps:g} frames per second",)
    return Timeline(instant, len(times_s), fps, times_s * (even.fps / fps), notices)
