from collections.abc import Callable

import numpy as np
import pytest
import torch
from dances import SEVERAL, close, cycle, dance, gpt2, ids, lstm, outspoken, same_weights, words_of
from numpy.typing import NDArray

from models.gpt2 import GPT2, GPT2Size
from models.lstm import LSTM, LSTMSize
from models.row_layout import RowLayout
from models.training import TrainingOptions, train
from models.vocabulary_expansion import Expandable, grown
from pose_vocab.errors import ModelError

SMALL: dict[str, Callable[..., Expandable]] = {
    "gpt2": lambda *vocabularies: GPT2(GPT2Size(1, 2, 32, 8), words_of(*vocabularies)),
    "lstm": lambda *vocabularies: LSTM(LSTMSize(1, 32, 8), words_of(*vocabularies)),
}
NO_WORDS, NO_SHARES = np.empty((0, 1), np.int64), np.empty((0, 1))


def trained(name: str, *vocabularies: int) -> Expandable:
    model = SMALL[name](*vocabularies)
    train(model, [cycle(*vocabularies)], TrainingOptions(steps=80, batch_size=8, learning_rate=1e-2))
    return model


def renumbered(stream: NDArray[np.int64], old: RowLayout, new: RowLayout) -> NDArray[np.int64]:
    return (old.rows(stream) - old.starts + new.starts).ravel()


@pytest.mark.parametrize("name", SMALL)
def test_a_twin_of_a_word_is_foreseen_and_read_like_it(name: str) -> None:
    """Two new words, twins of 2 and of 4: they share what the words got, and stand for them."""
    model = trained(name, 5)
    larger = grown(model, [np.array([[2], [4]])], [np.ones((2, 1))], "y")
    assert (larger.layout, model.layout) == (RowLayout((7,), "y"), words_of(5))
    before, after = (torch.softmax(m.reader().read(ids(m.layout.n_words, 0, 1)), 0) for m in (model, larger))
    assert after[5] == pytest.approx(after[2].item())
    assert after[2] / after[3] == pytest.approx(before[2].item() / before[3].item(), rel=1e-3)
    with_word, with_twin = (larger.reader().read(ids(0, 1, word)) for word in (2, 5))
    assert torch.allclose(with_word, with_twin, atol=1e-5)


@pytest.mark.parametrize("build", [gpt2, lstm])
@pytest.mark.parametrize("new_words", [(1, 2, 3), (2, 0, 0), (0, 3, 0), (0, 0, 1)])
def test_a_known_word_keeps_its_logits_wherever_words_are_added(build, new_words: tuple[int, ...]) -> None:
    """New words stand behind the known ones of their place, so the ids of later places move up."""
    model = outspoken(build(SEVERAL))
    near = [np.full((n, 1), start) for n, start in zip(new_words, SEVERAL.starts, strict=True)]
    larger = grown(model, near, [np.ones(ids.shape) for ids in near], "y")
    assert larger.layout.vocabularies == (4 + new_words[0], 1 + new_words[1], 3 + new_words[2])
    stream = dance(SEVERAL, 4)
    moved = renumbered(stream, SEVERAL, larger.layout)
    for end in range(9, 12):
        place = end - 9
        before, after = model.reader().read(stream[:end]), larger.reader().read(moved[:end])
        after = after[larger.layout.ids(place)]
        assert close(after[: SEVERAL.vocabularies[place]], before[SEVERAL.ids(place)])
        assert close(after[SEVERAL.vocabularies[place] :], before[SEVERAL.starts[place]].expand(new_words[place]))


@pytest.mark.parametrize("build", [gpt2, lstm])
def test_a_twin_in_a_row_is_read_and_said_on_like_its_word(build) -> None:
    model = outspoken(build(SEVERAL))
    larger = grown(model, [np.array([[2]]), NO_WORDS, NO_WORDS], [np.ones((1, 1)), NO_SHARES, NO_SHARES], "y")
    for rest in ((), (5,), (5, 7)):
        with_word, with_twin = (larger.reader().read(ids(0, 5, 8, first, *rest)) for first in (2, 4))
        assert close(with_word, with_twin)


@pytest.mark.parametrize("name", SMALL)
def test_a_mixture_lies_between_what_it_is_mixed_of(name: str) -> None:
    model = trained(name, 5)
    larger = grown(model, [np.array([[0, 3]])], [np.array([[0.25, 0.75]])], "y")
    logits = larger.reader().read(ids(6, 1))
    assert logits[5] == pytest.approx((0.25 * logits[0] + 0.75 * logits[3]).item(), abs=1e-4)


@pytest.mark.parametrize("name", SMALL)
def test_new_words_are_learned_and_the_first_model_stays_as_it_was(name: str) -> None:
    model, same = trained(name, 3, 5), trained(name, 3, 5)
    larger = grown(model, [NO_WORDS, np.array([[4]])], [NO_SHARES, np.ones((1, 1))], "y")
    stream = cycle(3, 5)
    with_new = np.where(stream == 4, 8, stream)
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
def test_words_that_are_not_known_are_refused(near: list, shares: list, complaint: str) -> None:
    with pytest.raises(ModelError, match=complaint):
        grown(SMALL["gpt2"](3, 5), [np.array(each) for each in near], [np.array(each) for each in shares], "y")


def test_no_new_words_change_nothing() -> None:
    model = outspoken(gpt2(SEVERAL))
    same = grown(model, [NO_WORDS] * 3, [NO_SHARES] * 3, "y")
    assert same_weights(same, model)
