"""`models.sampling.fill_gaps`: a sampled word in place of each gap, all other words as they were."""

from itertools import product

import numpy as np
import pytest
import torch
from chain_model import Chain, ChainReader, chain
from hypothesis import given, settings
from hypothesis import strategies as st
from word_dances import (
    LAYOUTS,
    NETWORKS,
    SEVERAL,
    column,
    layout_of,
    lstm,
    next_logits,
    random_dance,
    row,
    rows,
    seeded_generator,
    with_large_weights,
)

from models.baselines import BASELINES
from models.language_model import LanguageModel
from models.row_layout import RowLayout
from models.sampling import GenerationOptions, fill_gaps, generate, sample
from models.training import TrainingOptions, train
from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP, Ids

GREEDY = GenerationOptions(0, temperature=0)
ANY_WORD = GenerationOptions(0, top_k=None, top_p=1.0)
COPIES = layout_of(3, 3)


@pytest.fixture(scope="module", params=product([*NETWORKS, *BASELINES], LAYOUTS), ids=" of ".join)
def model(request: pytest.FixtureRequest) -> LanguageModel:
    name, layout = request.param[0], LAYOUTS[request.param[1]]
    if name in BASELINES:
        return BASELINES[name].fit([random_dance(layout, 60, seed=1)], layout)
    return with_large_weights(NETWORKS[name](layout, seed=3))


def same_state(generator: torch.Generator, seed: int = 0) -> bool:
    return torch.equal(generator.get_state(), seeded_generator(seed).get_state())


@settings(max_examples=10, deadline=None)
@given(n_rows=st.integers(0, 30), gaps=st.sampled_from([0.1, 0.6, 1]), seed=st.integers(0, 100))
def test_words_stay_and_no_gap_remains(model: LanguageModel, n_rows: int, gaps: float, seed: int) -> None:
    """The words that fill are of their place; the same seed gives the same ones, and the input is not changed."""
    ids = random_dance(model.layout, n_rows, seed, gaps)
    before = ids.copy()
    filled = fill_gaps(model, ids, ANY_WORD, seeded_generator(seed))
    assert (filled.shape, filled.dtype) == (ids.shape, np.int64)
    assert (model.layout.check(filled) != GAP).all()
    assert np.array_equal(filled[ids != GAP], ids[ids != GAP])
    assert np.array_equal(ids, before)
    assert np.array_equal(fill_gaps(model, ids, ANY_WORD, seeded_generator(seed)), filled)


@given(
    sizes=st.lists(st.integers(2, 4), min_size=1, max_size=3),
    n_rows=st.integers(0, 20),
    gaps=st.sampled_from([0.2, 0.7, 1]),
    max_hold=st.none() | st.integers(1, 4),
    top_k=st.none() | st.integers(1, 3),
    seed=st.integers(0, 100),
)
def test_a_filled_word_is_not_held_longer_than_max_hold(
    sizes: list[int], n_rows: int, gaps: float, max_hold: int | None, top_k: int | None, seed: int
) -> None:
    """It differs from one of the `max_hold` words before it; the words that were there may be held for any time."""
    layout = layout_of(*sizes)
    sticky = Chain(torch.eye(layout.n_words + 1, layout.n_words) * 4, layout)
    words = np.repeat(random_dance(layout, n_rows, seed), 3, axis=0)[:n_rows]
    ids = np.where(random_dance(layout, n_rows, seed + 1, gaps) == GAP, GAP, words)
    options = GenerationOptions(0, top_k=top_k, top_p=1.0, max_hold=max_hold)
    filled = fill_gaps(sticky, ids, options, seeded_generator(seed))
    assert (layout.check(filled) != GAP).all()
    assert np.array_equal(filled[ids != GAP], ids[ids != GAP])
    for i, place in np.argwhere(ids == GAP):
        if max_hold is not None and i >= max_hold:
            assert (filled[i - max_hold : i, place] != filled[i, place]).any()


def test_a_filled_word_gives_way_after_max_hold() -> None:
    """Word 1 is always likeliest; it is held where it stands, and the gap ends it."""
    holds_one, options = chain(1, 1, 1, 1), GenerationOptions(0, temperature=0, max_hold=2)
    for ids, expected in (
        ((GAP, GAP, GAP, GAP, GAP), [1, 1, 0, 1, 1]),
        ((1, 1, 1, 1, GAP, GAP), [1, 1, 1, 1, 0, 1]),
        ((2, 1, GAP, GAP, 1, GAP), [2, 1, 1, 0, 1, 1]),
        ((GAP, 1, 1, GAP), [1, 1, 1, 0]),
    ):
        assert fill_gaps(holds_one, column(*ids), options, seeded_generator())[:, 0].tolist() == expected


def test_without_a_gap_nothing_is_sampled(model: LanguageModel) -> None:
    ids, generator = random_dance(model.layout, 20), seeded_generator()
    filled = fill_gaps(model, ids, ANY_WORD, generator)
    assert np.array_equal(filled, ids)
    assert filled is not ids and not np.shares_memory(filled, ids)
    assert same_state(generator)
    assert fill_gaps(model, ids[:0], ANY_WORD, generator).shape == (0, model.layout.places)
    assert same_state(generator)


def test_each_gap_is_sampled_once_from_the_logits_of_a_reader(model: LanguageModel) -> None:
    """In the order of the rows, and of the places in a row; no word is seen behind a gap here."""
    ids, generator, expected = random_dance(model.layout, 12, gaps=0.3), seeded_generator(), seeded_generator()
    ids[np.logical_or.accumulate(ids == GAP, axis=1)] = GAP
    filled = fill_gaps(model, ids, ANY_WORD, generator)
    reader, by_reader, before = model.reader(), ids.copy(), model.layout.bos_row
    for words in by_reader:
        reader.read(before[None])
        for place in np.flatnonzero(words == GAP):
            words[place] = sample(reader.logits(words[:place]), ANY_WORD, expected)
        before = words
    assert np.array_equal(filled, by_reader)
    assert torch.equal(generator.get_state(), expected.get_state())


@pytest.mark.parametrize("max_hold", [None, 2])
def test_rows_of_gaps_only_are_filled_with_a_generated_dance(model: LanguageModel, max_hold: int | None) -> None:
    if max_hold is not None and 1 in model.layout.sizes:
        model = BASELINES["bigram"].fit([random_dance(COPIES, 40)], COPIES)
    options = GenerationOptions(20, max_hold=max_hold)
    nothing = np.tile(model.layout.gap_row, (20, 1))
    generator, expected = seeded_generator(5), seeded_generator(5)
    generated = generate(model, nothing[:0], options, expected)
    assert np.array_equal(fill_gaps(model, nothing, options, generator), generated)
    assert torch.equal(generator.get_state(), expected.get_state())


def test_a_gap_is_filled_from_the_rows_before_which_are_filled_first() -> None:
    """After 0 comes 1, after 1 comes 2, after 2 comes 0, and a dance begins with 2."""
    greedy = [2, 0, 1, 2, 0, 1]
    model = chain(1, 2, 0, 2)
    assert fill_gaps(model, column(*[GAP] * 6), GREEDY, seeded_generator())[:, 0].tolist() == greedy
    partly = column(GAP, 1, GAP, GAP, 0, GAP)
    assert fill_gaps(model, partly, GREEDY, seeded_generator())[:, 0].tolist() == [2, 1, 2, 0, 0, 1]


def test_a_gap_is_filled_from_the_words_before_it_in_its_row() -> None:
    """At the first place 0 or 1 by the word before, at the second 2 beside 1 and 3 beside 0."""
    pairs = chain(3, 2, 1, 0, 0, layout=layout_of(2, 2))
    ids = rows([1, GAP], [0, GAP], [GAP, 2], [GAP, GAP], [1, 3], [GAP, GAP])
    expected = [[1, 2], [0, 3], [0, 2], [1, 2], [1, 3], [0, 3]]
    assert fill_gaps(pairs, ids, GREEDY, seeded_generator()).tolist() == expected


def test_each_row_is_read_once_up_to_the_last_gap() -> None:
    read: list[list[int]] = []

    class Recorder(ChainReader):
        def read(self, rows: Ids) -> None:
            super().read(rows)
            read.extend(rows.tolist())

    model = chain(1, 2, 0, 2)
    model.reader = lambda: Recorder(model)
    fill_gaps(model, column(1, 1, GAP, 0, 0, GAP, 2, 2), GREEDY, seeded_generator())
    assert read == [[3], [1], [1], [2], [0], [0]]


@pytest.fixture(scope="module")
def copying_model() -> LanguageModel:
    """A model of random words at the first place and their copies at the second, of which a third is unseen."""
    first = np.random.default_rng(0).integers(0, 3, 300)
    copies = np.stack([first, first + 3], axis=1)
    copies[random_dance(layout_of(2), 300, gaps=0.33)[:, 0] == GAP, 1] = GAP
    model = lstm(COPIES)
    train(model, [copies], TrainingOptions(steps=150, batch_size=8, learning_rate=1e-2))
    return model


@pytest.mark.parametrize("gaps", [0.3, 1])
def test_a_trained_model_fills_by_the_rule_of_its_dances(copying_model: LanguageModel, gaps: float) -> None:
    """The words are others than those that it learned from."""
    first = np.random.default_rng(1).integers(0, 3, 80)
    copies = np.stack([first, first + 3], axis=1)
    ids = copies.copy()
    ids[random_dance(layout_of(2), 80, seed=2, gaps=gaps)[:, 0] == GAP, 1] = GAP
    assert (ids == GAP).sum() > 15
    assert np.array_equal(fill_gaps(copying_model, ids, GREEDY, seeded_generator()), copies)
    sampled = fill_gaps(copying_model, ids, GenerationOptions(0), seeded_generator())
    assert (sampled == copies).mean() > 0.95


def test_a_word_behind_a_gap_tells_what_fills_it(copying_model: LanguageModel) -> None:
    """Of the first places nothing is seen; each of 8 candidates has the right word with a chance of 1 in 3."""
    first = np.random.default_rng(1).integers(0, 3, 80)
    ids = np.stack([np.full(80, GAP), first + 3], axis=1)
    filled = fill_gaps(copying_model, ids, GenerationOptions(0), seeded_generator())
    assert (filled[:, 0] == first).mean() > 0.85
    assert np.array_equal(filled, fill_gaps(copying_model, ids, GenerationOptions(0), seeded_generator()))


def test_a_trained_model_copies_what_it_filled_in_itself(copying_model: LanguageModel) -> None:
    filled = fill_gaps(copying_model, np.full((80, 2), GAP), GenerationOptions(0), seeded_generator())
    assert (filled[:, 1] == filled[:, 0] + 3).mean() > 0.9
    assert len(np.unique(filled[:, 0])) == 3


def test_another_seed_fills_otherwise() -> None:
    model, ids = Chain(torch.zeros(6, 5)), column(0, *[GAP] * 30, 4)
    one, other = (fill_gaps(model, ids, ANY_WORD, seeded_generator(seed)) for seed in (1, 2))
    assert (one != other).any()
    assert one[[0, -1], 0].tolist() == other[[0, -1], 0].tolist() == [0, 4]


def test_a_bias_is_added_where_gaps_are_filled() -> None:
    """It may forbid a word; where that word stands already it stays."""
    model, ids = Chain(torch.zeros(4, 3)), column(2, *[GAP] * 40, 2)
    forbidden = np.array([0, 0, -np.inf], np.float32)
    filled = fill_gaps(model, ids, ANY_WORD, seeded_generator(), forbidden)[:, 0]
    assert filled[[0, -1]].tolist() == [2, 2]
    assert set(filled[1:-1].tolist()) == {0, 1}
    favoured = np.array([0, 50, 0], np.float32)
    assert set(fill_gaps(model, ids, ANY_WORD, seeded_generator(), favoured)[1:-1, 0].tolist()) == {1}


def test_a_gap_far_into_a_dance_is_filled_with_the_likeliest_word(model: LanguageModel) -> None:
    """Given all rows before, which are more than a window."""
    ids = random_dance(model.layout, 40)
    place = model.layout.places - 1
    ids[-1, place] = GAP
    *before, last = np.concatenate([model.layout.bos_row[None], ids])
    logits = next_logits(model, rows(*before), last[:place])
    assert logits[fill_gaps(model, ids, GREEDY, seeded_generator())[-1, place]] == logits.max()


@pytest.mark.parametrize(
    ("ids", "complaint"),
    [
        (rows([GAP, 8, GAP]), "the model knows 0 to 7"),
        (rows([GAP, -2, GAP]), "the model knows 0 to 7"),
        (rows([GAP, GAP, 3]), "word 3 belongs at place 0 of a row of 3, but stands at place 2 of row 0"),
        (rows([GAP, 4]), r"of shape \(rows, 3\), got \(1, 2\)"),
        (row(GAP, 4, 5), r"got \(3,\)"),
    ],
)
def test_ids_of_other_words_are_rejected_before_anything_is_sampled(ids: Ids, complaint: str) -> None:
    generator = seeded_generator()
    with pytest.raises(ModelError, match=complaint):
        fill_gaps(lstm(SEVERAL), ids, ANY_WORD, generator)
    assert same_state(generator)


@pytest.mark.parametrize("layout", [layout_of(2, 1), SEVERAL])
def test_options_that_do_not_fit_are_rejected(layout: RowLayout) -> None:
    model, nothing = lstm(layout), layout.gap_row[None]
    with pytest.raises(ModelError, match="max_hold needs a second word"):
        fill_gaps(model, nothing, GenerationOptions(0, max_hold=2), seeded_generator())
    with pytest.raises(ModelError, match=f"each of the {layout.n_words} words, got shape"):
        fill_gaps(model, nothing, ANY_WORD, seeded_generator(), np.zeros(layout.n_words + 1, np.float32))
