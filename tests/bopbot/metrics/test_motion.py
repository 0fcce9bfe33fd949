"""What is asked of every figure: clips of another kind, or none, are refused with a sentence."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from bopbot.metrics.bones import bone_length_deviation
from bopbot.metrics.continuation import continuation_error
from bopbot.metrics.feet import foot_skating
from bopbot.metrics.jitter import acceleration, jitter_ratio
from bopbot.metrics.kinetics import dist_k, fid_k
from bopbot.metrics.liveliness import liveliness
from bopbot.metrics.motion import horizontal, mean_seen
from bopbot.metrics.novelty import coverage, nearest_per_second, novelty
from bopbot.metrics.reconstruction import hip_path_error, reconstruction_error
from bopbot.metrics.stillness import longest_freeze_s
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip

Figure = Callable[[Sequence[Clip], Sequence[Clip]], object]

OF_TWO_SETS: dict[str, Figure] = {
    "jitter_ratio": jitter_ratio,
    "longest_freeze_s": longest_freeze_s,
    "fid_k": fid_k,
    "dist_k": dist_k,
    "bone_length_deviation": bone_length_deviation,
    "novelty": novelty,
    "coverage": lambda dances, real: coverage(real, dances, 0.1),
    "acceleration": lambda dances, real: acceleration([*dances, *real]),
    "foot_skating": lambda dances, real: foot_skating([*dances, *real]),
}
OF_TWO_CLIPS: dict[str, Callable[[Clip, Clip], object]] = {
    "reconstruction_error": reconstruction_error,
    "hip_path_error": hip_path_error,
    "continuation_error": lambda real, sample: continuation_error(real, [sample]),
    "nearest_per_second": lambda dance, known: nearest_per_second(dance, [known]),
    "liveliness": lambda dance, real: liveliness(dance, [real]),
}


@pytest.mark.parametrize("figure", OF_TWO_SETS.values(), ids=OF_TWO_SETS)
def test_sets_of_another_kind_are_refused(figure: Figure, danced: Callable[..., Clip]) -> None:
    still = np.zeros((40, 1, 2))
    with pytest.raises(PoseError, match="one kind, got dancer in 2D at 20 fps, dancer in 2D at 25 fps"):
        figure([danced(still)] * 2, [danced(still, fps=25)] * 2)
    with pytest.raises(PoseError, match="no clip"):
        figure([], [])


@pytest.mark.parametrize("figure", OF_TWO_CLIPS.values(), ids=OF_TWO_CLIPS)
def test_a_clip_of_another_kind_is_refused(figure: Callable[[Clip, Clip], object], danced: Callable[..., Clip]) -> None:
    still = np.zeros((40, 1, 2))
    with pytest.raises(PoseError, match="one kind"):
        figure(danced(still), danced(still, fps=25))


def test_a_mean_is_of_what_is_seen() -> None:
    values = np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.nan]])
    np.testing.assert_array_equal(mean_seen(values), [2.0, 5.0, np.nan])


def test_along_the_ground_is_all_but_the_height() -> None:
    np.testing.assert_array_equal(horizontal(np.array([[1.0, 2.0]])), [[1.0]])
    np.testing.assert_array_equal(horizontal(np.array([[1.0, 2.0, 3.0]])), [[1.0, 3.0]])
