import numpy as np
import pytest
import torch

from models.gpt2 import GPT2, GPT2Size
from models.growing import Growing, grown
from models.lstm import LSTM, LSTMSize
from models.training import TrainingOptions, train
from pose_vocab.errors import ModelError

CYCLE = np.tile(np.arange(5), 12)
SMALL = {"gpt2": lambda: GPT2(GPT2Size(1, 2, 32, 8), 5, "x"), "lstm": lambda: LSTM(LSTMSize(1, 32, 8), 5, "x")}


def trained(name: str) -> Growing:
    model = SMALL[name]()
    train(model, [CYCLE], TrainingOptions(steps=80, batch_size=8, learning_rate=1e-2))
    return model


@pytest.mark.parametrize("name", SMALL)
def test_a_twin_of_a_word_is_foreseen_and_read_like_it(name: str) -> None:
    """Two new words, twins of 2 and of 4: they share what the words got, and stand for them."""
    model = trained(name)
    larger = grown(model, np.array([[2], [4]]), np.ones((2, 1)), "y")
    assert (larger.vocab_size, larger.fingerprint, model.vocab_size) == (7, "y", 5)
    before, after = (
        torch.softmax(m.reader().read(np.array([5 if m is model else 7, 0, 1])), 0) for m in (model, larger)
    )
    assert after[5] == pytest.approx(after[2].item())
    assert after[2] / after[3] == pytest.approx(before[2].item() / before[3].item(), rel=1e-3)
    with_word, with_twin = (larger.reader().read(np.array([0, 1, word])) for word in (2, 5))
    assert torch.allclose(with_word, with_twin, atol=1e-5)


@pytest.mark.parametrize("name", SMALL)
def test_a_mixture_lies_between_what_it_is_mixed_of(name: str) -> None:
    model = trained(name)
    larger = grown(model, np.array([[0, 3]]), np.array([[0.25, 0.75]]), "y")
    logits = larger.reader().read(np.array([6, 1]))
    assert logits[5] == pytest.approx((0.25 * logits[0] + 0.75 * logits[3]).item(), abs=1e-4)


@pytest.mark.parametrize("name", SMALL)
def test_new_words_are_learned_and_the_first_model_stays_as_it_was(name: str) -> None:
    model = trained(name)
    weights = [tensor.clone() for tensor in model.state_dict().values()]
    larger = grown(model, np.array([[1]]), np.ones((1, 1)), "y")
    with_new = np.where(CYCLE == 1, 5, CYCLE)
    before = larger.losses(with_new).mean()
    train(larger, [with_new], TrainingOptions(steps=40, batch_size=8, learning_rate=1e-2))
    assert larger.losses(with_new).mean() < before / 2
    assert all(torch.equal(old, new) for old, new in zip(weights, model.state_dict().values(), strict=True))


@pytest.mark.parametrize(("near", "shares"), [([[5]], [[1.0]]), ([[-1]], [[1.0]]), ([[0, 1]], [[1.0]]), ([0], [1.0])])
def test_words_that_are_not_known_are_refused(near: list[list[int]], shares: list[list[float]]) -> None:
    with pytest.raises(ModelError):
        grown(SMALL["gpt2"](), np.array(near), np.array(shares), "y")


def test_no_new_words_change_nothing() -> None:
    model = trained("gpt2")
    same = grown(model, np.empty((0, 4), np.int64), np.empty((0, 4)), "y")
    assert torch.equal(same.reader().read(np.array([0])), model.reader().read(np.array([0])))
