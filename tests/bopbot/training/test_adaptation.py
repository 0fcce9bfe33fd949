from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import TINY, random_walk_px

from bopbot.choreography.generation import Sampling, continue_dance, opening_of
from bopbot.codec_presets import find_codec_preset
from bopbot.codecs import SEGMENTS_PER_WORD, build_codec
from bopbot.dance_model import DanceModel
from bopbot.training.adaptation import adapt, adapt_codec, expand_to_dancer, with_motion_graph_walk
from bopbot.training.corpus import Corpus, stretches_of
from bopbot.training.training import TrainingPlan, learn
from models.language_model import mean_loss
from pose_vocab.codec.lexicon import Lexicon
from pose_vocab.codec.vocabulary import Vocabulary
from pose_vocab.errors import ModelError, NobodyDancingError
from pose_vocab.normalization import Clip, normalize


def wandering(seed: int, frames: int = 200) -> Clip:
    return normalize(random_walk_px(frames, seed))


@pytest.fixture(scope="module", params=["picture", "limbs"])
def others(request: pytest.FixtureRequest) -> DanceModel:
    """What was learned from other dancers."""
    clips = [wandering(1), wandering(2)]
    words = build_codec(clips, request.param, n_words=40 * len(find_codec_preset(request.param).parts), seed=0)
    corpus = Corpus(words, stretches_of(words, clips), [], 400)
    return learn(corpus, TrainingPlan(["gpt2", "lstm", "mixture"], TINY, TINY.training)).model


@pytest.fixture(scope="module")
def dancer() -> Clip:
    return wandering(3)


@pytest.fixture(scope="module")
def adapted(others: DanceModel, dancer: Clip) -> DanceModel:
    return adapt(others, [dancer], ["gpt2", "lstm"], seed=0)


def off(model: DanceModel, clip: Clip) -> float:
    """Mean distance between poses and their words, in torso lengths."""
    codec = model.codec
    rows = codec.segments.transform(clip)
    looked_up = codec.lexicon.look_up(codec.encode(clip))
    return float(np.linalg.norm(rows - looked_up, axis=1).mean())


def test_the_dancers_own_poses_join_the_words(others: DanceModel, adapted: DanceModel, dancer: Clip) -> None:
    known, words = others.codec.lexicon, adapted.codec.lexicon
    n_segments = len(dancer) // adapted.codec.segments.frames
    assert adapted.adapted_from == known.sizes
    assert words.sizes == tuple(n_known + n_segments // SEGMENTS_PER_WORD for n_known in known.sizes)
    assert set(known.words) < set(words.words)
    assert off(adapted, dancer) < off(others, dancer) / 2
    assert adapted.own_words[adapted.codec.encode(dancer)].mean() > 0.9


def test_others_words_move_to_the_dancers_body(others: DanceModel) -> None:
    """A dancer the same but for arms twice as wide: half of the dance moves the words so that they say the rest."""

    def wide(clip: Clip) -> Clip:
        return Clip(clip.poses.with_keypoints(clip.poses.keypoints * np.float32([2, 1])), clip.placement)

    same = wandering(1)
    dancer = adapt(others, [wide(same[:150])], ["gpt2"], seed=0)
    moved = DanceModel(
        replace(dancer.codec, lexicon=_first(dancer.codec.lexicon, others.codec.lexicon.sizes)), others.language_models
    )
    assert off(moved, wide(same[150:])) < 0.7 * off(others, wide(same[150:]))


def _first(lexicon: Lexicon, sizes: Sequence[int]) -> Lexicon:
    """The first words of each part."""
    names = ("words", "centroids", "counts", "errors")
    return Lexicon(
        {
            name: replace(part, vocabulary=Vocabulary(*(getattr(part.vocabulary, field)[:n] for field in names)))
            for (name, part), n in zip(lexicon.parts.items(), sizes, strict=True)
        }
    )


@pytest.mark.parametrize("name", ["gpt2", "lstm"])
def test_tuning_learns_the_dancers_moves(others: DanceModel, dancer: Clip, adapted: DanceModel, name: str) -> None:
    untuned = expand_to_dancer(others, [dancer], [name], seed=0)
    streams = stretches_of(adapted.codec, [dancer])
    after, before = (mean_loss(model.language_model(name), streams) for model in (adapted, untuned))
    assert after < before - 0.1


def test_a_new_dance_is_made_of_the_dancers_own_words(adapted: DanceModel, dancer: Clip) -> None:
    opening, before = opening_of(adapted.codec, [dancer])
    ids, _ = continue_dance(adapted, "gpt2", opening, before, Sampling(seconds=10))
    assert adapted.own_words[ids].mean() > 0.7


def test_the_same_seed_learns_the_same(others: DanceModel, dancer: Clip, adapted: DanceModel) -> None:
    again, other = (adapt(others, [dancer], ["gpt2"], seed) for seed in (0, 1))
    assert again.codec.lexicon.fingerprint == adapted.codec.lexicon.fingerprint
    assert other.codec.lexicon.fingerprint != adapted.codec.lexicon.fingerprint
    for one, same in zip(
        again.language_model("gpt2").state_dict().values(),
        adapted.language_model("gpt2").state_dict().values(),
        strict=True,
    ):
        assert one.equal(same)


def test_an_adapted_model_is_a_model_of_its_own(adapted: DanceModel, dancer: Clip, tmp_path: Path) -> None:
    adapted.save(tmp_path / "mine")
    loaded = DanceModel.load(tmp_path / "mine")
    assert loaded.adapted_from == adapted.adapted_from
    opening, before = opening_of(adapted.codec, [dancer])
    dances = [continue_dance(one, "lstm", opening, before, Sampling(seconds=3))[0] for one in (adapted, loaded)]
    assert np.array_equal(*dances)


def test_a_dancer_of_whom_a_joint_is_never_seen(others: DanceModel, dancer: Clip) -> None:
    keypoints = dancer.poses.keypoints.copy()
    keypoints[:, -2:] = np.nan
    toeless = Clip(dancer.poses.with_keypoints(keypoints), dancer.placement)
    model = adapt(others, [toeless], ["gpt2"], seed=0)
    assert model.own_words[model.codec.encode(toeless)].mean() > 0.9


@pytest.mark.parametrize(
    ("name", "why"),
    [("mixture", "cannot be adapted to a dancer"), ("nothing", "there is no language model 'nothing'")],
)
def test_what_cannot_learn_says_so(others: DanceModel, dancer: Clip, name: str, why: str) -> None:
    with pytest.raises(ModelError, match=why):
        adapt(others, [dancer], [name], seed=0)


def test_an_adapted_model_is_not_adapted_again(adapted: DanceModel, dancer: Clip) -> None:
    with pytest.raises(ModelError, match="adapted to a dancer already"):
        adapt(adapted, [dancer], ["gpt2"], seed=0)


def test_half_a_second_teaches_nothing(others: DanceModel, dancer: Clip) -> None:
    with pytest.raises(NobodyDancingError, match="second of unbroken dance"):
        adapt(others, [dancer[:10]], ["gpt2"], seed=0)


def test_walks_are_made_of_the_dances_own_steps(others: DanceModel, dancer: Clip) -> None:
    codec = adapt_codec(others.codec, [dancer], seed=0)
    [dance, walk] = with_motion_graph_walk(codec, stretches_of(codec, [dancer]), 0)
    assert len(walk) == 4 * len(dance)
    assert {tuple(row) for row in walk.tolist()} <= {tuple(row) for row in dance.tolist()}
