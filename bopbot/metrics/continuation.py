"""How well continuations predict the real continuation of a dance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bopbot.metrics.motion import check_alike, check_same_length
from pose_vocab.errors import PoseError
from pose_vocab.motion import Floats
from pose_vocab.normalization import Clip


@dataclass(frozen=True)
class ContinuationError:
    """Errors of the best of several continuations, in torso lengths.

    Parameters
    ----------
    ade : average displacement error, over all frames and joints.
    fde : final displacement error, over the joints of the last frame.
    """

    ade: float
    fde: float


def continuation_error(real: Clip, samples: Sequence[Clip]) -> ContinuationError:
    """Return the least displacement errors of sampled continuations against the real one.

    Positions include travel; all continuations start with the hips above the same point of the ground. Only joints
    that both show count. The best sample for ADE need not be the best for FDE: A. Gupta et al., "Social GAN" (2018).
    The errors fall with the number of samples, so report it.

    Raises
    ------
    PoseError : there is no sample, the clips differ in kind or length, or no joint is seen in both in the last frame.
    """
    if not samples:
        raise PoseError("there is no continuation to compare with the real one; sample at least one")
    check_alike([real, *samples])
    errors = []
    for sample in samples:
        check_same_length(real, sample)
        apart = np.linalg.norm(_from_start(sample) - _from_start(real), axis=2)
        last = apart[-1]
        if np.isnan(last).all():
            raise PoseError(f"no joint is seen in both dances in the last of {len(real)} frames; cut them shorter")
        errors.append((np.nanmean(apart), np.nanmean(last)))
    ade, fde = np.min(errors, axis=0).tolist()
    return ContinuationError(ade, fde)


def _from_start(clip: Clip) -> Floats:
    """Return joint positions relative to the ground point below the first hips, (frames, joints, dims)."""
    start = clip.placement.hip_path[0].astype(np.float64)
    start[1] = 0
    return np.asarray(clip.placed - start)
