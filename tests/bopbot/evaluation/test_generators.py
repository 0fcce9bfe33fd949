"""Generators and the openings that they continue."""

from dataclasses import replace

import numpy as np
import pytest

from bopbot.dance_model import DanceModel
from bopbot.evaluation.generators import (
    Generator,
    baseline_generators,
    model_generators,
    opening_of,
    with_original_settings,
)
from pose_vocab.errors import NobodyDancingError
from pose_vocab.normalization import Clip


def test_an_opening_ends_with_the_last_encodable_segment(model: DanceModel, clip: Clip) -> None:
    codec = model.codec
    keypoints = clip.poses.keypoints.copy()
    keypoints[30:] = np.nan
    gone = replace(clip, poses=clip.poses.with_keypoints(keypoints))
    opening = opening_of(gone, codec, seconds=3.0)
    assert len(opening.before) == 30
    assert opening.ids.tolist() == codec.encode(clip[:30]).tolist()
    with pytest.raises(NobodyDancingError, match="no word can be encoded from its first 1 s"):
        opening_of(gone[40:], codec, seconds=1.0)


@pytest.fixture(scope="module", params=["gpt2", "bigram", "original settings"])
def generator(request: pytest.FixtureRequest, model: DanceModel, clip: Clip) -> Generator:
    (gpt2,) = model_generators(model, ["gpt2"], seed=0)
    if request.param == "bigram":
        return next(each for each in baseline_generators(model, [clip], seed=0) if each.name == "bigram")
    return gpt2 if request.param == "gpt2" else with_original_settings(gpt2)


def test_every_generator_continues_an_opening(generator: Generator, clip: Clip) -> None:
    opening = opening_of(clip, generator.codec, seconds=2.0)
    (rows, dance), (same, _), (other, _) = (generator.generate(opening, 31, seed) for seed in (1, 1, 2))
    assert (len(dance), rows.shape) == (31, (16, len(generator.codec.places)))
    assert np.array_equal(rows, same)
    assert not np.array_equal(rows, other)
    way = dance.placement.hip_path[0, 0] - opening.before.placement.hip_path[-1, 0]
    usual = np.abs(np.diff(clip.placement.hip_path[:, 0])).max()
    assert abs(way) <= usual, "it jumps along the floor"
