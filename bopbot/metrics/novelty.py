"""How new a dance is, and how much of what is known it dances: nearest windows both ways.

After P. Li et al., "GANimator" (2022), but windows that are looked for do not overlap, so that they count once.
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
class NearestMoment:
    """What of the reference is most like a second of a dance.

    Parameters
    ----------
    clip : which clip of the reference.
    seconds : where in that clip the second begins.
    distance : root of the mean squared distance of joints around the hips, in torso lengths.
    """

    clip: int
    seconds: float
    distance: float


def nearest_per_second(dance: Motion, reference: Sequence[Motion]) -> list[NearestMoment]:
    """The nearest second of the reference for each whole second of a dance; raises what `nearest_windows` raises."""
    fps = dance.fps
    nearest = nearest_windows(dance, reference, max(1, round(fps)))
    found = zip(nearest.clips.tolist(), (nearest.frames / fps).tolist(), nearest.distances.tolist(), strict=True)
    return [NearestMoment(*moment) for moment in found]


def novelty(dances: Sequence[Motion], reference: Sequence[Motion]) -> float:
    """How far windows of dances are from the nearest in the reference, in torso lengths: the mean.

    Raises what `nearest_windows` raises.
    """
    check_alike(dances)
    return float(
        np.concatenate([nearest_windows(dance, reference, NOVELTY_FRAMES).distances for dance in dances]).mean()
    )


def coverage(reference: Sequence[Motion], dances: Sequence[Motion], threshold: float) -> float:
    """Share of the windows of the reference to which a dance comes nearer than `threshold` torso lengths.

    Raises what `nearest_windows` raises, with the two in each other's place.
    """
    check_alike(reference)
    long_enough = [clip for clip in reference if len(clip) >= COVERAGE_FRAMES]
    if not long_enough:
        raise PoseError(f"no clip of the reference has {COVERAGE_FRAMES} frames, so there is nothing to cover")
    distances = [nearest_windows(clip, dances, COVERAGE_FRAMES).distances for clip in long_enough]
    return float((np.concatenate(distances) < threshold).mean())
