from collections.abc import Callable

import numpy as np
import pytest

from bopbot.metrics.reconstruction import hip_path_error, reconstruction_error
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip
from pose_vocab.skeletons import DANCER

STILL = np.zeros((60, 1, 2))


def test_every_joint_is_off_by_the_same(danced: Callable[..., Clip]) -> None:
    assert reconstruction_error(danced(STILL), danced(np.add(STILL, [0.03, -0.04]))) == pytest.approx(0.05, abs=1e-6)


def test_only_what_both_show_counts(danced: Callable[..., Clip]) -> None:
    off = np.zeros((60, DANCER.n_joints, 2))
    off[:, DANCER.index("nose"), 0] = 0.14
    off[:, DANCER.index("left_toe"), 0] = 9.0
    real, decoded = danced(STILL, hidden=("left_toe",)), danced(off, hidden=("right_toe",))
    assert reconstruction_error(real, decoded) == pytest.approx(0.14 / 14, abs=1e-6)
    assert reconstruction_error(decoded, real) == reconstruction_error(real, decoded)


@pytest.mark.parametrize("frames", [60, 21, 8, 2])
def test_a_drift_is_measured_by_the_second_however_long_the_clip(frames: int, danced: Callable[..., Clip]) -> None:
    drift = np.arange(frames)[:, None] / 20 * [0.06, 0.08]
    error = hip_path_error(danced(STILL[:frames]), danced(STILL[:frames], way=drift))
    assert error == pytest.approx(0.1, abs=1e-5)


def test_where_the_hips_begin_does_not_matter(danced: Callable[..., Clip]) -> None:
    assert hip_path_error(danced(STILL), danced(STILL, way=[2.0, 1.0])) == pytest.approx(0, abs=1e-6)


def test_hips_that_come_back_within_a_second_strayed_half_of_the_time(danced: Callable[..., Clip]) -> None:
    """One torso length aside for frames 20 to 39: of the 40 stretches of 20 frames each ends or begins there."""
    aside = np.zeros((60, 2))
    aside[20:40, 0] = 1.0
    assert hip_path_error(danced(STILL), danced(STILL, way=aside)) == pytest.approx(1.0, abs=1e-6)
    assert hip_path_error(danced(STILL[:40]), danced(STILL[:40], way=aside[20:60])) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("error", [reconstruction_error, hip_path_error])
def test_clips_that_do_not_fit_are_refused(error: Callable[[Clip, Clip], float], danced: Callable[..., Clip]) -> None:
    clip = danced(STILL)
    with pytest.raises(PoseError, match="59 and 60 frames"):
        error(clip[:59], clip)
    with pytest.raises(PoseError, match="0 and 0 frames"):
        error(clip[:0], clip[:0])


def test_what_cannot_be_measured_is_refused(danced: Callable[..., Clip]) -> None:
    left = tuple(name for name in DANCER.joint_names if name.startswith("left"))
    others = tuple(name for name in DANCER.joint_names if not name.startswith("left"))
    with pytest.raises(PoseError, match="same joint"):
        reconstruction_error(danced(STILL, hidden=left), danced(STILL, hidden=others))
    with pytest.raises(PoseError, match="at least two"):
        hip_path_error(danced(STILL[:1]), danced(STILL[:1]))
