"""What a vocabulary loses of the motion."""

from dataclasses import replace

import numpy as np
import pytest
from builders import random_walk_px

from bopbot.codecs import build_codec
from bopbot.dance_model import DanceModel
from bopbot.evaluation.vocabulary_metrics import ALL_TAKES, measure_vocabulary, reconstruction_by_size
from pose_vocab.normalization import Clip, normalize
from pose_vocab.skeletons import DANCER


def test_as_many_words_as_segments_lose_nothing(clip: Clip) -> None:
    left_out: list[str] = []
    codec = build_codec([clip], "seed", n_words=len(clip), seed=0)
    group = measure_vocabulary(
        "m", codec, {"take": [clip], "far": [normalize(random_walk_px(60, seed=9))]}, 0, left_out.append
    )
    exact, far = group.rows["m", "take"], group.rows["m", "far"]
    assert exact["reconstruction error"].value.value == pytest.approx(0, abs=0.003)
    assert exact["jitter ratio"].value.value == pytest.approx(1, abs=0.03)
    assert exact["repeats"].value.value == 0
    assert far["reconstruction error"].value.value > 0.05
    together = group.rows["m", ALL_TAKES]["reconstruction error"].value
    assert (together.n, together.value) == (2, pytest.approx(far["reconstruction error"].value.value / 2, abs=0.003))
    assert not left_out


def test_decoded_joints_count_only_where_the_real_ones_are_seen(clip: Clip) -> None:
    """A hand that is never seen has no error, and adds nothing to the jitter of the other joints."""
    codec = build_codec([clip], "seed", n_words=len(clip), seed=0)
    keypoints = clip.poses.keypoints.copy()
    keypoints[:, DANCER.index("left_wrist")] = np.nan
    hidden = replace(clip, poses=clip.poses.with_keypoints(keypoints))
    row = measure_vocabulary("m", codec, {"take": [hidden]}, 0, pytest.fail).rows["m", "take"]
    assert row["reconstruction error"].value.value == pytest.approx(0, abs=0.003)
    assert row["jitter ratio"].value.value == pytest.approx(1, abs=0.03)


def test_a_take_without_words_is_left_out(model: DanceModel, clip: Clip) -> None:
    left_out: list[str] = []
    codec = model.codec
    group = measure_vocabulary("m", codec, {"good": [clip], "short": [clip[:5]]}, 0, left_out.append)
    assert [name for _, name in group.rows] == ["good", ALL_TAKES]
    assert left_out == ["vocabulary on short: no 1 s of it can be encoded without a gap"]


def test_more_words_lose_less(model: DanceModel, clip: Clip) -> None:
    errors = reconstruction_by_size(model.codec, [clip], [clip], seed=0)
    assert list(errors) == [10, 15, 30, 60]
    assert list(errors.values()) == sorted(errors.values(), reverse=True)
