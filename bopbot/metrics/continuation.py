"""How well a continuation foresees how the real dance went on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bopbot.metrics.motion import check_alike, check_same_length
from pose_vocab.errors import PoseError
from pose_vocab.motion import Floats
from pose_vocab.normalization import Clip


@dataclass(frozen=True)
class ContinuationError:
    """Of the best of several continuations, in torso lengths.

    Parameters
    ----------
    ade : average displacement error, over all frames and joints.
    fde : final displacement error, over the joints of the last frame.
    """

    ade: float
    fde: float


def continuation_error(real: Clip, samples: Sequence[Clip]) -> ContinuationError:
    """Distances between the joints of a real continuation and those of samples, frame by frame, of each the least.

    Where the joints are counts, travel included; all begin with the hips over the same spot of the
    ground. Only joints that both show count. The best for ADE need not be the best for FDE: A. Gupta
    et al., "Social GAN" (2018). More samples find a better one, so name their number.

    Raises
    ------
    PoseError : no sample, clips that do not fit each other frame by frame, or a last frame in which
        no joint is seen in both.
    """
    if not samples:
        raise PoseError("there is no continuation to compare with the real one; draw at least one")
    check_alike([real, *samples])
    errors = []
    for sample in samples:
        check_same_length(real, sample)
        apart = np.linalg.norm(_from_the_start(sample) - _from_the_start(real), axis=2)
        last = apart[-1]
        if np.isnan(last).all():
            raise PoseError(f"no joint is seen in both dances in the last of {len(real)} frames; cut them shorter")
        errors.append((np.nanmean(apart), np.nanmean(last)))
    ade, fde = np.min(errors, axis=0).tolist()
    return ContinuationError(ade, fde)


def _from_the_start(clip: Clip) -> Floats:
    """Joints over the ground, (frames, joints, dims), seen from where the hips are at first."""
    start = clip.placement.hip_path[0].astype(np.float64)
    start[1] = 0
    return np.asarray(clip.placed - start)
