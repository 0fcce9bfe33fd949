"""How new dances are, and how much of the reference they cover: nearest windows in either direction.

After P. Li et al., "GANimator" (2022), but the query windows do not overlap, so that each frame counts once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bopbot.metrics.motion import check_alike
from bopbot.metrics.nearest_windows import nearest_windows
from pose_vocab.errors import PoseError
from pose_vocab.motion import Motion

NOVELTY_FRAMES = 15
COVERAGE_FRAMES = 30


@dataclass(frozen=True)
class NearestReference:
    """The reference window that is most similar to a second of a dance.

    Parameters
    ----------
    clip : index of the clip of the reference.
    seconds : time in that clip at which the window begins.
    distance : root of the mean squared distance of joints around the hips, in torso lengths.
    """

    clip: int
    seconds: float
    distance: float


def nearest_per_second(dance: Motion, reference: Sequence[Motion]) -> list[NearestReference]:
    """Return the nearest second of the reference for each second of a dance; raise what `nearest_windows` raises."""
    fps = dance.fps
    nearest = nearest_windows(dance, reference, max(1, round(fps)))
    found = zip(nearest.clips.tolist(), (nearest.frames / fps).tolist(), nearest.distances.tolist(), strict=True)
    return [NearestReference(*each) for each in found]


def novelty(dances: Sequence[Motion], reference: Sequence[Motion]) -> float:
    """Return the mean distance of windows of dances to the nearest window of the reference, in torso lengths.

    Raise what `nearest_windows` raises.
    """
    check_alike(dances)
    return float(
        np.concatenate([nearest_windows(dance, reference, NOVELTY_FRAMES).distances for dance in dances]).mean()
    )


def coverage(reference: Sequence[Motion], dances: Sequence[Motion], threshold: float) -> float:
    """Return the share of reference windows with a window of a dance nearer than `threshold` torso lengths.

    Raise what `nearest_windows` raises, with dances and reference exchanged.
    """
    check_alike(reference)
    long_enough = [clip for clip in reference if len(clip) >= COVERAGE_FRAMES]
    if not long_enough:
        raise PoseError(f"no clip of the reference has {COVERAGE_FRAMES} frames, so there is nothing to cover")
    distances = [nearest_windows(clip, dances, COVERAGE_FRAMES).distances for clip in long_enough]
    return float((np.concatenate(distances) < threshold).mean())
