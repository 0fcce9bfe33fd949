"""Retiming of a dance to the beat: its time is warped smoothly, its motion stays the same.

The warp is found by dynamic programming, as in speech alignment (H. Sakoe and S. Chiba, 1978): among all
warps whose tempo changes linearly between nodes, from one of `TEMPOS` to another, the one that puts the
most music beats close to a motion beat, minus a cost for every tempo other than the dance's own and for
every change of tempo.
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
"""Distance between neighbouring tempos at a node."""
TEMPO_STEPS = np.arange(-4, 6)
"""Tempos at a node, in steps faster than the dance's own."""
TEMPOS = 1 + TEMPO_STEPS * TEMPO_STEP
"""The same as factors: a dance is slowed to at most 0.8 and sped up to at most 1.25 times its tempo."""
MAX_NODE_SPACING_S = 0.1
"""Maximum distance between nodes."""
MAX_DRIFT_S = 5.0
"""The retimed dance is never further ahead of or behind the original; this bounds the work."""
TEMPO_COST = 4.0
"""Cost per second of a tempo that is off by 1, growing with the square; a matched beat is worth 1."""
TEMPO_CHANGE_COST = 2.0
"""Cost per second of a tempo that changes by 1, growing with the square: an abrupt change would lose a motion beat."""
CELLS_PER_STEP = round(2 / TEMPO_STEP)
"""A step between nodes in cells, the unit of dance time: at every tempo a step takes a whole number of cells."""


def retime(dance: M, beats_s: Floats, seconds: float) -> M:
    """Return the first `seconds` of a dance, retimed so that its motion beats match the music's.

    It starts with the dance's first frame at the dance's own tempo, and keeps its frame rate.

    Parameters
    ----------
    dance : at least `seconds` long; it can be sped up only as far as it is longer.
    beats_s : float64 (n,), the music's beats in seconds after the first frame; without any the dance is
        only cut.
    seconds : length of the result.

    Raises
    ------
    PoseError : the dance is shorter than `seconds`.
    """
    frames = round(seconds * dance.fps)
    if not 0 < frames <= len(dance):
        raise PoseError(
            f"a dance of {len(dance) / dance.fps:g} s cannot be retimed to {seconds:g} s; "
            "choose a length above 0 s and at most the dance's"
        )
    motion_beats_s = motion_beats(dance)
    times_s = np.arange(frames) / dance.fps
    beats_s = beats_s[(beats_s >= 0) & (beats_s < times_s[-1])]
    if not len(beats_s) or not len(motion_beats_s):
        return dance[:frames]
    spare_s = (len(dance) - frames) / dance.fps
    return _resample_at(dance, find_warp(motion_beats_s, beats_s, float(times_s[-1]), spare_s)(times_s))


def find_warp(motion_beats_s: Floats, music_beats_s: Floats, duration_s: float, spare_s: float) -> BSpline:
    """Return the time in the dance to show at each time from 0 to `duration_s`.

    It starts at 0 and ends at most `spare_s` after `duration_s`. Its slope, the tempo, is continuous and
    within `TEMPOS`.

    Parameters
    ----------
    motion_beats_s : float64 (m,), in the dance's time.
    music_beats_s : float64 (n,), from 0 to before `duration_s`.
    duration_s : length of the result.
    spare_s : how much longer the dance is than the result.
    """
    n_steps = math.ceil(duration_s / MAX_NODE_SPACING_S)
    step_s = duration_s / n_steps
    cell_s = step_s / CELLS_PER_STEP
    reach = math.ceil(min(MAX_DRIFT_S, duration_s * (TEMPOS[-1] - 1)) / cell_s)
    ahead = np.arange(-reach, reach + 1)
    beat_closeness = closeness(np.arange(n_steps * CELLS_PER_STEP + reach) * cell_s, motion_beats_s)

    # Axes: tempo at the last node, tempo at this node, cells that the dance is ahead.
    before, now = TEMPOS[:, None], TEMPOS[None, :]
    steps_gained = TEMPO_STEPS[:, None] + TEMPO_STEPS[None, :]
    cost = (
        TEMPO_COST * step_s * ((before - 1) ** 2 + (now - 1) ** 2) / 2
        + TEMPO_CHANGE_COST * (now - before) ** 2 / step_s
    )
    previous_ahead = ahead - steps_gained[:, :, None]
    margin = int(np.abs(steps_gained).max())
    previous = np.arange(len(TEMPO_STEPS))[:, None, None], previous_ahead + reach + margin

    score = np.where((TEMPO_STEPS[:, None] == 0) & (ahead == 0), 0.0, -np.inf)
    choices = []
    for step in range(n_steps):
        scores = np.pad(score, ((0, 0), (margin, margin)), constant_values=-np.inf)[previous] - cost[:, :, None]
        since_s = music_beats_s - step * step_s
        for beat_s in since_s[(since_s >= 0) & (since_s < step_s)]:
            danced_s = before * beat_s + (now - before) * beat_s**2 / (2 * step_s)
            cells = step * CELLS_PER_STEP + previous_ahead + np.rint(danced_s / cell_s).astype(int)[:, :, None]
            scores += np.take(beat_closeness, cells, mode="clip")
        choices.append(scores.argmax(axis=0).astype(np.int8))
        score = scores.max(axis=0)

    score[:, ahead * cell_s > spare_s] = -np.inf
    tempo, place = np.unravel_index(score.argmax(), score.shape)
    tempos = [int(tempo)]
    for choice in reversed(choices):
        tempos.append(int(choice[tempos[-1], place]))
        place -= steps_gained[tempos[-1], tempos[-2]]
    nodes_s = np.linspace(0, duration_s, n_steps + 1)
    return make_interp_spline(nodes_s, TEMPOS[tempos[::-1]], k=1).antiderivative()


def _resample_at(dance: M, times_s: Floats) -> M:
    """Return the dance at these times, along a cubic spline; a joint is missing if it is missing in the frame
    before or after.
    """
    values = dance.values
    before = np.minimum((times_s * dance.fps).astype(int), len(dance) - 2)
    unseen = np.isnan(values[before]) | np.isnan(values[before + 1])
    sampled = CubicSpline(np.arange(len(dance)) / dance.fps, fill_missing(values))(times_s)
    return dance.with_values(np.where(unseen, np.nan, sampled))
