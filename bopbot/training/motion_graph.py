"""A random walk on the motion graph of a few dances: it crosses over where two segments are alike.

A short dance shows once what follows each of its words, and nothing about what follows the last one; a model that
learns it by heart copies it, and stands still at its end. So it is tuned on walks instead: from segment to segment,
now and then across to a similar one elsewhere, and always so at the end. The crossings are those of A. Schoedl et al.,
"Video Textures" (2000).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Steps = NDArray[np.int64]
"""Numbers of segments, counted through all dances one after the other."""

APART_S = 1.0
"""Segments nearer in time than this count as the same."""
AHEAD_S = 4.0
"""A walk crosses only to segments that are followed by this much of their dance: it must not circle at an end."""
STRIDE_S = 4.0
"""Mean time that a walk goes straight on before it crosses over."""
CHOICES = 8
"""Most similar segments among which a crossing chooses the one that was visited least."""
ALIKE_PERCENTILE = 30
"""Percentage of the segments, those with the nearest similar one, at which a walk may cross without need."""


def walk(dances: Sequence[NDArray[np.float32]], fps: float, length: int, seed: int) -> Steps | None:
    """Return a walk of `length` segments through dances.

    Parameters
    ----------
    dances : each (segments, numbers), nothing missing.
    fps : segments per second.
    length : count of the steps.
    seed : the same seed gives the same walk.

    Returns
    -------
    None where the dances are too short to hold two segments that are apart.
    """
    targets, may_cross, must_cross = _crossings(dances, fps)
    if not len(targets):
        return None
    generator = np.random.default_rng(seed)
    steps = np.empty(length, np.int64)
    visits = np.zeros(len(targets))
    here = int(generator.integers(len(targets)))
    for step in range(length):
        steps[step] = here
        visits[here] += 1
        if must_cross[here] or (may_cross[here] and generator.random() < 1 / (STRIDE_S * fps)):
            # The most similar segment would lead round and round through the same few.
            least_visited = visits[targets[here]] + generator.random(CHOICES)
            here = int(targets[here][np.argmin(least_visited)])
        here += 1
    return steps


def _crossings(dances: Sequence[NDArray[np.float32]], fps: float) -> tuple[Steps, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the most similar segments elsewhere (segments, CHOICES), where to cross, and where one must.

    Segments are compared in pose and in how it changes; there are no targets where segments are too few.
    """
    apart = round(APART_S * fps)
    changes = [np.gradient(dance, axis=0) * apart / 4 for dance in dances]
    segments = np.column_stack([np.concatenate(dances), np.concatenate(changes)])
    frame = np.arange(len(segments))
    # Dances lie far apart on this time line, so that their segments never count as the same.
    time = np.concatenate([np.arange(len(dance)) for dance in dances])
    time = time + np.repeat(np.arange(len(dances)), [len(dance) for dance in dances]) * len(segments) * 2
    left = np.concatenate([np.arange(len(dance))[::-1] for dance in dances])
    within_reach = frame[left >= AHEAD_S * fps]
    n_near = 2 * apart + CHOICES
    if len(within_reach) < n_near:
        return np.empty((0, CHOICES), np.int64), left < 0, left < 0
    distances, near = cKDTree(segments[within_reach]).query(segments, k=n_near)
    near = within_reach[near]
    distances = np.where(np.abs(time[near] - time[:, None]) < apart, np.inf, distances)
    nearest_ids = np.argsort(distances, axis=1, kind="stable")[:, :CHOICES]
    nearest = np.take_along_axis(distances, nearest_ids, axis=1)[:, 0]
    return np.take_along_axis(near, nearest_ids, axis=1), nearest <= np.percentile(nearest, ALIKE_PERCENTILE), left == 0
