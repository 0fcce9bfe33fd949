"""How much joints shake: their acceleration against that of real dances."""

from collections.abc import Sequence

import numpy as np

from bopbot.metrics.motion import check_alike, mean_seen
from pose_vocab.errors import PoseError
from pose_vocab.motion import Floats, Motion


def acceleration(clips: Sequence[Motion]) -> float:
    """Mean length of the joints' acceleration around the hips, in torso lengths / s^2.

    The second difference from frame to frame, the mean over the frames of all clips for each joint,
    then over the joints; joints that no clip shows are left out. It grows with the frame rate.

    Raises
    ------
    PoseError : the clips differ in kind, or show no joint in three frames on end.
    """
    return float(np.nanmean(_of_joints(clips)))


def jitter_ratio(dances: Sequence[Motion], real: Sequence[Motion]) -> float:
    """The acceleration of dances over that of real ones, over the joints that both show; 1 is right.

    Raises
    ------
    PoseError : as `acceleration`; or the dances share no joint with the real ones, or those stand still.
    """
    check_alike([*dances, *real])
    ours, theirs = _of_joints(dances), _of_joints(real)
    both = ~np.isnan(ours) & ~np.isnan(theirs)
    if not theirs[both].any():
        raise PoseError("the joints of these dances do not move in the real ones, so there is no ratio")
    return float(ours[both].mean() / theirs[both].mean())


def _of_joints(clips: Sequence[Motion]) -> Floats:
    """(joints,) mean acceleration; NaN for a joint that is never seen."""
    fps = check_alike(clips)
    changes = [np.linalg.norm(np.diff(clip.centred, 2, axis=0), axis=2) for clip in clips]
    mean = mean_seen(np.concatenate(changes)) * fps**2
    if np.isnan(mean).all():
        raise PoseError("there is no acceleration without a joint that is seen in three frames on end")
    return mean
