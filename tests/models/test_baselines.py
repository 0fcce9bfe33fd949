import math
import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from word_dances import (
    SEVERAL,
    column,
    cyclic_dance,
    layout_of,
    losses_by_reader,
    next_logits,
    random_dance,
    row,
    rows,
    seeded_generator,
)

from models.baselines import ADDED_COUNT, BASELINES, USUAL_DISCOUNT, Baseline, Bigram, RepeatLast, Unigram
from models.language_model import mean_loss
from models.row_layout import RowLayout
from models.sampling import GenerationOptions, generate
from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP, Ids

every_baseline = pytest.mark.parametrize("baseline", BASELINES.values(), ids=BASELINES)
layouts = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(lambda sizes: layout_of(*sizes))


def dances_of(n_words: int) -> st.SearchStrategy[tuple[int, list[list[int]]]]:
    """Dances at one place, at least one row among them; `n_words` + 1 stands for a gap."""
    words = st.integers(0, n_words - 1) | st.just(n_words + 1)
    dances = st.lists(st.lists(words, max_size=30), min_size=1, max_size=4)
    return st.tuples(st.just(n_words), dances.filter(any))


@every_baseline
@settings(max_examples=50, deadline=None)
@given(counted=st.integers(1, 7).flatmap(dances_of))
def test_the_probabilities_after_each_word_sum_to_one_and_none_is_zero(
    baseline: type[Baseline], counted: tuple[int, list[list[int]]]
) -> None:
    """After the beginning of a dance and after a gap, too."""
    n_words, dances = counted
    table = baseline.count([row(*words) for words in dances], n_words)
    for last in range(n_words + 2):
        probabilities = table.probabilities(last)
        assert probabilities.shape == (n_words,)
        assert (probabilities > 0).all()
        assert probabilities.sum() == pytest.approx(1, abs=1e-12)


@every_baseline
@settings(max_examples=50, deadline=None)
@given(layout=layouts, n_rows=st.integers(0, 30), gaps=st.sampled_from([0, 0.3, 1]))
def test_the_losses_of_a_dance_are_those_of_a_reader(
    baseline: type[Baseline], layout: RowLayout, n_rows: int, gaps: float
) -> None:
    model = baseline.fit([random_dance(layout, 20, seed=1, gaps=gaps / 2), random_dance(layout, 5, seed=2)], layout)
    ids = random_dance(layout, n_rows, gaps=gaps)
    losses = model.losses(ids)
    assert (losses.shape, losses.dtype) == (ids.shape, np.float64)
    assert np.array_equal(np.isnan(losses), ids == GAP)
    np.testing.assert_allclose(losses, losses_by_reader(model, ids), atol=1e-5)


@every_baseline
@given(layout=layouts, gaps=st.sampled_from([0, 0.3]))
def test_each_place_is_counted_by_itself(baseline: type[Baseline], layout: RowLayout, gaps: float) -> None:
    def of_place(ids: Ids, place: int) -> Ids:
        return np.where(ids == GAP, GAP, ids - layout.starts)[:, [place]]

    counted = np.concatenate([random_dance(layout, 20, seed=1, gaps=gaps), random_dance(layout, 1)])
    held_out = random_dance(layout, 30, gaps=gaps)
    losses = baseline.fit([counted], layout).losses(held_out)
    for place, n_words in enumerate(layout.sizes):
        alone = baseline.fit([of_place(counted, place)], layout_of(n_words))
        np.testing.assert_allclose(losses[:, [place]], alone.losses(of_place(held_out, place)))


@every_baseline
def test_a_dance_may_be_read_on_from_any_row(baseline: type[Baseline]) -> None:
    """The third place depends on the row before only, whatever came before that and begins the next row."""
    model = baseline.fit([random_dance(SEVERAL, 40)], SEVERAL)
    before = ([], [[8, 8, 8]], [[2, 4, 5]], [[GAP, GAP, GAP]])
    logits = [next_logits(model, rows(*each, [0, 4, 6]), (3, 4)) for each in before]
    assert all(torch.equal(logits[0], each) for each in logits[1:])
    assert torch.softmax(logits[0], 0)[5:].numpy() == pytest.approx(model.tables[2].probabilities(1), abs=1e-6)


def test_a_unigram_counts_words_and_adds_to_every_count() -> None:
    model = Unigram.count([row(0, 0, 1), row(0)], 3)
    assert ADDED_COUNT == 0.5
    for last in range(5):
        np.testing.assert_allclose(model.probabilities(last), [3.5 / 5.5, 1.5 / 5.5, 0.5 / 5.5])


def test_a_bigram_takes_a_discount_off_each_pair_and_gives_it_to_the_unigram() -> None:
    """Of the pairs (start 0), (0 1) twice, (1 0), (1 2) three are seen once and one twice: discount 3 / (3 + 2)."""
    model = Bigram.count([row(0, 1, 0, 1, 2)], 3)
    unigram = np.array([2.5, 2.5, 1.5]) / 6.5
    np.testing.assert_allclose(model.probabilities(0), np.array([0, 2 - 0.6, 0]) / 2 + 0.6 / 2 * unigram)
    np.testing.assert_allclose(model.probabilities(1), np.array([0.4, 0, 0.4]) / 2 + 2 * 0.6 / 2 * unigram)
    np.testing.assert_allclose(model.probabilities(3), np.array([0.4, 0, 0]) + 0.6 * unigram)


def test_a_bigram_does_not_count_pairs_with_a_gap() -> None:
    """The same pairs and words as without gaps (the test above), and none of a gap's neighbours in a pair."""
    gap = 3 + 1
    model = Bigram.count([row(0, 1, 0, 1, 2), row(gap, gap)], 3)
    expected = Bigram.count([row(0, 1, 0, 1, 2)], 3)
    for last in range(5):
        np.testing.assert_allclose(model.probabilities(last), expected.probabilities(last))
    apart = Bigram.count([row(0, gap, 1, gap, 1, gap)], 3)
    for last in (0, 1, 2, gap):
        np.testing.assert_allclose(apart.probabilities(last), np.array([1.5, 2.5, 0.5]) / 4.5)


def test_a_bigram_after_a_gap_is_a_unigram() -> None:
    """Words 0, 1, 0, 1, 2 were counted; half is added to each of three counts: 5/2, 5/2 and 3/2 of 13/2."""
    unigram = np.array([2.5, 2.5, 1.5]) / 6.5
    np.testing.assert_allclose(Bigram.count([row(0, 1, 0, 1, 2)], 3).probabilities(4), unigram)
    model = Bigram.fit([column(0, 1, 0, 1, 2)], layout_of(3))
    np.testing.assert_allclose(torch.softmax(next_logits(model, column(0, GAP)), 0), unigram, rtol=1e-6)
    losses = model.losses(column(0, GAP, 1, 0, GAP, GAP, 2))[:, 0]
    assert np.isnan(losses[[1, 4, 5]]).all()
    np.testing.assert_allclose(losses[[2, 6]], -np.log(unigram[[1, 2]]))
    assert losses[3] == pytest.approx(-math.log(0.4 / 2 + 2 * 0.6 / 2 * unigram[0]))


def test_after_a_word_that_nothing_followed_a_bigram_is_a_unigram() -> None:
    np.testing.assert_allclose(Bigram.count([row(0, 1, 0, 1, 2)], 3).probabilities(2), np.array([2.5, 2.5, 1.5]) / 6.5)


def test_the_discount_is_the_usual_one_where_no_pair_comes_twice_or_none_once() -> None:
    assert USUAL_DISCOUNT == 0.75
    once = Bigram.count([row(0, 1, 2)], 3)
    np.testing.assert_allclose(once.probabilities(0), np.array([0, 0.25, 0]) + 0.75 / 3)
    twice = Bigram.count([row(0, 1), row(0, 1)], 2)
    np.testing.assert_allclose(twice.probabilities(0), np.array([0, 1.25]) / 2 + 0.75 / 2 / 2)


def test_no_pair_crosses_from_one_dance_to_the_next() -> None:
    together, apart = Bigram.count([row(0, 1)], 2), Bigram.count([row(0), row(1)], 2)
    assert together.probabilities(0)[1] > apart.probabilities(0)[1]
    no_pair = RepeatLast.count([row(0), row(0)], 2)
    np.testing.assert_allclose(no_pair.probabilities(0), np.array([0.5, 0]) + 0.5 * np.array([2.5, 0.5]) / 3)


def test_a_word_repeats_as_often_as_words_did() -> None:
    """Of four pairs three repeat: (3 + 1/2) / (4 + 1), the rest goes by the unigram."""
    model = RepeatLast.count([row(0, 0, 0), row(1, 1, 0)], 3)
    unigram = np.array([4.5, 2.5, 0.5]) / 7.5
    for last in range(3):
        np.testing.assert_allclose(model.probabilities(last), 0.7 * np.eye(3)[last] + 0.3 * unigram)
    np.testing.assert_allclose(model.probabilities(3), unigram)


def test_a_gap_is_no_repetition() -> None:
    """Of the pairs without a gap three of four repeat, as above; after a gap nothing can be repeated."""
    gap = 3 + 1
    model = RepeatLast.count([row(0, 0, 0, gap, gap, 1), row(1, 1, 0, gap)], 3)
    unigram = np.array([4.5, 3.5, 0.5]) / 8.5
    for last in range(3):
        np.testing.assert_allclose(model.probabilities(last), 0.7 * np.eye(3)[last] + 0.3 * unigram)
    np.testing.assert_allclose(model.probabilities(gap), unigram)


@every_baseline
def test_a_place_that_was_never_seen_is_counted_as_equally_frequent_words(baseline: type[Baseline]) -> None:
    model = baseline.fit([rows([0, GAP], [1, GAP])], layout_of(2, 4))
    np.testing.assert_allclose(model.losses(rows([0, 3]))[0, 1], math.log(4))
    np.testing.assert_allclose(torch.softmax(next_logits(model, rows([0, GAP]), (1,)), 0)[2:], 1 / 4)


def test_repeating_predicts_a_held_pose_best() -> None:
    held = np.repeat(np.random.default_rng(0).permutation(20), 30)[:, None]
    losses = {name: mean_loss(baseline.fit([held], layout_of(20)), [held]) for name, baseline in BASELINES.items()}
    assert losses["repeat"] < 0.3 < losses["unigram"]
    assert losses["unigram"] == pytest.approx(math.log(20), abs=0.01)


def test_a_bigram_predicts_a_cycle_best() -> None:
    cycle = cyclic_dance(5, n_rows=200)
    losses = {name: mean_loss(baseline.fit([cycle], layout_of(5)), [cycle]) for name, baseline in BASELINES.items()}
    assert losses["bigram"] < 0.05
    assert losses["unigram"] == pytest.approx(math.log(5), abs=1e-3)
    assert losses["repeat"] >= losses["unigram"]


@every_baseline
def test_a_baseline_generates_every_word(baseline: type[Baseline]) -> None:
    model = baseline.fit([column(0, 0, 1, 2, 2, 3)], layout_of(4))
    for prompt in (column(), column(2, 1), column(2, GAP)):
        generated = generate(model, prompt, GenerationOptions(50, top_k=None, top_p=1.0), seeded_generator())
        assert set(generated[:, 0]) == {0, 1, 2, 3}


def test_a_bigram_continues_a_cycle() -> None:
    model = Bigram.fit([cyclic_dance(5, n_rows=200)], layout_of(5))
    generated = generate(model, column(3), GenerationOptions(6, temperature=0), seeded_generator())
    assert generated[:, 0].tolist() == [4, 0, 1, 2, 3, 4]


@every_baseline
def test_no_words_and_unknown_words_are_not_counted(baseline: type[Baseline]) -> None:
    for dances in ([], [column()], [column(GAP, GAP)]):
        with pytest.raises(ModelError, match="no words"):
            baseline.fit(dances, layout_of(3))
    for ids in (column(0, 3), column(-2)):
        with pytest.raises(ModelError, match="the model knows 0 to 2"):
            baseline.fit([ids], layout_of(3))
        with pytest.raises(ModelError, match="the model knows 0 to 2"):
            baseline.fit([column(0, 1, 2)], layout_of(3)).losses(ids)


@every_baseline
@pytest.mark.parametrize("unreadable", [column(4), column(0, -2)])
def test_a_reader_rejects_ids_that_are_no_words(baseline: type[Baseline], unreadable: Ids) -> None:
    with pytest.raises(ModelError, match="the model knows 0 to 2"):
        baseline.fit([column(0, 1, 2)], layout_of(3)).reader().read(unreadable)


@every_baseline
def test_a_reader_that_read_nothing_predicts_nothing(baseline: type[Baseline]) -> None:
    with pytest.raises(ModelError, match="nothing was read"):
        next_logits(baseline.fit([column(0, 1, 2)], layout_of(3)), column())


@every_baseline
def test_ten_thousand_words_are_counted_and_scored_in_less_than_a_second(baseline: type[Baseline]) -> None:
    ids = np.random.default_rng(0).zipf(1.3, (10_000, 1)) % 2000
    started = time.perf_counter()
    baseline.fit([ids], layout_of(2000)).losses(ids)
    assert time.perf_counter() - started < 1
