from itertools import islice

import numpy as np
import pytest
import torch
from dances import dance, ids, seeded, words_of
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.row_layout import RowLayout
from models.sampling import GenerationOptions, generate, sample, stream
from pose_vocab.errors import ModelError

PROBABILITIES = [0.1, 0.4, 0.2, 0.3]
LOGITS = torch.tensor(PROBABILITIES).log()


class ChainReader:
    def __init__(self, model: "Chain") -> None:
        self.model = model
        self.n_read = 0

    def read(self, ids: NDArray[np.int64]) -> torch.Tensor:
        layout = self.model.layout
        self.n_read += len(layout.read_on(ids, self.n_read % layout.places))
        logits = torch.full((layout.n_words,), -torch.inf)
        possible = layout.ids(self.n_read % layout.places)
        logits[possible] = self.model.table[int(ids[-1]), possible]
        return logits


class Chain:
    """A language model whose next word hangs on the last one alone: logits (n_words + 1, n_words)."""

    def __init__(self, table: torch.Tensor, layout: RowLayout | None = None) -> None:
        self.table = table
        self.layout = layout or words_of(table.shape[1])

    def reader(self) -> ChainReader:
        return ChainReader(self)


def favouring(*likeliest: int, layout: RowLayout | None = None) -> Chain:
    """After word i the likeliest is likeliest[i], the last entry begins a dance; the first word is second."""
    table = torch.zeros(len(likeliest), len(likeliest) - 1)
    table[:, 0] = 1
    table[torch.arange(len(likeliest)), torch.tensor(likeliest)] = 2
    return Chain(table, layout)


def shares(n: int = 4000, logits: torch.Tensor = LOGITS, **options: float | None) -> NDArray[np.float64]:
    generator = seeded()
    chosen = [sample(logits, GenerationOptions(1, **options), generator) for _ in range(n)]
    return np.bincount(chosen, minlength=len(logits)) / n


def test_with_nothing_cut_away_words_come_as_often_as_the_model_says() -> None:
    np.testing.assert_allclose(shares(top_k=None, top_p=1.0), PROBABILITIES, atol=0.03)  # 4 sigma


def test_top_k_leaves_the_likeliest_in_their_proportion() -> None:
    np.testing.assert_allclose(shares(top_k=2, top_p=1.0), [0, 4 / 7, 0, 3 / 7], atol=0.035)


def test_top_k_beyond_the_vocabulary_leaves_every_word() -> None:
    assert (shares(top_k=100, top_p=1.0) > 0).all()


@pytest.mark.parametrize(("top_p", "left"), [(0.39, {1}), (0.41, {1, 3}), (0.69, {1, 3}), (0.71, {1, 2, 3})])
def test_top_p_leaves_the_fewest_words_that_reach_it(top_p: float, left: set[int]) -> None:
    assert set(np.flatnonzero(shares(400, top_k=None, top_p=top_p))) == left


def test_top_p_counts_what_top_k_left() -> None:
    # of 0.4 and 0.3 the first has 4/7 = 0.571
    assert set(np.flatnonzero(shares(400, top_k=2, top_p=0.56))) == {1}
    assert set(np.flatnonzero(shares(400, top_k=2, top_p=0.58))) == {1, 3}


def test_half_the_temperature_squares_the_odds() -> None:
    expected = np.square(PROBABILITIES) / np.square(PROBABILITIES).sum()
    np.testing.assert_allclose(shares(temperature=0.5, top_k=None, top_p=1.0), expected, atol=0.035)


def test_temperature_zero_takes_the_likeliest() -> None:
    assert shares(20, temperature=0.0)[1] == 1


def test_a_temperature_next_to_zero_is_zero_and_not_an_overflow() -> None:
    assert shares(20, temperature=1e-300)[1] == 1


def test_the_logits_are_left_as_they_were() -> None:
    logits = LOGITS.clone()
    sample(logits, GenerationOptions(1, top_k=2), seeded())
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
    word = sample(torch.tensor(logits), GenerationOptions(1, temperature, top_k, top_p), seeded(seed))
    likelier = sum(other > logits[word] for other in logits)
    assert likelier < (top_k or len(logits))


@pytest.mark.parametrize("logits", [[-torch.inf, -torch.inf], [0.0, torch.nan], [0.0, torch.inf]])
def test_logits_that_leave_no_choice_are_refused(logits: list[float]) -> None:
    with pytest.raises(ModelError, match="no word to choose"):
        sample(torch.tensor(logits), GenerationOptions(1), seeded())


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("n_rows", -1), ("temperature", -0.1), ("temperature", float("nan")), ("temperature", float("inf")),
        ("top_k", 0), ("top_p", 0.0), ("top_p", 1.1), ("top_p", float("nan")), ("max_hold", 0),
    ],
)  # fmt: skip
def test_impossible_options_are_refused(option: str, value: float) -> None:
    with pytest.raises(ModelError, match=option.replace("n_rows", "rows").replace("_", ".")):
        GenerationOptions(**{"n_rows": 5, option: value})


def test_greedy_words_follow_the_chain() -> None:
    continued = generate(favouring(1, 2, 0, 0), ids(0), GenerationOptions(7, temperature=0), seeded())
    assert continued.dtype == np.int64
    assert continued.tolist() == [1, 2, 0, 1, 2, 0, 1]


def test_without_a_prompt_a_dance_begins_from_its_beginning() -> None:
    begins_with_two = favouring(1, 2, 0, 2)
    assert generate(begins_with_two, ids(), GenerationOptions(3, temperature=0), seeded()).tolist() == [2, 0, 1]


def test_no_words_wanted_no_words_given() -> None:
    assert generate(favouring(0, 0), ids(0), GenerationOptions(0), seeded()).shape == (0,)


def test_the_same_seed_gives_the_same_words_and_another_seed_others() -> None:
    model, options = Chain(torch.zeros(6, 5)), GenerationOptions(40)
    first = generate(model, ids(3), options, seeded(1))
    assert (first == generate(model, ids(3), options, seeded(1))).all()
    assert (first != generate(model, ids(3), options, seeded(2))).any()


def test_a_held_word_gives_way_to_the_next_likeliest_counting_the_prompt() -> None:
    holds_one = favouring(1, 1, 1, 1)
    options = GenerationOptions(7, temperature=0, max_hold=3)
    assert generate(holds_one, ids(1, 1), options, seeded()).tolist() == [1, 0, 1, 1, 1, 0, 1]
    assert generate(holds_one, ids(1, 1, 1, 1, 1), options, seeded()).tolist() == [0, 1, 1, 1, 0, 1, 1]
    assert generate(holds_one, ids(2, 1), options, seeded()).tolist() == [1, 1, 0, 1, 1, 1, 0]


def test_without_max_hold_a_word_may_stay_for_good() -> None:
    assert generate(favouring(1, 1, 1), ids(1), GenerationOptions(50, temperature=0), seeded()).tolist() == [1] * 50


def test_rows_are_danced_word_by_word() -> None:
    """Two words, then two others beside them: 0 2, 1 3, 0 2 ... in a chain."""
    pairs = favouring(2, 3, 1, 0, 0, layout=words_of(2, 2))
    assert generate(pairs, ids(0, 2), GenerationOptions(3, temperature=0), seeded()).tolist() == [1, 3, 0, 2, 1, 3]
    assert generate(pairs, ids(), GenerationOptions(2, temperature=0), seeded()).tolist() == [0, 2, 1, 3]


def test_a_word_is_held_at_its_place() -> None:
    """Each place would hold its first word; the second one began to in the row after the first."""
    holds = favouring(2, 2, 0, 0, 0, layout=words_of(2, 2))
    options = GenerationOptions(5, temperature=0, max_hold=2)
    danced = generate(holds, ids(0, 3, 0, 2), options, seeded())
    assert danced.reshape(-1, 2).tolist() == [[1, 2], [0, 3], [0, 2], [1, 2], [0, 3]]


@given(
    vocabularies=st.lists(st.integers(2, 4), min_size=1, max_size=3),
    n_rows=st.integers(0, 8),
    max_hold=st.integers(1, 4),
    top_k=st.none() | st.integers(1, 3),
    seed=st.integers(0, 100),
)
def test_no_word_is_ever_held_longer_than_max_hold(
    vocabularies: list[int], n_rows: int, max_hold: int, top_k: int | None, seed: int
) -> None:
    layout = words_of(*vocabularies)
    sticky = Chain(torch.eye(layout.n_words + 1, layout.n_words) * 4, layout)
    options = GenerationOptions(30, top_k=top_k, top_p=1.0, max_hold=max_hold)
    prompt = dance(layout, n_rows, seed)
    danced = layout.rows(np.concatenate([prompt, generate(sticky, prompt, options, seeded(seed))]))
    assert len(danced) == n_rows + 30
    for last in range(max(n_rows, max_hold), len(danced)):
        held = danced[last - max_hold : last + 1]
        assert (held != held[0]).any(axis=0).all()


@pytest.mark.parametrize("layout", [words_of(5), words_of(2, 3)])
def test_words_stream_without_end_and_begin_with_those_that_generate_gives(layout: RowLayout) -> None:
    model, options = Chain(torch.zeros(6, 5), layout), GenerationOptions(10)
    generated = generate(model, ids(), options, seeded()).tolist()
    words = stream(model, ids(), options, seeded())
    assert [next(words) for _ in generated] == generated
    assert len(list(islice(words, 1000))) == 1000


def test_each_row_is_heard() -> None:
    heard: list[list[int]] = []
    model = favouring(0, 1, 0, layout=words_of(1, 1))
    generate(model, ids(0, 1), GenerationOptions(3), seeded(), heard=lambda row: heard.append(row.tolist()))
    assert heard == [[0, 1], [0, 1], [0, 1]]


@pytest.mark.parametrize(
    ("prompt", "complaint"),
    [
        (ids(0, 3), "knows 0 to 2"),
        (ids(-1, 2), "knows 0 to 2"),
        (ids(0), "2 a row"),
        (ids(0, 1), "word 1 belongs at place 0"),
        (ids(0, 2)[None], "stream"),
    ],
)
def test_a_prompt_of_other_words_is_refused_before_anything_is_generated(
    prompt: NDArray[np.int64], complaint: str
) -> None:
    with pytest.raises(ModelError, match=complaint):
        stream(favouring(1, 2, 0, 0, layout=words_of(2, 1)), prompt, GenerationOptions(1), seeded())


def bias_of(*numbers: float) -> NDArray[np.float32]:
    return np.array(numbers, np.float32)


def test_a_bias_changes_the_odds_by_its_exponential() -> None:
    """Of four equal words one comes at twice the odds and one never: 2 to 1 to 1."""
    model, options = Chain(torch.zeros(5, 4)), GenerationOptions(4000, top_k=None, top_p=1.0)
    danced = generate(model, ids(), options, seeded(), bias=bias_of(np.log(2), 0, 0, -np.inf))
    np.testing.assert_allclose(np.bincount(danced, minlength=4) / 4000, [1 / 2, 1 / 4, 1 / 4, 0], atol=0.032)  # 4 sigma


def test_a_bias_comes_before_the_likeliest_are_chosen() -> None:
    """Beside the likeliest word, at 2, the others stand at 0; at 3 more one of them is likelier."""
    model, options = favouring(1, 1, 1, 1), GenerationOptions(3, top_k=1)
    assert generate(model, ids(0), options, seeded(), bias=bias_of(0, 0, 3)).tolist() == [2, 2, 2]
    assert generate(model, ids(0), options, seeded(), bias=bias_of(0, 0, 1)).tolist() == [1, 1, 1]


def test_no_bias_is_a_bias_of_nothing() -> None:
    model, options = Chain(torch.zeros(6, 5)), GenerationOptions(30)
    dances = [generate(model, ids(), options, seeded(), bias=bias) for bias in (None, bias_of(0, 0, 0, 0, 0))]
    assert np.array_equal(*dances)


def test_a_bias_is_for_each_word_at_its_own_place() -> None:
    pairs = favouring(2, 2, 0, 0, 0, layout=words_of(2, 2))
    danced = generate(pairs, ids(), GenerationOptions(2, temperature=0), seeded(), bias=bias_of(0, 5, 0, 5))
    assert danced.tolist() == [1, 3, 1, 3]


def test_words_that_a_bias_forbids_leave_a_choice_or_say_so() -> None:
    pairs, options = favouring(2, 2, 0, 0, 0, layout=words_of(2, 2)), GenerationOptions(1)
    with pytest.raises(ModelError, match="no word to choose"):
        generate(pairs, ids(), options, seeded(), bias=bias_of(0, 0, -np.inf, -np.inf))


@pytest.mark.parametrize("size", [0, 2, 4])
def test_a_bias_of_other_words_is_refused_before_anything_is_generated(size: int) -> None:
    with pytest.raises(ModelError, match=rf"each of the 3 words, got \({size},\)"):
        stream(favouring(1, 2, 0, 0), ids(), GenerationOptions(1), seeded(), np.zeros(size, np.float32))


def test_a_single_word_cannot_give_way() -> None:
    with pytest.raises(ModelError, match="one word"):
        generate(favouring(1, 2, 0, 0, layout=words_of(2, 1)), ids(), GenerationOptions(5, max_hold=2), seeded())
