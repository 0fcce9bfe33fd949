"""A dance put on the beat: its time is stretched and pressed smoothly, its motion stays the same.

The warp of time is found by dynamic programming, as speech was once aligned (H. Sakoe and S. Chiba, 1978):
of all warps whose tempo changes linearly between nodes, from one of `TEMPOS` to another, the one with the
most music beats close to a motion beat, less a price for every tempo but the dance's own and for every
change of tempo.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.interpolate import BSpline, CubicSpline, make_interp_spline

from bopbot.beats.motion_beats import motion_beats
from bopbot.metrics.beat_alignment import closeness
from pose_vocab.errors import PoseError
from pose_vocab.motion import Floats, M
from pose_vocab.resampling import fill_missing

TEMPO_STEP = 0.05
"""Tempos at a node are this far apart."""
TEMPO_STEPS = np.arange(-4, 6)
"""Tempos at a node, in grains faster than the dance's own."""
TEMPOS = 1 + TEMPO_STEPS * TEMPO_STEP
"""The same as factors: a dance is slowed to 0.8 and hurried to 1.25 times its tempo, no more."""
MAX_NODE_SPACING_S = 0.1
"""A node at most so many seconds after the last one."""
MAX_DRIFT_S = 5.0
"""The retimed dance is never further ahead of or behind the original than this: it bounds the work."""
TEMPO_COST = 4.0
"""For a second at a tempo off by 1, growing with the square; a beat that is met is worth 1."""
TEMPO_CHANGE_COST = 2.0
"""For a second in which the tempo changes by 1, growing with the square: at once a motion beat would be lost to it."""
CELLS_PER_STEP = round(2 / TEMPO_STEP)
"""A step between nodes in cells, the unit of time in the dance: at every tempo a step takes a whole number of them."""


def retime(dance: M, beats_s: Floats, seconds: float) -> M:
    """The first `seconds` of a dance, retimed so that its motion beats meet the music's.

    It begins with the dance's first frame at the dance's own tempo, and keeps its frame rate.

    Parameters
    ----------
    dance : at least `seconds` long; it can be hurried only as far as it is longer.
    beats_s : float64 (n,), the music's beats in seconds after the first frame; without any the dance
        stays as it is.

    Raises
    ------
    PoseError : the dance is shorter than `seconds`.
    """
    frames = round(seconds * dance.fps)
    if not 0 < frames <= len(dance):
        raise PoseError(
            f"a dance of {len(dance) / dance.fps:g} s cannot be retimed to {seconds:g} s; ask for no more than it has"
        )
    moves_s = motion_beats(dance)
    times_s = np.arange(frames) / dance.fps
    beats_s = beats_s[(beats_s >= 0) & (beats_s < times_s[-1])]
    if not len(beats_s) or not len(moves_s):
        return dance[:frames]
    spare_s = (len(dance) - frames) / dance.fps
    return _resample_at(dance, find_warp(moves_s, beats_s, float(times_s[-1]), spare_s)(times_s))


def find_warp(motion_beats_s: Floats, music_beats_s: Floats, duration_s: float, spare_s: float) -> BSpline:
    """For each time from 0 to `duration_s` the time in the dance to show then.

    It starts at 0 and ends at most `spare_s` after `duration_s`. Its slope, the tempo, is continuous
    and within `TEMPOS`.

    Parameters
    ----------
    motion_beats_s : float64 (m,), in the dance's time.
    music_beats_s : float64 (n,), from 0 to before `duration_s`.
    """
    n_steps = math.ceil(duration_s / MAX_NODE_SPACING_S)
    step_s = duration_s / n_steps
    cell_s = step_s / CELLS_PER_STEP
    reach = math.ceil(min(MAX_DRIFT_S, duration_s * (TEMPOS[-1] - 1)) / cell_s)
    ahead = np.arange(-reach, reach + 1)
    met = closeness(np.arange(n_steps * CELLS_PER_STEP + reach) * cell_s, motion_beats_s)

    # Axes: tempo at the last node, tempo at this node, cells that the dance is ahead.
    before, now = TEMPOS[:, None], TEMPOS[None, :]
    gained = TEMPO_STEPS[:, None] + TEMPO_STEPS[None, :]
    price = (
        TEMPO_COST * step_s * ((before - 1) ** 2 + (now - 1) ** 2) / 2
        + TEMPO_CHANGE_COST * (now - before) ** 2 / step_s
    )
    was_ahead = ahead - gained[:, :, None]
    margin = int(np.abs(gained).max())
    came_by = np.arange(len(TEMPO_STEPS))[:, None, None], was_ahead + reach + margin

    worth = np.where((TEMPO_STEPS[:, None] == 0) & (ahead == 0), 0.0, -np.inf)
    choices = []
    for step in range(n_steps):
        worths = np.pad(worth, ((0, 0), (margin, margin)), constant_values=-np.inf)[came_by] - price[:, :, None]
        since_s = music_beats_s - step * step_s
        for beat_s in since_s[(since_s >= 0) & (since_s < step_s)]:
            way_s = before * beat_s + (now - before) * beat_s**2 / (2 * step_s)
            cells = step * CELLS_PER_STEP + was_ahead + np.rint(way_s / cell_s).astype(int)[:, :, None]
            worths += np.take(met, cells, mode="clip")
        choices.append(worths.argmax(axis=0).astype(np.int8))
        worth = worths.max(axis=0)

    worth[:, ahead * cell_s > spare_s] = -np.inf
    tempo, place = np.unravel_index(worth.argmax(), worth.shape)
    tempos = [int(tempo)]
    for choice in reversed(choices):
        tempos.append(int(choice[tempos[-1], place]))
        place -= gained[tempos[-1], tempos[-2]]
    nodes_s = np.linspace(0, duration_s, n_steps + 1)
    return make_interp_spline(nodes_s, TEMPOS[tempos[::-1]], k=1).antiderivative()


def _resample_at(dance: M, times_s: Floats) -> M:
    """Return the dance at those times, along a cubic spline; unseen is what is unseen in a frame on either side."""
    values = dance.values
    before = np.minimum((times_s * dance.fps).astype(int), len(dance) - 2)
    unseen = np.isnan(values[before]) | np.isnan(values[before + 1])
    sampled = CubicSpline(np.arange(len(dance)) / dance.fps, fill_missing(values))(times_s)
    return dance.with_values(np.where(unseen, np.nan, sampled))
