import math
import time

import numpy as np
import pytest
import torch
from dances import SEVERAL, cycle, dance, ids, losses_by_reader, seeded, words_of
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.baselines import ADDED_COUNT, BASELINES, USUAL_DISCOUNT, Baseline, Bigram, RepeatLast, Unigram
from models.language_model import mean_loss
from models.row_layout import RowLayout
from models.sampling import GenerationOptions, generate
from pose_vocab.errors import ModelError

every_baseline = pytest.mark.parametrize("baseline", BASELINES.values(), ids=BASELINES)
dances = st.integers(1, 7).flatmap(
    lambda n_words: st.tuples(
        st.just(n_words),
        st.lists(st.lists(st.integers(0, n_words - 1), max_size=30), min_size=1, max_size=4).filter(any),
    )
)
layouts = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(lambda sizes: words_of(*sizes))


@every_baseline
@settings(max_examples=50, deadline=None)
@given(dances=dances)
def test_after_whatever_word_the_probabilities_sum_to_one_and_none_is_zero(
    baseline: type[Baseline], dances: tuple[int, list[list[int]]]
) -> None:
    n_words, streams = dances
    table = baseline.count([ids(*stream) for stream in streams], n_words)
    for last in range(n_words + 1):
        probabilities = table.probabilities(last)
        assert probabilities.shape == (n_words,)
        assert (probabilities > 0).all()
        assert probabilities.sum() == pytest.approx(1, abs=1e-12)


@every_baseline
@settings(max_examples=50, deadline=None)
@given(layout=layouts, n_rows=st.integers(0, 30))
def test_a_dance_is_scored_as_a_reader_foresees_it(baseline: type[Baseline], layout: RowLayout, n_rows: int) -> None:
    model = baseline.fit([dance(layout, 20, seed=1), dance(layout, 5, seed=2)], layout)
    stream = dance(layout, n_rows)
    losses = model.losses(stream)
    assert (losses.shape, losses.dtype) == (stream.shape, np.float64)
    np.testing.assert_allclose(losses, losses_by_reader(model, stream), atol=1e-5)


@every_baseline
@given(layout=layouts)
def test_each_place_is_counted_by_itself(baseline: type[Baseline], layout: RowLayout) -> None:
    seen, held_out = dance(layout, 20, seed=1), dance(layout, 30)
    losses = baseline.fit([seen], layout).losses(held_out)
    for place, n_words in enumerate(layout.vocabularies):
        alone = baseline.fit([layout.rows(seen)[:, place] - layout.starts[place]], words_of(n_words))
        expected = alone.losses(layout.rows(held_out)[:, place] - layout.starts[place])
        np.testing.assert_allclose(losses[place :: layout.places], expected)


@every_baseline
def test_a_dance_may_be_read_on_from_any_row(baseline: type[Baseline]) -> None:
    """After the words 3 and 4 of a row, whatever came before; its third place hangs on the row before."""
    model = baseline.fit([dance(SEVERAL, 40)], SEVERAL)
    logits = [model.reader().read(ids(*before, 0, 4, 6, 3, 4)) for before in ((), (8,), (2, 4, 5))]
    assert torch.equal(logits[0], logits[1]) and torch.equal(logits[0], logits[2])
    assert torch.softmax(logits[0], 0)[5:].numpy() == pytest.approx(model.tables[2].probabilities(1), abs=1e-6)


def test_a_unigram_counts_words_and_adds_to_every_count() -> None:
    model = Unigram.count([ids(0, 0, 1), ids(0)], 3)
    assert ADDED_COUNT == 0.5
    for last in range(4):
        np.testing.assert_allclose(model.probabilities(last), [3.5 / 5.5, 1.5 / 5.5, 0.5 / 5.5])


def test_a_bigram_takes_a_discount_off_each_pair_and_gives_it_to_the_unigram() -> None:
    """Of the pairs (start 0), (0 1) twice, (1 0), (1 2) three are seen once and one twice: discount 3 / (3 + 2)."""
    model = Bigram.count([ids(0, 1, 0, 1, 2)], 3)
    unigram = np.array([2.5, 2.5, 1.5]) / 6.5
    np.testing.assert_allclose(model.probabilities(0), np.array([0, 2 - 0.6, 0]) / 2 + 0.6 / 2 * unigram)
    np.testing.assert_allclose(model.probabilities(1), np.array([0.4, 0, 0.4]) / 2 + 2 * 0.6 / 2 * unigram)
    np.testing.assert_allclose(model.probabilities(3), np.array([0.4, 0, 0]) + 0.6 * unigram)


def test_after_a_word_that_nothing_followed_a_bigram_is_a_unigram() -> None:
    np.testing.assert_allclose(Bigram.count([ids(0, 1, 0, 1, 2)], 3).probabilities(2), np.array([2.5, 2.5, 1.5]) / 6.5)


def test_where_no_pair_comes_twice_or_none_once_the_discount_is_the_usual_one() -> None:
    assert USUAL_DISCOUNT == 0.75
    once = Bigram.count([ids(0, 1, 2)], 3)
    np.testing.assert_allclose(once.probabilities(0), np.array([0, 0.25, 0]) + 0.75 / 3)
    twice = Bigram.count([ids(0, 1), ids(0, 1)], 2)
    np.testing.assert_allclose(twice.probabilities(0), np.array([0, 1.25]) / 2 + 0.75 / 2 / 2)


def test_no_pair_crosses_from_one_dance_to_the_next() -> None:
    together, apart = Bigram.count([ids(0, 1)], 2), Bigram.count([ids(0), ids(1)], 2)
    assert together.probabilities(0)[1] > apart.probabilities(0)[1]
    no_pair = RepeatLast.count([ids(0), ids(0)], 2)
    np.testing.assert_allclose(no_pair.probabilities(0), np.array([0.5, 0]) + 0.5 * np.array([2.5, 0.5]) / 3)


def test_a_word_repeats_as_often_as_words_did() -> None:
    """Of four pairs three repeat: (3 + 1/2) / (4 + 1), the rest goes by the unigram."""
    model = RepeatLast.count([ids(0, 0, 0), ids(1, 1, 0)], 3)
    unigram = np.array([4.5, 2.5, 0.5]) / 7.5
    for last in range(3):
        np.testing.assert_allclose(model.probabilities(last), 0.7 * np.eye(3)[last] + 0.3 * unigram)
    np.testing.assert_allclose(model.probabilities(3), unigram)


def test_a_held_pose_is_what_repeating_foresees_best() -> None:
    held = np.repeat(np.random.default_rng(0).permutation(20), 30)
    losses = {name: mean_loss(baseline.fit([held], words_of(20)), [held]) for name, baseline in BASELINES.items()}
    assert losses["repeat"] < 0.3 < losses["unigram"]
    assert losses["unigram"] == pytest.approx(math.log(20), abs=0.01)


def test_a_cycle_is_what_a_bigram_foresees_best() -> None:
    circle = cycle(5, n_rows=200)
    losses = {name: mean_loss(baseline.fit([circle], words_of(5)), [circle]) for name, baseline in BASELINES.items()}
    assert losses["bigram"] < 0.05
    assert losses["unigram"] == pytest.approx(math.log(5), abs=1e-3)
    assert losses["repeat"] >= losses["unigram"]


@every_baseline
def test_a_baseline_dances(baseline: type[Baseline]) -> None:
    model = baseline.fit([ids(0, 0, 1, 2, 2, 3)], words_of(4))
    for prompt in (ids(), ids(2, 1)):
        assert set(generate(model, prompt, GenerationOptions(50, top_k=None, top_p=1.0), seeded())) == {0, 1, 2, 3}


def test_a_bigram_dances_a_cycle_on() -> None:
    model = Bigram.fit([cycle(5, n_rows=200)], words_of(5))
    assert generate(model, ids(3), GenerationOptions(6, temperature=0), seeded()).tolist() == [4, 0, 1, 2, 3, 4]


@every_baseline
def test_no_words_are_counted_and_none_that_are_outside(baseline: type[Baseline]) -> None:
    for streams in ([], [ids()]):
        with pytest.raises(ModelError, match="no words"):
            baseline.fit(streams, words_of(3))
    for stream in (ids(0, 3), ids(-1)):
        with pytest.raises(ModelError, match="the model knows 0 to 2"):
            baseline.fit([stream], words_of(3))
        with pytest.raises(ModelError, match="the model knows 0 to 2"):
            baseline.fit([ids(0, 1, 2)], words_of(3)).losses(stream)


@every_baseline
@pytest.mark.parametrize("unreadable", [ids(), ids(4), ids(0, -1)])
def test_ids_that_are_no_words_are_refused(baseline: type[Baseline], unreadable: NDArray[np.int64]) -> None:
    with pytest.raises(ModelError, match="reads ids 0 to 3"):
        baseline.fit([ids(0, 1, 2)], words_of(3)).reader().read(unreadable)


@every_baseline
def test_ten_thousand_words_are_counted_and_scored_in_less_than_a_second(baseline: type[Baseline]) -> None:
    stream = np.random.default_rng(0).zipf(1.3, 10_000) % 2000
    started = time.perf_counter()
    baseline.fit([stream], words_of(2000)).losses(stream)
    assert time.perf_counter() - started < 1
