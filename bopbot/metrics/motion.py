"""Checks and helpers that the metrics share."""

from collections.abc import Iterable

import numpy as np

from pose_vocab.errors import PoseError
from pose_vocab.motion import Floats, Motion


def check_alike(clips: Iterable[Motion]) -> float:
    """Return the frame rate of clips that are measured together.

    Raises
    ------
    PoseError : there is no clip, or they differ in kind or frame rate.
    """
    kinds = {(clip.fps, clip.kind) for clip in clips}
    if not kinds:
        raise PoseError("there is no clip to measure; give at least one")
    if len(kinds) > 1:
        found = ", ".join(f"{kind} at {fps:g} fps" for fps, kind in sorted(kinds))
        raise PoseError(
            f"clips that are measured together must be of one kind, got {found}; convert them to one kind first"
        )
    return next(iter(kinds))[0]


def check_same_length(first: Motion, second: Motion) -> None:
    """Raise PoseError if two clips differ in their number of frames, or have none."""
    if len(first) != len(second) or not len(first):
        raise PoseError(
            f"dances are compared frame by frame, got {len(first)} and {len(second)} frames; give as many of both"
        )


def horizontal(paths: Floats) -> Floats:
    """Return the coordinates along the ground, (..., 1 or 2), of positions (..., 2 or 3): all but the height."""
    return np.delete(paths, 1, axis=-1)


def mean_seen(values: Floats) -> Floats:
    """Return the mean over the first axis of what is not NaN; NaN where everything is NaN."""
    seen = ~np.isnan(values)
    counts = seen.sum(axis=0)
    unseen = np.full(counts.shape, np.nan)
    return np.divide(np.where(seen, values, 0).sum(axis=0), counts, out=unseen, where=counts > 0)
