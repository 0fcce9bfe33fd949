"""Whether bones keep the length that they have in real dances."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bopbot.metrics.motion import check_alike
from pose_vocab.errors import PoseError
from pose_vocab.motion import Floats
from pose_vocab.normalization import Clip

LONG_PERCENTILE = 90
"""In 2D a bone looks shorter when it leans towards the camera, never longer, so a high percentile is near it."""


@dataclass(frozen=True)
class BoneDeviation:
    """Deviation of bone lengths from those of real dances, as a share of the real length.

    Parameters
    ----------
    mean : over the bones.
    worst : of the bone with the largest deviation.
    worst_bone : the two joints of that bone.
    """

    mean: float
    worst: float
    worst_bone: tuple[str, str]


def bone_length_deviation(dances: Sequence[Clip], real: Sequence[Clip]) -> BoneDeviation:
    """Return how far the bone lengths of dances deviate from those of real ones.

    The length of a bone is the `LONG_PERCENTILE` over the frames of all clips; bones that one of the sets never shows
    are left out. In 2D the length depends on the view, so compare dances with real ones from the same view.

    Raises
    ------
    PoseError : the clips differ in kind, or share no bone.
    """
    check_alike([*dances, *real])
    skeleton = real[0].poses.skeleton if real else dances[0].poses.skeleton
    off = {
        bone: abs(float(np.percentile(ours, LONG_PERCENTILE)) / length - 1)
        for bone in skeleton.bones
        if len(ours := _lengths(dances, bone))
        and len(theirs := _lengths(real, bone))
        and (length := float(np.percentile(theirs, LONG_PERCENTILE))) > 0
    }
    if not off:
        raise PoseError(f"{len(dances)} dances and {len(real)} real ones share no bone that both show")
    parent, child = worst = max(off, key=lambda bone: off[bone])
    names = skeleton.joint_names
    return BoneDeviation(float(np.mean(list(off.values()))), off[worst], (names[parent], names[child]))


def _lengths(clips: Sequence[Clip], bone: tuple[int, int]) -> Floats:
    """Return the lengths of a bone in all frames that show it, in torso lengths."""
    parent, child = bone
    lengths = [np.linalg.norm(clip.centred[:, child] - clip.centred[:, parent], axis=1) for clip in clips]
    found = np.concatenate([np.empty(0), *lengths])
    return np.asarray(found[~np.isnan(found)])
