"""How much joints jitter: their acceleration compared with real dances."""

from collections.abc import Sequence

import numpy as np

from bopbot.metrics.motion import check_alike, mean_seen
from pose_vocab.errors import PoseError
from pose_vocab.motion import Floats, Motion


def acceleration(clips: Sequence[Motion]) -> float:
    """Return the mean acceleration of the joints around the hips, in torso lengths / s^2.

    The second difference over frames; the mean over the frames of all clips for each joint, then over the joints.
    Joints that no clip shows are left out. It grows with the frame rate.

    Raises
    ------
    PoseError : the clips differ in kind, or show no joint in three consecutive frames.
    """
    return float(np.nanmean(_by_joint(clips)))


def jitter_ratio(dances: Sequence[Motion], real: Sequence[Motion]) -> float:
    """Return the acceleration of dances over that of real ones, for the joints that both show; 1 is right.

    Raises
    ------
    PoseError : as `acceleration`; or the sets share no joint, or the real dances stand still.
    """
    check_alike([*dances, *real])
    ours, theirs = _by_joint(dances), _by_joint(real)
    both = ~np.isnan(ours) & ~np.isnan(theirs)
    if not theirs[both].any():
        raise PoseError("the joints that the dances show do not move in the real dances, so there is no ratio")
    return float(ours[both].mean() / theirs[both].mean())


def _by_joint(clips: Sequence[Motion]) -> Floats:
    """Return the mean acceleration of each joint, (joints,); NaN for a joint that is never seen."""
    fps = check_alike(clips)
    changes = [np.linalg.norm(np.diff(clip.centred, 2, axis=0), axis=2) for clip in clips]
    mean = mean_seen(np.concatenate(changes)) * fps**2
    if np.isnan(mean).all():
        raise PoseError(
            "no joint is seen in three consecutive frames, so acceleration cannot be measured; give longer clips"
        )
    return mean
