"""Those whose dances are compared, and what they continue."""

from dataclasses import replace

import numpy as np
import pytest

from bopbot.dance_model import DanceModel
from bopbot.evaluation.contestants import Dancer, as_the_seed, counted, dancers, opening_of
from pose_vocab.errors import NobodyDancingError
from pose_vocab.normalization import Clip


def test_an_opening_ends_where_words_can_last_be_read(model: DanceModel, clip: Clip) -> None:
    codec = model.codec
    keypoints = clip.poses.keypoints.copy()
    keypoints[30:] = np.nan
    gone = replace(clip, poses=clip.poses.with_keypoints(keypoints))
    opening = opening_of(gone, codec, seconds=3.0)
    assert len(opening.before) == 30
    assert opening.ids.tolist() == codec.encode(clip[:30]).tolist()
    with pytest.raises(NobodyDancingError, match="no word can be read in its first 1 s"):
        opening_of(gone[40:], codec, seconds=1.0)


@pytest.fixture(scope="module", params=["gpt2", "bigram", "as the seed"])
def dancer(request: pytest.FixtureRequest, model: DanceModel, clip: Clip) -> Dancer:
    (gpt2,) = dancers(model, ["gpt2"], seed=0)
    if request.param == "bigram":
        return next(each for each in counted(model, [clip], seed=0) if each.name == "bigram")
    return gpt2 if request.param == "gpt2" else as_the_seed(gpt2)


def test_everyone_dances_on_from_an_opening(dancer: Dancer, clip: Clip) -> None:
    opening = opening_of(clip, dancer.codec, seconds=2.0)
    (rows, dance), (same, _), (other, _) = (dancer.dance(opening, 31, seed) for seed in (1, 1, 2))
    assert (len(dance), rows.shape) == (31, (16, len(dancer.codec.places)))
    assert np.array_equal(rows, same)
    assert not np.array_equal(rows, other)
    way = dance.placement.hip_path[0, 0] - opening.before.placement.hip_path[-1, 0]
    usual = np.abs(np.diff(clip.placement.hip_path[:, 0])).max()
    assert abs(way) <= usual, "it jumps along the floor"
