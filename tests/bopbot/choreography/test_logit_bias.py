from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bopbot.choreography.logit_bias import ENERGY_LOGITS, MIN_WORDS, energy_bias, own_bias
from pose_vocab.codec.features import Pose2DFeatures
from pose_vocab.codec.lexicon import Lexicon, Part
from pose_vocab.codec.segments import Segments
from pose_vocab.codec.vocabulary import Vocabulary
from pose_vocab.errors import ModelError
from pose_vocab.normalization import Clip

ARMS = {"left": ("left_wrist",), "right": ("right_wrist",)}
FEATURES = Pose2DFeatures(("left_wrist", "right_wrist", "left_hip"), {**ARMS, "torso": ("left_hip",)})
LIMBS = Segments(FEATURES, frames=2)


def lexicon_of(segments: Segments[Clip], **ways: list[float]) -> Lexicon:
    """Of each part the words whose first number goes so far in each frame; the mean segments begin apart."""
    parts = {}
    for name, columns in segments.columns.items():
        rows = np.zeros((len(ways[name]), segments.frames, len(columns) // segments.frames), np.float32)
        rows[:, :, 1] = np.arange(len(rows))[:, None]
        rows[:, :, 0] = np.multiply.outer(ways[name], np.arange(segments.frames))
        ones = np.ones(len(rows))
        words = tuple(f"{name}{i}" for i in range(len(rows)))
        parts[name] = Part(columns, Vocabulary(words, rows.reshape(len(rows), -1), ones.astype(np.int64), ones))
    return Lexicon(parts)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return lexicon_of(LIMBS, left=[0.1, -5.0, 0.0], right=[3.0, 2.0], torso=[0.3, 0.3, 0.1, 0.5])


def test_the_faster_a_word_the_more_a_lively_dance_says_it(lexicon: Lexicon) -> None:
    """By rank within its part, whichever way it goes; of four, two share the middle ranks."""
    in_part = [0, 1, -1, 1, -1, 0, 0, -1, 1]
    assert energy_bias(lexicon, LIMBS, 2) == pytest.approx(ENERGY_LOGITS * np.array(in_part))
    assert energy_bias(lexicon, LIMBS, 1.5) == pytest.approx(ENERGY_LOGITS / 2 * np.array(in_part))
    assert energy_bias(lexicon, LIMBS, 0) == pytest.approx(-ENERGY_LOGITS * np.array(in_part))


def test_of_longer_segments_the_whole_way_counts() -> None:
    """In three frames the first word goes 1 there and 1 back, the second one 1.6 there."""
    segments = Segments(Pose2DFeatures(("left_wrist",), {"left": ("left_wrist",)}), frames=3)
    means = np.zeros((2, 3, 2), np.float32)
    means[:, :, 0] = [0, 1, 0], [0, 1.2, 1.6]
    words = Vocabulary(("wabba", "dopel"), means.reshape(2, 6), np.ones(2, np.int64), np.ones(2, np.float32))
    columns = np.array([0, 1, 4, 5, 8, 9])
    rest = Part(np.array([2, 3, 6, 7, 10, 11]), replace(words, words=("zatre", "fialb")))
    bias = energy_bias(Lexicon({"left": Part(columns, words), "rest": rest}), segments, 2)
    assert bias[:2] == pytest.approx([ENERGY_LOGITS, -ENERGY_LOGITS])


@given(st.floats(0, 2))
def test_calm_is_lively_the_other_way_round(energy: float) -> None:
    lexicon = lexicon_of(LIMBS, left=[0.0, 1.0, 2.0], right=[0.0], torso=[1.0, 4.0])
    bias = energy_bias(lexicon, LIMBS, energy)
    assert bias.dtype == np.float32
    assert bias == pytest.approx(-energy_bias(lexicon, LIMBS, 2 - energy), abs=1e-6)


def test_as_learned_is_no_bias(lexicon: Lexicon) -> None:
    poses = Segments(FEATURES)
    assert not energy_bias(lexicon, LIMBS, 1).any()
    assert not energy_bias(lexicon_of(poses, left=[0], right=[0], torso=[0]), poses, 1).any()
    assert not own_bias(np.array([True, False, True]), (3,), 0.5).any()


def test_energies_that_cannot_be_are_refused(lexicon: Lexicon) -> None:
    for energy in (-0.1, 2.1, np.nan):
        with pytest.raises(ModelError, match="energy must be from 0"):
            energy_bias(lexicon, LIMBS, energy)
    poses = Segments(FEATURES)
    with pytest.raises(ModelError, match="single poses, which are neither calm nor lively"):
        energy_bias(lexicon_of(poses, left=[0], right=[0], torso=[0]), poses, 1.5)


OWN = np.array([False, True, True, False, False, True, True])
SIZES = (3, 4)


@pytest.mark.parametrize(("style", "times"), [(0.2, 1 / 4), (0.5, 1), (0.8, 4), (0.9, 9)])
def test_style_sets_the_odds_of_own_words(style: float, times: float) -> None:
    bias = own_bias(OWN, SIZES, style)
    assert bias.dtype == np.float32
    assert np.ptp(bias[OWN]) == np.ptp(bias[~OWN]) == 0
    assert np.exp(bias[1] - bias[0]) == pytest.approx(times)


def test_at_the_ends_only_one_kind_is_left() -> None:
    assert np.isneginf(own_bias(OWN, SIZES, 1.0)).tolist() == (~OWN).tolist()
    assert np.isneginf(own_bias(OWN, (7,), 0.0)).tolist() == OWN.tolist()


def test_a_place_without_enough_words_is_left_as_it_is() -> None:
    """The first place has one word of others: it could be said for ever only."""
    bias = own_bias(OWN, SIZES, 0.0)
    assert not bias[:3].any()
    assert np.isneginf(bias[3:]).tolist() == OWN[3:].tolist()


sizes = st.lists(st.integers(MIN_WORDS, 5), min_size=1, max_size=4)


@given(sizes=sizes, seed=st.integers(0, 99), style=st.floats(0, 1))
def test_every_place_keeps_words(sizes: list[int], seed: int, style: float) -> None:
    own = np.random.default_rng(seed).random(sum(sizes)) < 0.5
    for place in np.split(own_bias(own, sizes, style), np.cumsum(sizes)[:-1]):
        assert np.isfinite(place).sum() >= MIN_WORDS


def test_styles_that_cannot_be_are_refused() -> None:
    for style in (-0.1, 1.1, np.nan):
        with pytest.raises(ModelError, match="style must be from 0"):
            own_bias(OWN, SIZES, style)
    with pytest.raises(ModelError, match="7 words do not fit places of 3, 3 words"):
        own_bias(OWN, (3, 3), 1.0)
