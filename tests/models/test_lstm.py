import time

import numpy as np
import pytest
import torch
from word_dances import (
    LAYOUTS,
    ONE,
    SEVERAL,
    column,
    cyclic_dance,
    layout_of,
    lstm,
    next_logits,
    random_dance,
    row,
    seeded_generator,
    with_large_weights,
)

from models.language_model import mean_loss
from models.lstm import LSTM, LSTMSize
from models.row_layout import RowLayout
from models.sampling import GenerationOptions, generate
from models.training import TrainingOptions, train
from pose_vocab.errors import ModelError


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_the_state_reaches_back_beyond_a_window(layout: RowLayout) -> None:
    """With open forget gates a cell keeps its state: the first word changes the logits after five windows."""
    model, width = lstm(layout), 16
    forget = slice(width, 2 * width)  # torch's order: input, forget, cell, output
    with torch.no_grad():
        model.lstm.bias_ih_l0[forget] = model.lstm.bias_ih_l1[forget] = 20
    ids = random_dance(layout, 5 * model.context_length)
    other = ids.copy()
    other[0, 0] = (ids[0, 0] + 1) % layout.sizes[0]
    logits = [next_logits(model, each) for each in (ids, other)]
    assert not torch.allclose(*logits, atol=1e-3)
    assert abs(model.losses(ids) - model.losses(other))[-1, -1] > 1e-3


def test_input_and_output_share_one_embedding() -> None:
    """It is learned from both ends, and stands once among the weights."""
    model = with_large_weights(lstm(ONE))
    assert [weights.shape for weights in model.parameters()].count((ONE.n_words + 1, 16)) == 1
    state = torch.zeros(1, 16)
    state[0, 2] = 1
    expected = model.words.embedding.weight[: ONE.n_words, 2] + model.words.bias
    assert torch.equal(model.logits(state, torch.empty(1, 0, dtype=torch.int64))[0], expected)


@pytest.mark.parametrize("layout", [ONE, SEVERAL, layout_of(*[50] * 9)], ids=["one place", "several", "many"])
def test_rows_are_read_as_numbers_near_one(layout: RowLayout) -> None:
    model = LSTM(LSTMSize(1, 256, 8), layout)
    embedded = model.embed(torch.from_numpy(random_dance(layout, 200)))
    assert embedded.std().item() == pytest.approx(1, abs=0.25)


def test_a_cycle_is_learned_and_continued() -> None:
    model = LSTM(LSTMSize(1, 32, 8, dropout=0), layout_of(5))
    report = train(model, [cyclic_dance(5)], TrainingOptions(steps=150, batch_size=8, learning_rate=1e-2))
    assert report.train_loss < 0.05  # nats; guessing costs log 5 = 1.6
    continued = generate(model, column(3, 4, 0), GenerationOptions(20), seeded_generator())
    assert continued[:, 0].tolist() == [(1 + i) % 5 for i in range(20)]
    assert mean_loss(model, [cyclic_dance(5)[2:]]) < 0.2


def test_a_word_long_before_decides() -> None:
    """After 0 0 0 comes what came before it, 1 or 2: no bigram can predict that."""
    chance = np.random.default_rng(0)
    ids = column(*np.concatenate([[first, 0, 0, 0, first] for first in chance.integers(1, 3, 80)]))
    model = LSTM(LSTMSize(1, 32, 10, dropout=0), layout_of(3))
    train(model, [ids], TrainingOptions(steps=200, batch_size=8, learning_rate=1e-2))
    for first in (1, 2):
        probabilities = torch.softmax(next_logits(model, column(1, 0, 0, 0, 1, first, 0, 0, 0)), 0)
        assert probabilities[first] > 0.9


@pytest.mark.parametrize("gaps", [0, 0.4])
@pytest.mark.parametrize("layers", [1, 3])
def test_a_reader_with_any_number_of_layers_computes_what_was_trained(layers: int, gaps: float) -> None:
    model, ids = LSTM(LSTMSize(layers, 8, 5, dropout=0.3), SEVERAL), random_dance(SEVERAL, 9, gaps=gaps)
    with torch.inference_mode():
        hidden, _ = model.follow(torch.from_numpy(ids)[None])
        expected = model.logits(hidden[0, -1:], torch.empty(1, 0, dtype=torch.int64))[0]
    assert torch.allclose(next_logits(model, ids)[:4], expected, atol=1e-5)


@pytest.mark.parametrize(
    ("size", "complaint"),
    [
        ((0, 16, 12), "got 0 layers"),
        ((2, 0, 12), "width 0"),
        ((2, 16, 1), "at least 2 rows at once, got 1"),
        ((2, 16, 12, 1.0), "got 1.0"),
        ((2, 16, 12, -0.1), "got -0.1"),
    ],
)
def test_impossible_sizes_are_rejected(size: tuple[int, int, int], complaint: str) -> None:
    with pytest.raises(ModelError, match=complaint):
        LSTMSize(*size)


@pytest.mark.slow
def test_a_reader_is_faster_than_the_whole_layers() -> None:
    model, n = LSTM(LSTMSize(2, 64, 12), layout_of(150)), 100
    reader, ours, theirs = model.reader(), [], []
    no_prefix = torch.empty(1, 0, dtype=torch.int64)
    for _ in range(7):
        started = time.perf_counter()
        for word in range(n):
            reader.read(column(word))
            reader.logits(row())
        ours.append(time.perf_counter() - started)
        started, state = time.perf_counter(), None
        with torch.inference_mode():
            for word in range(n):
                hidden, state = model.follow(torch.tensor([[[word]]]), state)
                model.logits(hidden[0], no_prefix)
        theirs.append(time.perf_counter() - started)
    assert min(ours) < min(theirs)
