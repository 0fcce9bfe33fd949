from pathlib import Path

import numpy as np
import pytest
from builders import random_walk_px

from bopbot.codecs import build_codec, save_codec
from bopbot.dance_model import DanceModel
from bopbot.generation import LEAD_IN_S, Sampling, continue_dance, dance_from_scratch, follow_on, last_words
from bopbot.learning import learn, streams_of
from models.gpt2 import GPT2Size
from models.training import TrainingOptions
from pose_vocab.errors import ModelError, NobodyDancingError
from pose_vocab.normalization import Clip, normalize

TINY = GPT2Size(layers=1, heads=2, width=16, context_length=32)


@pytest.fixture(scope="module")
def clip() -> Clip:
    return normalize(random_walk_px(200, seed=8))


@pytest.fixture(scope="module")
def model(clip: Clip) -> DanceModel:
    words = build_codec([clip], "picture", n_words=25, seed=0)
    return learn(words, [clip], TINY, TrainingOptions(steps=20, batch_size=4))


def test_what_is_saved_dances_the_same(model: DanceModel, clip: Clip, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    loaded = DanceModel.load(tmp_path / "model")
    sampling = Sampling(seconds=3, seed=5)
    opening, before = last_words(model, [clip])
    for one, other in zip(
        continue_dance(model, opening, before, sampling), continue_dance(loaded, opening, before, sampling), strict=True
    ):
        if isinstance(one, Clip):
            assert np.array_equal(one.poses.keypoints, other.poses.keypoints)
        else:
            assert np.array_equal(one, other)


def test_another_vocabularys_model_is_refused(model: DanceModel, clip: Clip, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    save_codec(build_codec([clip], "picture", n_words=25, seed=99), tmp_path / "model" / "words")
    with pytest.raises(ModelError, match="trained on vocabulary"):
        DanceModel.load(tmp_path / "model")


def test_a_new_dance_begins_where_the_old_one_ends(model: DanceModel, clip: Clip) -> None:
    opening, before = last_words(model, [clip])
    _, dance = continue_dance(model, opening, before, Sampling(seconds=4, seed=1))
    assert dance.placement.scale == before.placement.scale
    assert dance.placement.ground == before.placement.ground
    assert dance.placement.hip_path[0, 0] == pytest.approx(before.placement.hip_path[-1, 0])
    real_steps = np.linalg.norm(np.diff(clip.poses.keypoints, axis=0), axis=2).mean(axis=1)
    first_step = np.linalg.norm(dance.poses.keypoints[0] - clip.poses.keypoints[-1], axis=1).mean()
    assert first_step < 2 * real_steps.max()


def test_the_length_that_was_asked_for(model: DanceModel) -> None:
    for seconds in (1.0, 2.5, 7.0):
        dance = dance_from_scratch(model, Sampling(seconds=seconds))
        assert dance.duration_s == pytest.approx(seconds)


def test_seeds_tell_dances_apart(model: DanceModel) -> None:
    first, again, other = (dance_from_scratch(model, Sampling(seconds=3, seed=seed)) for seed in (1, 1, 2))
    assert np.array_equal(first.keypoints, again.keypoints)
    assert not np.array_equal(first.keypoints, other.keypoints)


def test_the_opening_is_the_end_of_the_last_clip(model: DanceModel, clip: Clip) -> None:
    codec = model.words.codec()
    opening, before = last_words(model, [clip[:50], clip[50:]])
    assert before.placement.hip_path.tolist() == clip[50:].placement.hip_path.tolist()
    assert opening.tolist() == codec.encode(clip[50:])[-len(opening) :].tolist()
    assert len(opening) >= LEAD_IN_S * codec.fps


def test_following_on_moves_along_the_floor_only(clip: Clip) -> None:
    moved = follow_on(clip[:20], clip[:100])
    heights = clip[:20].placement.hip_path[:, 1]
    assert np.array_equal(moved.placement.hip_path[:, 1], heights)


def test_half_a_second_teaches_nothing(model: DanceModel, clip: Clip) -> None:
    assert len(streams_of(model.words, [clip[:20], clip[:10]])) == 1
    with pytest.raises(NobodyDancingError, match="second of unbroken dance"):
        learn(model.words, [clip[:10]], TINY, TrainingOptions(steps=1))
