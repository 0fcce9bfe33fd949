import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.sampling import GenerationOptions, generate, sample, stream
from pose_vocab.errors import ModelError

PROBABILITIES = [0.1, 0.4, 0.2, 0.3]
LOGITS = torch.tensor(PROBABILITIES).log()


class ChainReader:
    def __init__(self, rows: torch.Tensor) -> None:
        self.rows = rows

    def read(self, ids: NDArray[np.int64]) -> torch.Tensor:
        return self.rows[int(ids[-1])]


class Chain:
    """A language model whose next word hangs on the last one alone: logits (vocab_size + 1, vocab_size)."""

    context_length = 1

    def __init__(self, rows: torch.Tensor) -> None:
        self.rows = rows
        self.vocab_size = rows.shape[1]

    def reader(self) -> ChainReader:
        return ChainReader(self.rows)


def favouring(*likeliest: int) -> Chain:
    """After word i the likeliest is likeliest[i], the last entry begins a dance; word 0 is second."""
    rows = torch.zeros(len(likeliest), len(likeliest) - 1)
    rows[:, 0] = 1
    rows[torch.arange(len(likeliest)), torch.tensor(likeliest)] = 2
    return Chain(rows)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def ids(*words: int) -> NDArray[np.int64]:
    return np.array(words, np.int64)


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
        ("n_words", -1), ("temperature", -0.1), ("temperature", float("nan")), ("temperature", float("inf")),
        ("top_k", 0), ("top_p", 0.0), ("top_p", 1.1), ("top_p", float("nan")), ("max_hold", 0),
    ],
)  # fmt: skip
def test_impossible_options_are_refused(option: str, value: float) -> None:
    with pytest.raises(ModelError, match=option.replace("n_words", "words").replace("_", ".")):
        GenerationOptions(**{"n_words": 5, option: value})


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


@given(
    prompt=st.lists(st.integers(0, 2), max_size=8),
    max_hold=st.integers(1, 4),
    top_k=st.none() | st.integers(1, 3),
    seed=st.integers(0, 100),
)
def test_no_word_is_ever_held_longer_than_max_hold(
    prompt: list[int], max_hold: int, top_k: int | None, seed: int
) -> None:
    sticky = Chain(torch.cat([4 * torch.eye(3), torch.zeros(1, 3)]))
    options = GenerationOptions(30, top_k=top_k, top_p=1.0, max_hold=max_hold)
    new = generate(sticky, ids(*prompt), options, seeded(seed)).tolist()
    danced = prompt + new
    for last in range(max(len(prompt), max_hold), len(danced)):
        assert len(set(danced[last - max_hold : last + 1])) > 1


def test_words_stream_one_by_one_and_are_those_that_generate_gives() -> None:
    model, options = Chain(torch.zeros(6, 5)), GenerationOptions(10)
    assert list(stream(model, ids(1), options, seeded())) == generate(model, ids(1), options, seeded()).tolist()


def test_progress_is_told_after_each_word() -> None:
    told: list[tuple[int, int]] = []
    generate(favouring(0, 0), ids(0), GenerationOptions(3), seeded(), lambda done, all_: told.append((done, all_)))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("prompt", [np.array([0, 3]), np.array([-1]), np.array([[0, 1]])])
def test_a_prompt_of_other_words_is_refused_before_anything_is_generated(prompt: NDArray[np.int64]) -> None:
    with pytest.raises(ModelError, match="ids 0 to 2"):
        stream(favouring(1, 2, 0, 0), prompt, GenerationOptions(1), seeded())


def test_a_single_word_cannot_give_way() -> None:
    with pytest.raises(ModelError, match="one word"):
        generate(favouring(0, 0), ids(0), GenerationOptions(5, max_hold=2), seeded())
