"""Timestamps: doubled and coarse ones, their unit, and the even grid of frames that they lie on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.formats.units import MAX_FPS, MIN_FPS

UNITS_PER_S = (1.0, 1e3, 1e6, 1e9)
"""Ticks per second that timestamps without a unit may have; the first that gives a usual frame rate."""
MAX_JITTER = 0.4
"""Distances between frames that differ by at most this share belong to one frame rate."""
MIN_SHARE_OF_RATE = 0.8
"""Share of the distances that must belong to one frame rate, or the rate varies."""
FASTEST_PERCENTILE = 20.0
"""A varying rate is resampled at its faster parts: this percentile of the distances."""
MAX_OFF_GRID = 0.2
"""Stamps this close to an even grid, in frames, are on it, and rounded."""
MAX_SKIPPED_SHARE = 0.1
"""If more distances than this share are short gaps, they are a lower rate and not absences."""
ABSENCE_S = 0.25
"""A distance longer than this, and than the distances around it, is an absence."""
MAX_PAIRS, MAX_ROWS_AFTER = 500, 16
"""Equal stamps that are compared with the rows after them, and how many of these rows."""
MIN_RUNS = 3
"""Runs of equal stamps that tell a frame rate."""
LOCAL_FRAMES = 5
"""Distances before and after, which tell the rate around a distance."""


def rank_in_stamp(
    times: NDArray[np.float64], points: NDArray[np.floating[Any]], ids: NDArray[np.intp] | None
) -> NDArray[np.intp]:
    """Return the number of earlier rows (rows,) that show the same person at the same stamp.

    Parameters
    ----------
    times : (rows,) stamps.
    points : (rows, joints, 2|3), with missing joints as NaN.
    ids : (rows,) of persons. Without them rows of one stamp are one person if they are mostly closer to each
        other than to the rows of the next stamp.
    """
    order = np.argsort(times, kind="stable")
    who = np.zeros(len(times), np.intp) if ids is None else ids
    if ids is None and not _is_one_person(times[order], points[order]):
        return np.zeros(len(times), np.intp)
    keys = np.stack([times, who])
    _, group = np.unique(keys, axis=1, return_inverse=True)
    by_group = np.argsort(np.ravel(group), kind="stable")
    sorted_group = np.ravel(group)[by_group]
    starts = np.flatnonzero(np.concatenate([[True], np.diff(sorted_group) > 0]))
    rank = np.empty(len(times), np.intp)
    rank[by_group] = np.arange(len(times)) - np.repeat(starts, np.diff([*starts, len(times)]))
    return rank


def _is_one_person(times: NDArray[np.float64], points: NDArray[np.floating[Any]]) -> bool:
    """Return whether successive rows with equal stamps show one person, for rows in time order."""
    starts = np.flatnonzero(np.concatenate([[True], np.diff(times) > 0]))
    next_start = np.repeat([*starts[1:], -1], np.diff([*starts, len(times)]))
    pairs = np.flatnonzero((np.diff(times) == 0) & (next_start[:-1] >= 0))
    if not len(pairs):
        return len(starts) > 1  # only the last stamp can have several rows
    stops = dict(zip(starts.tolist(), [*starts[1:].tolist(), len(times)], strict=True))
    checked = pairs[:: max(1, len(pairs) // MAX_PAIRS)]
    closer = 0
    for row in checked:
        start = int(next_start[row])
        rows_after = range(start, min(stops[start], start + MAX_ROWS_AFTER))
        across = min(_distance(points[row], points[other]) for other in rows_after)
        closer += _distance(points[row], points[row + 1]) <= across
    return closer > len(checked) / 2


def _distance(first: NDArray[np.floating[Any]], second: NDArray[np.floating[Any]]) -> float:
    """Return the mean distance of the joints seen in both; infinite if there is none."""
    apart = np.linalg.norm(first - second, axis=-1)
    common = ~np.isnan(apart)
    return float(apart[common].mean()) if common.any() else np.inf


def spread_equal_stamps(stamps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ascending stamps with those of a run of equal ones spread evenly until the next stamp."""
    starts = np.flatnonzero(np.concatenate([[True], np.diff(stamps) > 0]))
    counts = np.diff([*starts, len(stamps)])
    if counts.max() == 1:
        return stamps
    lengths = np.diff(stamps[starts])
    if len(starts) >= MIN_RUNS:
        # The first run may have begun before the file, so the changes after it tell the rate.
        step = (stamps[-1] - stamps[starts[1]]) / (starts[-1] - starts[1])
        line: NDArray[np.float64] = stamps[0] + step * np.arange(len(stamps))
        if np.abs(stamps - line).max() <= 1.5 * np.median(lengths):
            return line  # one frame rate, and stamps too coarse for it
    usual = float(np.median(lengths / counts[:-1])) if len(lengths) else 1.0
    # A run before an absence, and the last one, are spread as densely as the others.
    steps = np.append(np.minimum(lengths / counts[:-1], 2 * usual), usual)
    place = np.arange(len(stamps)) - np.repeat(starts, counts)
    return np.asarray(stamps + place * np.repeat(steps, counts))


def seconds_per_tick(stamps: NDArray[np.float64], ticks_per_s: float | None) -> float | None:
    """Return the unit of ascending stamps in seconds: the stated one, else the one that gives a usual frame rate.

    None if no unit does, or there are fewer than two stamps: then stamps are no times.
    """
    if len(stamps) < 2:
        return None
    if ticks_per_s is not None:
        return 1 / ticks_per_s
    step = float(np.median(np.diff(stamps)))
    return next((1 / ticks for ticks in UNITS_PER_S if step > 0 and MIN_FPS <= ticks / step <= MAX_FPS), None)


def rate_of_numbers(numbers: NDArray[np.intp], stamps: NDArray[np.float64], ticks_per_s: float | None) -> float | None:
    """Return the frame rate at which frame numbers give the stamps; None if they contradict each other.

    Parameters
    ----------
    numbers : (frames,), ascending.
    stamps : (frames,), of each.
    ticks_per_s : ticks of the stamps per second, or None.
    """
    if len(numbers) < 2 or not stamps[-1] > stamps[0]:
        return None
    stamps = stamps - stamps[0]
    step = stamps[-1] / (numbers[-1] - numbers[0])
    off = np.abs(stamps / step - (numbers - numbers[0]))
    tick_s = seconds_per_tick(np.array([0.0, step]), ticks_per_s)
    if tick_s is None or np.percentile(off, 95) > 2 * MAX_OFF_GRID:
        return None
    return round(float(1 / (step * tick_s)), 9)


@dataclass(frozen=True, eq=False)
class EvenTimes:
    """An even grid for some times.

    Parameters
    ----------
    fps : frames of the grid per second.
    frames : int (times,), the frame of each time on the grid; None if the times are not on it.
    times_s : (times,), from 0.
    """

    fps: float
    frames: NDArray[np.intp] | None
    times_s: NDArray[np.float64]


def even_times(times_s: NDArray[np.float64]) -> EvenTimes:
    """Return the even grid of ascending times (two or more), in seconds."""
    times_s = times_s - times_s[0]
    steps = np.diff(times_s)
    step = float(np.median(steps))
    if (np.abs(steps / step - 1) <= MAX_JITTER).mean() < MIN_SHARE_OF_RATE:
        step = max(float(np.percentile(steps, FASTEST_PERCENTILE)), 1 / MAX_FPS)
        similar = np.abs(steps / step - 1) <= MAX_JITTER
        step = float(steps[similar].mean()) if similar.any() else step
    for _ in range(2):  # with the counts of frames known, the step is known more exactly
        counts = np.maximum(np.round(steps / step), 1)
        near = np.abs(steps / (counts * step) - 1) <= MAX_JITTER
        step = float(steps[near].sum() / counts[near].sum())
    # Whole frames by their place and not by the sum of rounded distances, or jitter adds up.
    frames = np.round(times_s / step).astype(np.intp)
    skipped = (counts > 1) & (steps <= ABSENCE_S)
    if skipped.mean() <= MAX_SKIPPED_SHARE and _fits(times_s, frames, step):
        return EvenTimes(round(1 / step, 9), frames, times_s)
    return EvenTimes(round(1 / step, 9), None, times_s)


def _fits(times_s: NDArray[np.float64], frames: NDArray[np.intp], step: float) -> bool:
    """Return whether all times lie on their frames, and each on one of its own."""
    off = np.abs(times_s / step - frames)
    return bool((np.diff(frames) > 0).all() and np.percentile(off, 95) <= MAX_OFF_GRID)


def max_steps_s(times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each distance between ascending times, (times - 1,), how long it may be and still no absence."""
    steps = np.diff(times_s)
    padded = np.pad(steps, LOCAL_FRAMES, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * LOCAL_FRAMES + 1)
    return np.asarray(np.maximum(ABSENCE_S, 1.6 * np.median(around, axis=1)))
