"""Whether a dance stands still: repeated words, and frozen bodies."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from bopbot.metrics.motion import check_alike, mean_seen
from pose_vocab.errors import ModelError, PoseError
from pose_vocab.ids import GAP, Ids
from pose_vocab.motion import Floats, Motion

STILL_SHARE = 0.02
"""A body slower than this share of the real median stands still."""


def repeats(ids: Ids) -> float:
    """Share of the words of ids (n,) that say the one before them again; words beside a gap do not count.

    Raises
    ------
    ModelError : no word stands beside another.
    """
    spoken = ids != GAP
    pairs = spoken[1:] & spoken[:-1]
    if not pairs.any():
        raise ModelError(f"in {len(ids)} words none follows another, so none can repeat it; give at least two")
    return float((ids[1:] == ids[:-1])[pairs].mean())


def longest_freeze_s(dances: Sequence[Motion], real: Sequence[Motion]) -> float:
    """Seconds of the longest stretch of a dance in which the body stands still.

    It does where the mean speed of the joints around the hips is below `STILL_SHARE` of its median
    over the frames of the real dances; a stiff body that glides is frozen too.

    Raises
    ------
    PoseError : the clips differ in kind, there are none, or the real ones stand still themselves.
    """
    fps = check_alike(dances)
    check_alike([*dances, *real])
    speeds = np.concatenate([_speeds(clip) for clip in real]) if real else np.empty(0)
    speeds = speeds[~np.isnan(speeds)]
    usual = np.median(speeds) if len(speeds) else 0.0
    if not usual > 0:
        raise PoseError(f"{len(real)} real dances do not move, so nothing tells what standing still is")
    frozen = [(_speeds(clip) < STILL_SHARE * usual).tolist() for clip in dances]
    longest = max(sum(run) for still in frozen for _, run in groupby([False, *still]))
    return float(longest / fps)


def _speeds(clip: Motion) -> Floats:
    """(frames - 1,) mean speed of the joints that are seen, in torso lengths a frame; NaN where none is."""
    return mean_seen(np.linalg.norm(np.diff(clip.centred, axis=0), axis=2).T)
