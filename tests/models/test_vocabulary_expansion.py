from collections.abc import Callable

import numpy as np
import pytest
import torch
from word_dances import (
    SEVERAL,
    close,
    column,
    cyclic_dance,
    gpt2,
    layout_of,
    lstm,
    next_logits,
    random_dance,
    rows,
    same_weights,
    with_large_weights,
)

from models.gpt2 import GPT2, GPT2Size
from models.lstm import LSTM, LSTMSize
from models.row_layout import RowLayout
from models.training import TrainingOptions, train
from models.vocabulary_expansion import Expandable, expand_vocabulary
from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP, Ids

SMALL: dict[str, Callable[..., Expandable]] = {
    "gpt2": lambda *sizes: GPT2(GPT2Size(1, 2, 32, 8), layout_of(*sizes)),
    "lstm": lambda *sizes: LSTM(LSTMSize(1, 32, 8), layout_of(*sizes)),
}
NO_WORDS, NO_SHARES = np.empty((0, 1), np.int64), np.empty((0, 1))


def trained(name: str, *sizes: int) -> Expandable:
    model = SMALL[name](*sizes)
    train(model, [cyclic_dance(*sizes)], TrainingOptions(steps=80, batch_size=8, learning_rate=1e-2))
    return model


def renumbered(ids: Ids, old: RowLayout, new: RowLayout) -> Ids:
    return np.where(ids == GAP, GAP, ids - old.starts + new.starts)


@pytest.mark.parametrize("name", SMALL)
def test_a_twin_of_a_word_is_predicted_and_read_like_it(name: str) -> None:
    """Two new words, twins of 2 and of 4: they share the probability of the words, and are read like them."""
    model = trained(name, 5)
    larger = expand_vocabulary(model, [np.array([[2], [4]])], [np.ones((2, 1))], "y")
    assert (larger.layout, model.layout) == (RowLayout((7,), "y"), layout_of(5))
    before, after = (torch.softmax(next_logits(m, column(m.layout.bos, 0, 1)), 0) for m in (model, larger))
    assert after[5] == pytest.approx(after[2].item())
    assert after[2] / after[3] == pytest.approx(before[2].item() / before[3].item(), rel=1e-3)
    with_word, with_twin = (next_logits(larger, column(0, 1, word)) for word in (2, 5))
    assert torch.allclose(with_word, with_twin, atol=1e-5)


@pytest.mark.parametrize("build", [gpt2, lstm])
@pytest.mark.parametrize("new_words", [(1, 2, 3), (2, 0, 0), (0, 3, 0), (0, 0, 1)])
@pytest.mark.parametrize("gaps", [0, 0.4])
def test_a_known_word_keeps_its_logits_wherever_words_are_added(build, new_words: tuple[int, ...], gaps: float) -> None:
    """New words stand behind the known ones of their place, so the ids of later places move up; gaps stay gaps."""
    model = with_large_weights(build(SEVERAL))
    near = [np.full((n, 1), start) for n, start in zip(new_words, SEVERAL.starts, strict=True)]
    larger = expand_vocabulary(model, near, [np.ones(ids.shape) for ids in near], "y")
    assert larger.layout.sizes == (4 + new_words[0], 1 + new_words[1], 3 + new_words[2])
    ids = random_dance(SEVERAL, 4, gaps=gaps)
    moved = renumbered(ids, SEVERAL, larger.layout)
    for place in range(3):
        before = next_logits(model, ids[:3], ids[3, :place])
        after = next_logits(larger, moved[:3], moved[3, :place])[larger.layout.ids(place)]
        assert close(after[: SEVERAL.sizes[place]], before[SEVERAL.ids(place)])
        assert close(after[SEVERAL.sizes[place] :], before[SEVERAL.starts[place]].expand(new_words[place]))


@pytest.mark.parametrize("build", [gpt2, lstm])
def test_an_expanded_model_reads_gaps(build) -> None:
    """Their losses stay NaN, and a twin of a word beside a gap is read like that word."""
    model = with_large_weights(build(SEVERAL))
    near = [np.array([[2]]), NO_WORDS, np.array([[6], [7]])]
    larger = expand_vocabulary(model, near, [np.ones(ids.shape) for ids in near], "y")
    ids = random_dance(SEVERAL, 20, gaps=0.4)
    moved = renumbered(ids, SEVERAL, larger.layout)
    losses, larger_losses = model.losses(ids), larger.losses(moved)
    assert np.array_equal(np.isnan(larger_losses), ids == GAP)
    seen = ids != GAP
    assert (larger_losses[seen] > losses[seen] - 1e-4).all()  # the same logits, and more words share the probability
    twins = np.where(moved == 2, 4, np.where(moved == 6 + 1, 8 + 1, moved))
    assert (twins != moved).any()
    assert close(next_logits(larger, moved), next_logits(larger, twins))


@pytest.mark.parametrize("build", [gpt2, lstm])
def test_a_twin_in_a_prefix_is_read_like_its_word(build) -> None:
    model = with_large_weights(build(SEVERAL))
    shares = [np.ones((1, 1)), NO_SHARES, NO_SHARES]
    larger = expand_vocabulary(model, [np.array([[2]]), NO_WORDS, NO_WORDS], shares, "y")
    for rest in ((), (5,)):
        with_word, with_twin = (next_logits(larger, rows([0, 5, 8]), (first, *rest)) for first in (2, 4))
        assert close(with_word, with_twin)
    with_word, with_twin = (next_logits(larger, rows([0, 5, 8], [first, 5, 7])) for first in (2, 4))
    assert close(with_word, with_twin)


@pytest.mark.parametrize("name", SMALL)
def test_a_mixture_lies_between_the_words_that_it_is_mixed_of(name: str) -> None:
    model = trained(name, 5)
    larger = expand_vocabulary(model, [np.array([[0, 3]])], [np.array([[0.25, 0.75]])], "y")
    logits = next_logits(larger, column(6, 1))
    assert logits[5] == pytest.approx((0.25 * logits[0] + 0.75 * logits[3]).item(), abs=1e-4)


@pytest.mark.parametrize("name", SMALL)
def test_new_words_are_learned_and_the_first_model_stays_as_it_was(name: str) -> None:
    model, same = trained(name, 3, 5), trained(name, 3, 5)
    larger = expand_vocabulary(model, [NO_WORDS, np.array([[4]])], [NO_SHARES, np.ones((1, 1))], "y")
    ids = cyclic_dance(3, 5)
    with_new = np.where(ids == 4, 8, ids)
    before = larger.losses(with_new).mean()
    train(larger, [with_new], TrainingOptions(steps=40, batch_size=8, learning_rate=1e-2))
    assert larger.losses(with_new).mean() < before / 2
    assert same_weights(model, same)


@pytest.mark.parametrize(
    ("near", "shares", "complaint"),
    [
        ([[[3]], [[3]]], [[[1.0]], [[1.0]]], "at place 0 must be ids 0 to 2, got 3 to 3"),
        ([[[0]], [[2]]], [[[1.0]], [[1.0]]], "at place 1 must be ids 3 to 7, got 2 to 2"),
        ([[[0]], [[8]]], [[[1.0]], [[1.0]]], "at place 1 must be ids 3 to 7, got 8 to 8"),
        ([[[-1]], [[3]]], [[[1.0]], [[1.0]]], "got -1 to -1"),
        ([[[0, 1]], [[3]]], [[[1.0]], [[1.0]]], r"got shapes \(1, 2\) and \(1, 1\)"),
        ([[0], [[3]]], [[1.0], [[1.0]]], r"got shapes \(1,\) and \(1,\)"),
        ([[[0]]], [[[1.0]]], "for 2 places, got 1 with 1 shares"),
    ],
)
def test_words_that_are_not_known_are_rejected(near: list, shares: list, complaint: str) -> None:
    near, shares = [np.array(each) for each in near], [np.array(each) for each in shares]
    with pytest.raises(ModelError, match=complaint):
        expand_vocabulary(SMALL["gpt2"](3, 5), near, shares, "y")


def test_no_new_words_change_nothing() -> None:
    model = with_large_weights(gpt2(SEVERAL))
    same = expand_vocabulary(model, [NO_WORDS] * 3, [NO_SHARES] * 3, "y")
    assert same_weights(same, model)
