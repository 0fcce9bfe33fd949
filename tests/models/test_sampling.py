from itertools import islice

import numpy as np
import pytest
import torch
from chain_model import Chain, chain
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from word_dances import LAYOUTS, column, gpt2, layout_of, random_dance, row, rows, seeded_generator, with_large_weights

from models.row_layout import RowLayout
from models.sampling import GenerationOptions, generate, sample, stream
from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP, Ids

PROBABILITIES = [0.1, 0.4, 0.2, 0.3]
LOGITS = torch.tensor(PROBABILITIES).log()


def shares(n: int = 4000, logits: torch.Tensor = LOGITS, **options: float | None) -> NDArray[np.float64]:
    """Return how often each word was chosen in `n` samples, (words,)."""
    generator = seeded_generator()
    chosen = [sample(logits, GenerationOptions(1, **options), generator) for _ in range(n)]
    return np.bincount(chosen, minlength=len(logits)) / n


def test_without_limits_words_are_sampled_by_their_probabilities() -> None:
    np.testing.assert_allclose(shares(top_k=None, top_p=1.0), PROBABILITIES, atol=0.03)  # 4 sigma


def test_top_k_keeps_the_likeliest_in_proportion() -> None:
    np.testing.assert_allclose(shares(top_k=2, top_p=1.0), [0, 4 / 7, 0, 3 / 7], atol=0.035)


def test_top_k_beyond_the_vocabulary_keeps_every_word() -> None:
    assert (shares(top_k=100, top_p=1.0) > 0).all()


@pytest.mark.parametrize(("top_p", "left"), [(0.39, {1}), (0.41, {1, 3}), (0.69, {1, 3}), (0.71, {1, 2, 3})])
def test_top_p_keeps_the_fewest_words_that_reach_it(top_p: float, left: set[int]) -> None:
    assert set(np.flatnonzero(shares(400, top_k=None, top_p=top_p))) == left


def test_top_p_is_applied_to_what_top_k_kept() -> None:
    # of 0.4 and 0.3 the first has 4/7 = 0.571
    assert set(np.flatnonzero(shares(400, top_k=2, top_p=0.56))) == {1}
    assert set(np.flatnonzero(shares(400, top_k=2, top_p=0.58))) == {1, 3}


def test_half_the_temperature_squares_the_odds() -> None:
    expected = np.square(PROBABILITIES) / np.square(PROBABILITIES).sum()
    np.testing.assert_allclose(shares(temperature=0.5, top_k=None, top_p=1.0), expected, atol=0.035)


def test_temperature_zero_chooses_the_likeliest() -> None:
    assert shares(20, temperature=0.0)[1] == 1


def test_a_temperature_next_to_zero_is_zero_and_not_an_overflow() -> None:
    assert shares(20, temperature=1e-300)[1] == 1


def test_the_logits_are_left_as_they_were() -> None:
    logits = LOGITS.clone()
    sample(logits, GenerationOptions(1, top_k=2), seeded_generator())
    assert torch.equal(logits, LOGITS)


@given(
    logits=st.lists(st.floats(-30, 30, width=32), min_size=1, max_size=12),
    temperature=st.sampled_from([0.0, 0.3, 1.0, 3.0]),
    top_k=st.none() | st.integers(1, 15),
    top_p=st.floats(0.05, 1),
    seed=st.integers(0, 100),
)
def test_a_sampled_word_is_never_less_likely_than_top_k_others(
    logits: list[float], temperature: float, top_k: int | None, top_p: float, seed: int
) -> None:
    word = sample(torch.tensor(logits), GenerationOptions(1, temperature, top_k, top_p), seeded_generator(seed))
    likelier = sum(other > logits[word] for other in logits)
    assert likelier < (top_k or len(logits))


@pytest.mark.parametrize("logits", [[-torch.inf, -torch.inf], [0.0, torch.nan], [0.0, torch.inf]])
def test_logits_that_leave_no_choice_are_rejected(logits: list[float]) -> None:
    with pytest.raises(ModelError, match="no finite logit to sample from"):
        sample(torch.tensor(logits), GenerationOptions(1), seeded_generator())


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("n_rows", -1), ("temperature", -0.1), ("temperature", float("nan")), ("temperature", float("inf")),
        ("top_k", 0), ("top_p", 0.0), ("top_p", 1.1), ("top_p", float("nan")), ("max_hold", 0),
    ],
)  # fmt: skip
def test_impossible_options_are_rejected(option: str, value: float) -> None:
    with pytest.raises(ModelError, match=option.replace("n_rows", "rows").replace("_", ".")):
        GenerationOptions(**{"n_rows": 5, option: value})


def test_greedy_words_follow_the_chain() -> None:
    continued = generate(chain(1, 2, 0, 0), column(0), GenerationOptions(7, temperature=0), seeded_generator())
    assert (continued.dtype, continued.shape) == (np.int64, (7, 1))
    assert continued[:, 0].tolist() == [1, 2, 0, 1, 2, 0, 1]


def test_without_a_prompt_a_dance_begins_from_its_beginning() -> None:
    begins_with_two, options = chain(1, 2, 0, 2), GenerationOptions(3, temperature=0)
    assert generate(begins_with_two, column(), options, seeded_generator())[:, 0].tolist() == [2, 0, 1]


def test_no_rows_are_generated_where_none_are_asked_for() -> None:
    assert generate(chain(0, 0), column(0), GenerationOptions(0), seeded_generator()).shape == (0, 1)
    pairs = chain(0, 0, 0, layout=layout_of(1, 1))
    assert generate(pairs, rows([0, 1]), GenerationOptions(0), seeded_generator()).shape == (0, 2)


def test_the_same_seed_gives_the_same_words_and_another_seed_others() -> None:
    model, options = Chain(torch.zeros(6, 5)), GenerationOptions(40)
    first = generate(model, column(3), options, seeded_generator(1))
    assert (first == generate(model, column(3), options, seeded_generator(1))).all()
    assert (first != generate(model, column(3), options, seeded_generator(2))).any()


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ((1, 1), [1, 0, 1, 1, 1, 0, 1]),
        ((1, 1, 1, 1, 1), [0, 1, 1, 1, 0, 1, 1]),
        ((2, 1), [1, 1, 0, 1, 1, 1, 0]),
        ((), [1, 1, 1, 0, 1, 1, 1]),
        ((1, 1, GAP), [1, 1, 1, 0, 1, 1, 1]),
        ((1, 1, GAP, 1), [1, 1, 0, 1, 1, 1, 0]),
        ((GAP, GAP, GAP), [1, 1, 1, 0, 1, 1, 1]),
    ],
)
def test_a_held_word_changes_to_the_next_likeliest_counting_the_prompt(prompt: tuple[int, ...], expected: list) -> None:
    """A gap in the prompt ends what is held."""
    options = GenerationOptions(7, temperature=0, max_hold=3)
    generated = generate(chain(1, 1, 1, 1), column(*prompt), options, seeded_generator())
    assert generated[:, 0].tolist() == expected


def test_no_word_has_to_change_after_gaps() -> None:
    """Neither the first word of the vocabulary nor the last, which a GAP could be taken for as an index."""
    options = GenerationOptions(3, temperature=0, max_hold=2)
    for word, other in ((0, 1), (2, 0)):
        table = torch.zeros(4, 3)
        table[:, word], table[:, other] = 2, 1
        generated = generate(Chain(table), column(GAP, GAP, GAP), options, seeded_generator())
        assert generated[:, 0].tolist() == [word, word, other]


def test_without_max_hold_a_word_may_stay_for_ever() -> None:
    generated = generate(chain(1, 1, 1), column(1), GenerationOptions(50, temperature=0), seeded_generator())
    assert generated[:, 0].tolist() == [1] * 50


def test_rows_are_generated_word_by_word() -> None:
    """Two words, then two others beside them: 0 2, 1 3, 0 2 ... in a chain."""
    pairs = chain(2, 3, 1, 0, 0, layout=layout_of(2, 2))
    options = GenerationOptions(3, temperature=0)
    assert generate(pairs, rows([0, 2]), options, seeded_generator()).tolist() == [[1, 3], [0, 2], [1, 3]]
    assert generate(pairs, rows([0, 2])[:0], options, seeded_generator()).tolist() == [[0, 2], [1, 3], [0, 2]]


def test_a_word_is_held_at_its_place() -> None:
    """The likeliest words never change; at the second place they began one row after those at the first."""
    holds = chain(2, 2, 0, 0, 0, layout=layout_of(2, 2))
    options = GenerationOptions(5, temperature=0, max_hold=2)
    generated = generate(holds, rows([0, 3], [0, 2]), options, seeded_generator())
    assert generated.tolist() == [[1, 2], [0, 3], [0, 2], [1, 2], [0, 3]]


@given(
    sizes=st.lists(st.integers(2, 4), min_size=1, max_size=3),
    n_rows=st.integers(0, 8),
    max_hold=st.integers(1, 4),
    top_k=st.none() | st.integers(1, 3),
    gaps=st.sampled_from([0, 0.3]),
    seed=st.integers(0, 100),
)
def test_no_word_is_held_longer_than_max_hold(
    sizes: list[int], n_rows: int, max_hold: int, top_k: int | None, gaps: float, seed: int
) -> None:
    layout = layout_of(*sizes)
    sticky = Chain(torch.eye(layout.n_words + 1, layout.n_words) * 4, layout)
    options = GenerationOptions(30, top_k=top_k, top_p=1.0, max_hold=max_hold)
    prompt = random_dance(layout, n_rows, seed, gaps)
    generated = generate(sticky, prompt, options, seeded_generator(seed))
    assert (generated != GAP).all()
    ids = np.concatenate([prompt, generated])
    assert len(ids) == n_rows + 30
    for last in range(max(n_rows, max_hold), len(ids)):
        held = ids[last - max_hold : last + 1]
        assert (held != held[0]).any(axis=0).all()


@pytest.mark.parametrize("layout", [layout_of(5), layout_of(2, 3)])
def test_a_stream_has_no_end_and_begins_with_the_rows_of_generate(layout: RowLayout) -> None:
    model, options = Chain(torch.zeros(6, 5), layout), GenerationOptions(10)
    no_rows = layout.gap_row[None][:0]
    generated = generate(model, no_rows, options, seeded_generator()).tolist()
    endless = stream(model, no_rows, options, seeded_generator())
    assert [next(endless).tolist() for _ in generated] == generated
    further = list(islice(endless, 1000))
    assert len(further) == 1000
    assert all(each.shape == (layout.places,) for each in further)


def test_a_row_of_a_stream_may_be_changed_by_its_reader() -> None:
    """What comes next does not depend on what becomes of a row that was handed out."""
    model, options = chain(1, 2, 0, 0), GenerationOptions(4, temperature=0)
    generated = []
    for each in islice(stream(model, column(0), options, seeded_generator()), 4):
        generated.append(each.tolist())
        each[:] = GAP
    assert generated == [[1], [2], [0], [1]]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_a_prompt_with_gaps_is_left_as_it_was_and_continued_without_gaps(layout: RowLayout) -> None:
    prompt = random_dance(layout, 15, gaps=0.4)
    before = prompt.copy()
    model, options = with_large_weights(gpt2(layout)), GenerationOptions(20, top_k=None, top_p=1.0)
    generated = generate(model, prompt, options, seeded_generator())
    assert (layout.check(generated) != GAP).all()
    assert np.array_equal(prompt, before)
    with_words = np.where(prompt == GAP, layout.starts, prompt)
    assert not np.array_equal(generate(model, with_words, options, seeded_generator()), generated)


def test_on_row_is_called_with_each_row() -> None:
    called: list[list[int]] = []
    model = chain(0, 1, 0, layout=layout_of(1, 1))
    options = GenerationOptions(3)
    generate(model, rows([0, 1]), options, seeded_generator(), on_row=lambda row: called.append(row.tolist()))
    assert called == [[0, 1], [0, 1], [0, 1]]


@pytest.mark.parametrize(
    ("prompt", "complaint"),
    [
        (rows([0, 3]), "knows 0 to 2"),
        (rows([-2, 2]), "knows 0 to 2"),
        (column(0), r"of shape \(rows, 2\), got \(1, 1\)"),
        (rows([0, 1]), "word 1 belongs at place 0"),
        (rows([GAP, 1]), "word 1 belongs at place 0"),
        (row(0, 2), r"got \(2,\)"),
        (rows([0, 2])[None], r"got \(1, 1, 2\)"),
    ],
)
def test_a_prompt_of_other_words_is_rejected_before_anything_is_generated(prompt: Ids, complaint: str) -> None:
    with pytest.raises(ModelError, match=complaint):
        stream(chain(1, 2, 0, 0, layout=layout_of(2, 1)), prompt, GenerationOptions(1), seeded_generator())


def bias_of(*numbers: float) -> NDArray[np.float32]:
    return np.array(numbers, np.float32)


def test_a_bias_changes_the_odds_by_its_exponential() -> None:
    """Of four equal words one has twice the odds and one is forbidden: 2 to 1 to 1."""
    model, options = Chain(torch.zeros(5, 4)), GenerationOptions(4000, top_k=None, top_p=1.0)
    generated = generate(model, column(), options, seeded_generator(), bias=bias_of(np.log(2), 0, 0, -np.inf))
    counted = np.bincount(generated[:, 0], minlength=4)
    np.testing.assert_allclose(counted / 4000, [1 / 2, 1 / 4, 1 / 4, 0], atol=0.032)  # 4 sigma


def test_a_bias_is_added_before_the_likeliest_are_chosen() -> None:
    """The likeliest word has logit 2, the others have 0; with 3 more one of them is likelier."""
    model, options = chain(1, 1, 1, 1), GenerationOptions(3, top_k=1)
    for added, expected in ((3, 2), (1, 1)):
        generated = generate(model, column(0), options, seeded_generator(), bias=bias_of(0, 0, added))
        assert generated[:, 0].tolist() == [expected] * 3


def test_no_bias_is_a_bias_of_zeros() -> None:
    model, options = Chain(torch.zeros(6, 5)), GenerationOptions(30)
    biases = (None, bias_of(0, 0, 0, 0, 0))
    dances = [generate(model, column(), options, seeded_generator(), bias=bias) for bias in biases]
    assert np.array_equal(*dances)


def test_a_bias_is_for_each_word_at_its_own_place() -> None:
    pairs, options = chain(2, 2, 0, 0, 0, layout=layout_of(2, 2)), GenerationOptions(2, temperature=0)
    generated = generate(pairs, rows([0, 2])[:0], options, seeded_generator(), bias=bias_of(0, 5, 0, 5))
    assert generated.tolist() == [[1, 3], [1, 3]]


def test_a_bias_that_forbids_all_words_of_a_place_is_reported() -> None:
    pairs, options = chain(2, 2, 0, 0, 0, layout=layout_of(2, 2)), GenerationOptions(1)
    with pytest.raises(ModelError, match="no finite logit to sample from"):
        generate(pairs, rows([0, 2])[:0], options, seeded_generator(), bias=bias_of(0, 0, -np.inf, -np.inf))


@pytest.mark.parametrize("size", [0, 2, 4])
def test_a_bias_of_other_words_is_rejected_before_anything_is_generated(size: int) -> None:
    with pytest.raises(ModelError, match=rf"each of the 3 words, got shape \({size},\)"):
        stream(chain(1, 2, 0, 0), column(), GenerationOptions(1), seeded_generator(), np.zeros(size, np.float32))


def test_a_single_word_cannot_change_after_max_hold() -> None:
    model, options = chain(1, 2, 0, 0, layout=layout_of(2, 1)), GenerationOptions(5, max_hold=2)
    with pytest.raises(ModelError, match="one word"):
        generate(model, rows([0, 2])[:0], options, seeded_generator())
