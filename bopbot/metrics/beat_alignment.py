"""How well a dance is aligned with the beats of its music."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from pose_vocab.motion import Floats

SIGMA_S = 0.05
"""Standard deviation: a beat this far off scores 0.61; three frames at 60 fps, as in mint and Bailando."""


def beat_alignment(music_beats_s: Floats, motion_beats_s: Floats) -> float:
    """Return the mean closeness of music beats to their nearest motion beat, 0 to 1; 0 without beats.

    As in Bailando: L. Siyao et al., "Bailando" (2022). A dance that twitches all the time scores 1;
    with the arguments exchanged it is the mean over the motion beats, as in mint's
    `calculate_beat_scores.py`: R. Li et al., "AI Choreographer" (2021).

    Parameters
    ----------
    music_beats_s, motion_beats_s : float64 (n,) and (m,), in seconds from the same origin.
    """
    return float(closeness(music_beats_s, motion_beats_s).mean()) if len(music_beats_s) else 0.0


def closeness(times_s: Floats, beats_s: Floats) -> Floats:
    """Return exp(-d^2 / 2 `SIGMA_S`^2) for each time, (n,); d is the distance to the nearest beat. 0 without beats."""
    if not len(beats_s):
        return np.zeros(len(times_s))
    distances_s, _ = cKDTree(np.reshape(beats_s, (-1, 1))).query(np.reshape(times_s, (-1, 1)))
    return np.asarray(np.exp(-np.square(distances_s) / (2 * SIGMA_S**2)))
