from collections.abc import Callable

import numpy as np
import pytest
from builders import random_walk_px
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bopbot.metrics.nearest_windows import PIECE_FRAMES, nearest_windows
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip, normalize
from pose_vocab.skeletons import DANCER


def half_seen(frames: int, seed: int, unseen: float) -> Clip:
    """A dance of which every joint is missing in that share of the frames."""
    clip = normalize(random_walk_px(30, seed))[:frames]
    keypoints = clip.poses.keypoints.copy()
    keypoints[np.random.default_rng(seed).random(keypoints.shape[:2]) < unseen] = np.nan
    return Clip(clip.poses.with_keypoints(keypoints), clip.placement)


def distance(window: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """As it is defined, with nothing clever."""
    apart = np.linalg.norm(window.astype(np.float64) - other, axis=2)
    apart = apart[~np.isnan(apart)]
    return float(np.sqrt((apart**2).mean())) if len(apart) >= 0.5 * window.shape[0] * window.shape[1] else np.inf


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), unseen=st.sampled_from([0.0, 0.2]), frames=st.integers(1, 12))
def test_it_is_what_looking_everywhere_finds(seed: int, unseen: float, frames: int) -> None:
    dance, *reference = (half_seen(n, seed + n, unseen) for n in (25, 30, 7, 21))
    everywhere = [
        [
            distance(dance.poses.keypoints[at : at + frames], clip.poses.keypoints[start : start + frames])
            for clip in reference
            for start in range(len(clip) - frames + 1)
        ]
        for at in range(0, len(dance) - frames + 1, frames)
    ]
    assume(np.isfinite(np.min(everywhere, axis=1)).all())  # otherwise it is an error, and another test
    found = nearest_windows(dance, reference, frames)
    np.testing.assert_allclose(found.distances, np.min(everywhere, axis=1), atol=1e-6)
    for window, (clip, start) in enumerate(zip(found.clips, found.frames, strict=True)):
        there = reference[clip].poses.keypoints[start : start + frames]
        here = dance.poses.keypoints[window * frames : (window + 1) * frames]
        assert found.distances[window] == pytest.approx(distance(here, there), abs=1e-6)


def test_a_stretch_of_a_long_reference_is_found_where_it_is() -> None:
    reference = [normalize(random_walk_px(frames, frames)) for frames in (100, 2 * PIECE_FRAMES + 60)]
    first = PIECE_FRAMES - 7  # its windows lie in the first piece, across its border, and behind it
    found = nearest_windows(reference[1][first : first + 40], reference, 10)
    np.testing.assert_allclose(found.distances, 0, atol=1e-6)
    assert found.clips.tolist() == [1] * 4
    assert found.frames.tolist() == [first + start for start in range(0, 40, 10)]
    assert nearest_windows(reference[1][-10:], reference, 10).frames.tolist() == [len(reference[1]) - 10]


def test_of_equals_the_first_is_found(danced: Callable[..., Clip]) -> None:
    still = danced(np.zeros((30, 1, 2)))
    found = nearest_windows(still, [still, still], 10)
    assert (found.clips.tolist(), found.frames.tolist()) == ([0, 0, 0], [0, 0, 0])


def test_a_shift_of_all_joints_is_the_distance(danced: Callable[..., Clip]) -> None:
    still = np.zeros((20, 1, 2))
    found = nearest_windows(danced(np.add(still, [0.06, 0.08])), [danced(still, way=[5.0, 0.0])], 10)
    np.testing.assert_allclose(found.distances, 0.1, atol=1e-5)


def test_a_dance_is_as_near_in_the_mirror_of_both() -> None:
    dance, other = (normalize(random_walk_px(60, seed)) for seed in (1, 2))
    mirrored = nearest_windows(dance.mirrored(), [other.mirrored()], 15)
    np.testing.assert_allclose(mirrored.distances, nearest_windows(dance, [other], 15).distances, atol=1e-6)


def test_what_cannot_be_measured_is_refused(danced: Callable[..., Clip]) -> None:
    still = np.zeros((20, 1, 2))
    dance = danced(still)
    with pytest.raises(PoseError, match="no window of 21"):
        nearest_windows(dance, [dance], 21)
    with pytest.raises(PoseError, match="1 dances hold no 10 consecutive frames"):
        nearest_windows(dance, [dance[:9]], 10)
    with pytest.raises(PoseError, match="0 dances"):
        nearest_windows(dance, [], 10)
    with pytest.raises(PoseError, match="enough of the joints"):
        nearest_windows(dance, [danced(still, hidden=DANCER.joint_names[:9])], 10)
    assert nearest_windows(dance, [danced(still, hidden=DANCER.joint_names[:8])], 10).distances.max() == 0
