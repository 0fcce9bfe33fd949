"""Whether a dance stands still: repeated words, and frozen bodies."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from bopbot.metrics.motion import check_alike, mean_seen
from pose_vocab.errors import ModelError, PoseError
from pose_vocab.ids import GAP, Ids
from pose_vocab.motion import Floats, Motion

STILL_SHARE = 0.02
"""A body slower than this share of the real median speed stands still."""


def repeats(ids: Ids) -> float:
    """Return the share of words in ids (n,) that are equal to the word before; pairs with a gap do not count.

    Raises
    ------
    ModelError : there are no two consecutive words.
    """
    present = ids != GAP
    pairs = present[1:] & present[:-1]
    if not pairs.any():
        raise ModelError(
            f"in {len(ids)} words there are no two consecutive ones, so repeats cannot be counted; give at least two"
        )
    return float((ids[1:] == ids[:-1])[pairs].mean())


def longest_freeze_s(dances: Sequence[Motion], real: Sequence[Motion]) -> float:
    """Return the length of the longest stretch of a dance in which the body stands still, in seconds.

    The body stands still where the mean speed of the joints around the hips is below `STILL_SHARE` of its median over
    the frames of the real dances; a stiff body that glides stands still too.

    Raises
    ------
    PoseError : the clips differ in kind, there are none, or the real ones do not move.
    """
    fps = check_alike(dances)
    check_alike([*dances, *real])
    speeds = np.concatenate([_speeds(clip) for clip in real]) if real else np.empty(0)
    speeds = speeds[~np.isnan(speeds)]
    usual = np.median(speeds) if len(speeds) else 0.0
    if not usual > 0:
        raise PoseError(f"{len(real)} real dances do not move, so there is no usual speed to compare with")
    frozen = [(_speeds(clip) < STILL_SHARE * usual).tolist() for clip in dances]
    longest = max(sum(run) for still in frozen for _, run in groupby([False, *still]))
    return float(longest / fps)


def _speeds(clip: Motion) -> Floats:
    """Return the mean speed of the seen joints, (frames - 1,), in torso lengths per frame; NaN where none is seen."""
    return mean_seen(np.linalg.norm(np.diff(clip.centred, axis=0), axis=2).T)
