import json
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models import recurrent
from models.language_model import mean_loss
from models.lstm import LSTM, LSTMSize
from models.sampling import GenerationOptions, generate
from models.training import TrainingOptions, train
from pose_vocab.errors import ModelError, OutputError

N_WORDS = 11
SIZE = LSTMSize(layers=2, width=16, context_length=12)
CYCLE = np.tile(np.arange(5), 12)


@pytest.fixture(scope="module")
def model() -> LSTM:
    """An untrained model whose weights are large enough to tell contexts apart."""
    model = LSTM(SIZE, N_WORDS, "these words", seed=3)
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(4)
    return model


def words(n: int, seed: int = 0) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, N_WORDS, n)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@torch.inference_mode()
def forward(model: LSTM, ids: NDArray[np.int64]) -> torch.Tensor:
    return model(torch.from_numpy(ids)[None])[0]


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return torch.allclose(a, b, rtol=0, atol=1e-4)


@settings(max_examples=60, deadline=None)
@given(pieces=st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_in_whatever_pieces_a_dance_is_read_the_reader_says_what_the_network_says(
    model: LSTM, pieces: list[int]
) -> None:
    dance = words(sum(pieces))
    ends = np.cumsum(pieces)
    expected = forward(model, dance)
    reader = model.reader()
    for piece, end in zip(np.split(dance, ends[:-1]), ends, strict=True):
        logits = reader.read(piece)
        assert (logits.shape, logits.dtype) == ((N_WORDS,), torch.float32)
        assert close(logits, expected[end - 1])


@settings(max_examples=30, deadline=None)
@given(n=st.integers(0, 40), at_once=st.integers(1, 50))
def test_a_dance_is_scored_as_a_reader_sees_it(model: LSTM, n: int, at_once: int) -> None:
    dance, reader, before, expected = words(n), model.reader(), N_WORDS, []
    for word in dance:
        expected.append(-torch.log_softmax(reader.read(np.array([before])), 0)[word].item())
        before = word
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recurrent, "SCORED_AT_ONCE", at_once)
        losses = model.losses(dance)
    assert (losses.shape, losses.dtype) == ((n,), np.float64)
    np.testing.assert_allclose(losses, expected, atol=1e-4)


def test_the_state_reaches_back_beyond_a_window() -> None:
    """With the forget gates wide open a cell remembers: the first word still shows after five windows."""
    model = LSTM(SIZE, N_WORDS, "x")
    forget = slice(SIZE.width, 2 * SIZE.width)  # torch's order: input, forget, cell, output
    with torch.no_grad():
        model.lstm.bias_ih_l0[forget] = model.lstm.bias_ih_l1[forget] = 20
    dance = words(5 * SIZE.context_length)
    other = np.concatenate([[(dance[0] + 1) % N_WORDS], dance[1:]])
    assert not torch.allclose(model.reader().read(dance), model.reader().read(other), atol=1e-3)
    assert abs(model.losses(dance) - model.losses(other))[-1] > 1e-3


def test_the_id_before_a_dance_is_read_and_never_predicted(model: LSTM) -> None:
    beginning = np.array([N_WORDS])
    assert close(model.reader().read(beginning), forward(model, beginning)[-1])
    assert set(generate(model, words(0), GenerationOptions(60, top_k=None, top_p=1), seeded())) <= set(range(N_WORDS))


@pytest.mark.parametrize("ids", [[], [N_WORDS + 1], [0, -1]])
def test_ids_that_are_no_words_are_refused(model: LSTM, ids: list[int]) -> None:
    with pytest.raises(ModelError, match="reads ids 0 to 11"):
        model.reader().read(np.array(ids, np.int64))


def test_a_row_of_ids_that_is_a_view_is_read(model: LSTM) -> None:
    assert torch.equal(model.reader().read(words(9)[::-1]), model.reader().read(words(9)[::-1].copy()))


def test_words_are_said_by_the_numbers_they_are_read_by(model: LSTM) -> None:
    """The embedding and the output are one: it is learned from both ends, and stands once among the weights."""
    assert [weights.shape for weights in model.parameters()].count((N_WORDS + 1, SIZE.width)) == 1
    state = torch.zeros(SIZE.width)
    state[2] = 1
    expected = model.embedding.weight[:N_WORDS, 2] + model.bias
    assert torch.equal(model.logits(state), expected)


def test_a_cycle_is_learned_and_danced_on() -> None:
    model = LSTM(LSTMSize(1, 32, 8, dropout=0), 5, "x")
    report = train(model, [CYCLE], TrainingOptions(steps=150, batch_size=8, learning_rate=1e-2))
    assert report.train_loss < 0.05  # nats; guessing costs log 5 = 1.6
    continued = generate(model, np.array([3, 4, 0]), GenerationOptions(20), seeded())
    assert continued.tolist() == [(1 + i) % 5 for i in range(20)]
    assert mean_loss(model, [CYCLE[2:]]) < 0.2


def test_what_came_long_before_decides() -> None:
    """After 0 0 0 comes what came before it, 1 or 2: no bigram can foresee that."""
    chance = np.random.default_rng(0)
    dance = np.concatenate([[first, 0, 0, 0, first] for first in chance.integers(1, 3, 80)])
    model = LSTM(LSTMSize(1, 32, 10, dropout=0), 3, "x")
    train(model, [dance], TrainingOptions(steps=200, batch_size=8, learning_rate=1e-2))
    for first in (1, 2):
        next_pose = torch.softmax(model.reader().read(np.array([1, 0, 0, 0, 1, first, 0, 0, 0])), 0)
        assert next_pose[first] > 0.9


def test_the_seed_decides_the_untrained_weights_and_leaves_other_chance_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, again, other = (LSTM(SIZE, N_WORDS, "x", seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["embedding.weight"], other["embedding.weight"])
    assert not torch.equal(first["lstm.weight_ih_l0"], other["lstm.weight_ih_l0"])


def test_the_same_seed_learns_the_same_weights_bit_for_bit() -> None:
    learned = []
    for seed in (1, 1, 2):
        model = LSTM(SIZE, 5, "x")
        train(model, [CYCLE], TrainingOptions(steps=5, batch_size=4, seed=seed))
        learned.append(model.embedding.weight.detach().cpu())
    assert torch.equal(learned[0], learned[1])
    assert not torch.equal(learned[0], learned[2])


@pytest.mark.parametrize("layers", [1, 3])
def test_a_saved_model_comes_back_bit_for_bit(layers: int, tmp_path: Path) -> None:
    size = LSTMSize(layers, 8, 5, dropout=0.3)
    model = LSTM(size, N_WORDS, "these words", seed=4)
    model.save(tmp_path / "model")
    loaded = LSTM.load(tmp_path / "model", "these words")
    assert (loaded.size, loaded.vocab_size, loaded.fingerprint) == (size, N_WORDS, "these words")
    assert loaded.context_length == 5
    assert not loaded.training
    assert torch.equal(model.reader().read(words(30)), loaded.reader().read(words(30)))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["config.json", "model", "model.safetensors"]


def test_a_model_of_another_vocabulary_is_refused(model: LSTM, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    with pytest.raises(ModelError, match="trained on vocabulary these words, not on other words"):
        LSTM.load(tmp_path / "model", "other words")


def test_where_no_folder_is_nothing_is_saved(model: LSTM, tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        model.save(tmp_path / "missing" / "model")


def _with_half_the_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _changed(folder: Path, **values: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda folder: (folder / "model.safetensors").unlink(), "incomplete"),
        (_with_half_the_weights, "damaged"),
        (lambda folder: (folder / "config.json").write_text("{"), "cannot be read"),
        (lambda folder: (folder / "config.json").unlink(), "no model"),
        (lambda folder: _changed(folder, format="bopbot-gpt2 1"), "bopbot-lstm 1"),
        (lambda folder: _changed(folder, size={"layers": 2}), "does not say its size"),
        (lambda folder: _changed(folder, vocab_size=None), "does not say its size"),
        (lambda folder: _changed(folder, vocab_size=N_WORDS + 1), "belongs to another model"),
    ],
)
def test_a_damaged_model_is_refused_in_one_line(model: LSTM, tmp_path: Path, damage, complaint: str) -> None:
    model.save(tmp_path / "model")
    damage(tmp_path / "model")
    with pytest.raises(ModelError, match=complaint) as caught:
        LSTM.load(tmp_path / "model", "these words")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("size", "complaint"),
    [
        ((0, 16, 12), "got 0 layers"),
        ((2, 0, 12), "width 0"),
        ((2, 16, 1), "at least 2 words at once, got 1"),
        ((2, 16, 12, 1.0), "got 1.0"),
        ((2, 16, 12, -0.1), "got -0.1"),
    ],
)
def test_impossible_sizes_are_refused(size: tuple[int, int, int], complaint: str) -> None:
    with pytest.raises(ModelError, match=complaint):
        LSTMSize(*size)


def test_a_model_of_no_words_is_refused() -> None:
    with pytest.raises(ModelError, match="at least one word"):
        LSTM(SIZE, 0, "x")


@pytest.mark.slow
def test_a_word_comes_faster_than_from_the_whole_layers() -> None:
    model, n = LSTM(LSTMSize(2, 64, 12), 150, "x"), 100
    reader, ours, theirs = model.reader(), [], []
    for _ in range(7):
        started = time.perf_counter()
        for word in range(n):
            reader.read(np.array([word]))
        ours.append(time.perf_counter() - started)
        started, state = time.perf_counter(), None
        with torch.inference_mode():
            for word in range(n):
                hidden, state = model.follow(torch.tensor([[word]]), state)
                model.logits(hidden)
        theirs.append(time.perf_counter() - started)
    assert min(ours) < min(theirs)
