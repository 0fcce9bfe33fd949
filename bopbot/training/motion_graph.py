"""One dance, danced on and on: walks through its moments that cross over where two are alike.

A short dance says once what follows each of its words, and nothing about what follows the last one; a
model that learns it by heart copies it, and stands still at its end. So it learns walks instead: from
moment to moment, and now and then across to a like one elsewhere, always at the end. The crossings
are those of A. Schoedl et al., "Video Textures" (2000).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Segments = NDArray[np.int64]

APART_S = 1.0
"""Segments nearer in time than this are the same."""
AHEAD_S = 4.0
"""A walk crosses only to moments that have so much of their dance before them: it must not circle at an end."""
STRIDE_S = 4.0
"""A walk goes straight on for so long, on average, before it crosses over."""
CHOICES = 8
"""It crosses to one of so many moments, those most alike: the one that it has visited least."""
ALIKE_PERCENTILE = 30
"""Without need it crosses only at the moments that have their likest one nearest: this share of all."""


def walk(dances: Sequence[NDArray[np.float32]], fps: float, length: int, seed: int) -> Segments | None:
    """A walk of `length` moments through dances.

    Parameters
    ----------
    dances : each (frames, features), nothing missing.
    fps : frames a second.
    length : how many moments to walk through.
    seed : the same seed gives the same walk.

    Returns
    -------
    Frame numbers, counted through all dances one after the other; None where they are too short to
    hold two moments that are apart.
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
            # Wherever the dance is most alike it would go round in the same few moments.
            least_visited = visits[targets[here]] + generator.random(CHOICES)
            here = int(targets[here][np.argmin(least_visited)])
        here += 1
    return steps


def _crossings(
    dances: Sequence[NDArray[np.float32]], fps: float
) -> tuple[Segments, NDArray[np.bool_], NDArray[np.bool_]]:
    """For every frame its likest ones elsewhere (frames, CHOICES), where to cross, and where one must.

    Segments are alike in their pose and in how it changes; there are no targets where frames are too few.
    """
    apart = round(APART_S * fps)
    changes = [np.gradient(dance, axis=0) * apart / 4 for dance in dances]
    moments = np.column_stack([np.concatenate(dances), np.concatenate(changes)])
    frame = np.arange(len(moments))
    # Dances lie far apart on this time line, so that their moments never count as the same.
    time = np.concatenate([np.arange(len(dance)) for dance in dances])
    time = time + np.repeat(np.arange(len(dances)), [len(dance) for dance in dances]) * len(moments) * 2
    left = np.concatenate([np.arange(len(dance))[::-1] for dance in dances])
    within_reach = frame[left >= AHEAD_S * fps]
    n_near = 2 * apart + CHOICES
    if len(within_reach) < n_near:
        return np.empty((0, CHOICES), np.int64), left < 0, left < 0
    distances, near = cKDTree(moments[within_reach]).query(moments, k=n_near)
    near = within_reach[near]
    distances = np.where(np.abs(time[near] - time[:, None]) < apart, np.inf, distances)
    likest = np.argsort(distances, axis=1, kind="stable")[:, :CHOICES]
    nearest = np.take_along_axis(distances, likest, axis=1)[:, 0]
    return np.take_along_axis(near, likest, axis=1), nearest <= np.percentile(nearest, ALIKE_PERCENTILE), left == 0
