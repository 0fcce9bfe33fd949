from pathlib import Path

import numpy as np
import pytest
from builders import TINY, random_walk_px

from bopbot.codecs import build_codec, save_codec
from bopbot.corpus import Corpus, streams_of
from bopbot.dance_model import DanceModel
from bopbot.generation import LEAD_IN_S, Sampling, continue_dance, dance_from_scratch, follow_on, last_words
from bopbot.learning import Lesson, learn
from pose_vocab.errors import ModelError
from pose_vocab.normalization import Clip, normalize


@pytest.fixture(scope="module")
def clip() -> Clip:
    return normalize(random_walk_px(200, seed=8))


@pytest.fixture(scope="module")
def model(clip: Clip) -> DanceModel:
    words = build_codec([clip], "picture", n_words=25, seed=0)
    corpus = Corpus(words, streams_of(words, [clip]), [], len(clip))
    return learn(corpus, Lesson(["gpt2", "lstm"], TINY, TINY.training)).model


def test_what_is_saved_dances_the_same(model: DanceModel, clip: Clip, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    loaded = DanceModel.load(tmp_path / "model")
    sampling = Sampling(seconds=3, seed=5)
    opening, before = last_words(model, [clip])
    for name in ("gpt2", "lstm"):
        (ids, dance), (same_ids, same_dance) = (
            continue_dance(one, name, opening, before, sampling) for one in (model, loaded)
        )
        assert np.array_equal(ids, same_ids)
        assert np.array_equal(dance.poses.keypoints, same_dance.poses.keypoints)


def test_a_language_model_that_was_not_trained_is_missed(model: DanceModel) -> None:
    with pytest.raises(ModelError, match="has no mixture LSTM, but gpt2, lstm"):
        dance_from_scratch(model, "mixture", Sampling(seconds=1))


def test_both_language_models_dance_and_not_the_same(model: DanceModel) -> None:
    one, other = (dance_from_scratch(model, name, Sampling(seconds=3)) for name in ("gpt2", "lstm"))
    assert not np.array_equal(one.keypoints, other.keypoints)


def test_what_is_not_asked_for_suits_the_model(model: DanceModel) -> None:
    adapted = DanceModel(model.words, model.language_models, adapted_from=20)
    free, tame = (Sampling().options(one) for one in (model, adapted))
    assert (free.top_k, tame.top_k) == (None, 8)
    assert free.top_p > tame.top_p
    asked = Sampling(top_k=0, top_p=0.5).options(adapted)
    assert (asked.top_k, asked.top_p) == (None, 0.5)


def test_another_vocabularys_model_is_refused(model: DanceModel, clip: Clip, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    save_codec(build_codec([clip], "picture", n_words=25, seed=99), tmp_path / "model" / "words")
    with pytest.raises(ModelError, match="trained on vocabulary"):
        DanceModel.load(tmp_path / "model")


def test_a_new_dance_begins_where_the_old_one_ends(model: DanceModel, clip: Clip) -> None:
    opening, before = last_words(model, [clip])
    _, dance = continue_dance(model, "gpt2", opening, before, Sampling(seconds=4, seed=1))
    assert dance.placement.scale == before.placement.scale
    assert dance.placement.ground == before.placement.ground
    assert dance.placement.hip_path[0, 0] == pytest.approx(before.placement.hip_path[-1, 0])
    real_steps = np.linalg.norm(np.diff(clip.poses.keypoints, axis=0), axis=2).mean(axis=1)
    first_step = np.linalg.norm(dance.poses.keypoints[0] - clip.poses.keypoints[-1], axis=1).mean()
    assert first_step < 2 * real_steps.max()


def test_the_length_that_was_asked_for(model: DanceModel) -> None:
    for seconds in (1.0, 2.5, 7.0):
        dance = dance_from_scratch(model, "gpt2", Sampling(seconds=seconds))
        assert dance.duration_s == pytest.approx(seconds)


def test_seeds_tell_dances_apart(model: DanceModel) -> None:
    first, again, other = (dance_from_scratch(model, "gpt2", Sampling(seconds=3, seed=seed)) for seed in (1, 1, 2))
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
