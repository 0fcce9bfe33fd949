from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from builders import TINY, random_walk_px

from bopbot.choreography.generation import (
    LEAD_IN_S,
    Sampling,
    continue_dance,
    dance_from_scratch,
    opening_of,
    place_after,
)
from bopbot.choreography.logit_bias import ENERGY_LOGITS
from bopbot.choreography.transitions import large_step, step_sizes
from bopbot.codecs import build_codec, save_codec
from bopbot.dance_model import DanceModel
from bopbot.training.corpus import Corpus, stretches_of
from bopbot.training.training import TrainingPlan, learn
from pose_vocab.errors import ModelError
from pose_vocab.normalization import Clip, normalize

CLIP = normalize(random_walk_px(840, seed=8)[20:820:4])
"""Ten seconds, four times as fast as a dancer wanders."""


@pytest.fixture(scope="module")
def clip() -> Clip:
    return CLIP


def learned(kind: str, n_words: int, *language_models: str) -> DanceModel:
    words = build_codec([CLIP], kind, n_words, seed=0)
    corpus = Corpus(words, stretches_of(words, [CLIP]), [], len(CLIP))
    return learn(corpus, TrainingPlan(language_models, TINY, TINY.training)).model


@pytest.fixture(scope="module")
def model() -> DanceModel:
    return learned("picture", 25, "gpt2", "lstm")


@pytest.fixture(scope="module")
def limbs() -> DanceModel:
    return learned("limbs", 60, "gpt2")


def test_what_is_saved_dances_the_same(model: DanceModel, clip: Clip, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    loaded = DanceModel.load(tmp_path / "model")
    sampling = Sampling(seconds=3, seed=5)
    opening, before = opening_of(model.codec, [clip])
    for name in ("gpt2", "lstm"):
        (ids, dance), (same_ids, same_dance) = (
            continue_dance(one, name, opening, before, sampling) for one in (model, loaded)
        )
        assert np.array_equal(ids, same_ids)
        assert np.array_equal(dance.poses.keypoints, same_dance.poses.keypoints)


def test_a_language_model_that_was_not_trained_is_missed(model: DanceModel) -> None:
    with pytest.raises(ModelError, match="has no mixture LSTM, only gpt2, lstm"):
        dance_from_scratch(model, "mixture", Sampling(seconds=1))


def test_both_language_models_dance_and_not_the_same(model: DanceModel) -> None:
    one, other = (dance_from_scratch(model, name, Sampling(seconds=3)) for name in ("gpt2", "lstm"))
    assert not np.array_equal(one.keypoints, other.keypoints)


def test_what_is_not_asked_for_suits_the_model(model: DanceModel) -> None:
    adapted = DanceModel(model.codec, model.language_models, adapted_from=model.codec.lexicon.sizes)
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
    opening, before = opening_of(model.codec, [clip])
    _, dance = continue_dance(model, "gpt2", opening, before, Sampling(seconds=4, seed=1))
    assert dance.placement.scale == before.placement.scale
    assert dance.placement.ground == before.placement.ground
    seam = step_sizes(before[-1:].followed_by(dance[:1]))
    assert seam <= large_step([clip, dance])
    assert dance.placement.hip_path[0] == pytest.approx(before.placement.hip_path[-1], abs=0.1)


def test_the_length_that_was_asked_for(model: DanceModel) -> None:
    for seconds in (1.0, 2.5, 7.0):
        dance = dance_from_scratch(model, "gpt2", Sampling(seconds=seconds))
        assert dance.duration_s == pytest.approx(seconds)


def test_words_are_passed_on_a_second_at_a_time(limbs: DanceModel) -> None:
    """Ten rows of five words; of 2.5 s there is one more row, so that the last segment lies between two."""
    portions: list[tuple[int, int]] = []
    written: list[Sequence[str]] = []

    def on_words(row: int, words: Sequence[Sequence[str]]) -> None:
        portions.append((row, len(words)))
        written.extend(words)

    opening, before = opening_of(limbs.codec, [CLIP])
    ids, _ = continue_dance(limbs, "gpt2", opening, before, Sampling(seconds=2.5), on_words=on_words)
    assert portions == [(0, 10), (10, 10), (20, 6)]
    assert [list(row) for row in written] == [limbs.codec.lexicon.words_of(row) for row in ids]


def test_seeds_tell_dances_apart(model: DanceModel) -> None:
    first, again, other = (dance_from_scratch(model, "gpt2", Sampling(seconds=3, seed=seed)) for seed in (1, 1, 2))
    assert np.array_equal(first.keypoints, again.keypoints)
    assert not np.array_equal(first.keypoints, other.keypoints)


def test_the_opening_is_the_end_of_the_last_clip(model: DanceModel, clip: Clip) -> None:
    codec = model.codec
    opening, before = opening_of(model.codec, [clip[:50], clip[50:]])
    assert before.placement.hip_path.tolist() == clip[50:].placement.hip_path.tolist()
    assert opening.tolist() == codec.encode(clip[50:])[-len(opening) :].tolist()
    assert len(opening) >= LEAD_IN_S * codec.fps


def test_following_on_moves_along_the_floor_only(clip: Clip) -> None:
    moved = place_after(clip[:100], clip[:20])
    heights = clip[:20].placement.hip_path[:, 1]
    assert np.array_equal(moved.placement.hip_path[:, 1], heights)


def test_the_dials_add_up(limbs: DanceModel) -> None:
    """Of each limb the last five words are the dancer's own."""
    sizes = limbs.codec.lexicon.sizes
    adapted = DanceModel(limbs.codec, limbs.language_models, tuple(size - 5 for size in sizes))
    assert adapted.own_words.sum() == 5 * len(sizes)
    assert not Sampling().bias(adapted).any()
    lively, own = Sampling(energy=2).bias(adapted), Sampling(own=0.8).bias(adapted)
    assert np.abs(lively).max() == pytest.approx(ENERGY_LOGITS)
    assert own == pytest.approx(np.where(adapted.own_words, np.log(1.6), np.log(0.4)))
    assert Sampling(energy=2, own=0.8).bias(adapted) == pytest.approx(lively + own)


def test_at_the_end_of_the_dial_only_own_words_are_left(limbs: DanceModel) -> None:
    adapted = DanceModel(limbs.codec, limbs.language_models, tuple(size - 5 for size in limbs.codec.lexicon.sizes))
    opening, before = opening_of(adapted.codec, [CLIP])
    for own, share in ((1, 1.0), (0, 0.0)):
        ids, _ = continue_dance(adapted, "gpt2", opening, before, Sampling(seconds=2, own=own))
        assert adapted.own_words[ids].mean() == share


def test_a_dial_that_a_model_does_not_have_is_refused(model: DanceModel, limbs: DanceModel) -> None:
    with pytest.raises(ModelError, match=r"no words of the dancer's own to prefer, got own=0\.8"):
        Sampling(own=0.8).bias(limbs)
    with pytest.raises(ModelError, match="neither calm nor lively"):
        dance_from_scratch(model, "gpt2", Sampling(seconds=1, energy=1.5))
    with pytest.raises(ModelError, match="energy must be from 0"):
        Sampling(energy=2.5).bias(limbs)
    assert not limbs.own_words.any()
