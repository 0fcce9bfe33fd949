import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from models import mixture
from models.mixture import MIN_DEVIATION, MixtureLSTM, MixtureSize
from models.sampling import GenerationOptions, generate
from models.training import TrainingOptions, train
from pose_vocab.errors import ModelError

N_WORDS, N_FEATURES = 11, 4
SIZE = MixtureSize(layers=2, width=16, context_length=12, components=3)
CYCLE = np.tile(np.arange(5), 12)


def poses(n_words: int, n_features: int = N_FEATURES, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(n_words, n_features)).astype(np.float32)


@pytest.fixture(scope="module")
def model() -> MixtureLSTM:
    """An untrained model whose weights are large enough to tell contexts apart."""
    model = MixtureLSTM(SIZE, 3 + 5 * poses(N_WORDS), "these words", seed=3)
    with torch.no_grad():
        model.beginning += 0.3
        for weights in model.parameters():
            weights.mul_(2)
    return model


def words(n: int, seed: int = 0) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, N_WORDS, n)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@torch.inference_mode()
def forward(model: MixtureLSTM, ids: NDArray[np.int64]) -> torch.Tensor:
    return model(torch.from_numpy(ids)[None])[0]


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return torch.allclose(a, b, rtol=1e-5, atol=1e-4)


def test_a_single_gaussian_says_the_density_that_follows_by_hand() -> None:
    """With all weights of the head at 0 but a bias: mean (1, -1), both deviations the least one plus log 2."""
    model = MixtureLSTM(MixtureSize(1, 4, 8, components=1), np.array([[1, 0], [-1, 0], [0, 3]], np.float32), "x")
    with torch.no_grad():
        model.head.weight.zero_()
        model.head.bias[:] = torch.tensor([7.0, 1.0, -1.0, 0.0, 0.0])
    deviation = MIN_DEVIATION + math.log(2)
    rows = np.array([[1, 0], [-1, 0], [0, 3]]) - [0, 1]
    rows = rows / [math.sqrt(2 / 3), math.sqrt(2)]
    expected = -((rows - [1, -1]) ** 2).sum(axis=1) / (2 * deviation**2) - math.log(2 * math.pi * deviation**2)
    np.testing.assert_allclose(forward(model, np.array([2]))[0], expected, rtol=1e-5)


@pytest.mark.parametrize("at_once", [1, 4, 1000])
def test_logits_are_the_log_densities_that_torch_gives(
    model: MixtureLSTM, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mixture, "MIXTURES_AT_ONCE", at_once)
    hidden = torch.randn(2, 5, SIZE.width, generator=seeded())
    shares, means, deviations = torch.split(model.head(hidden), [3, 3 * N_FEATURES, 3 * N_FEATURES], dim=-1)
    gaussians = Normal(
        means.unflatten(-1, (3, N_FEATURES)),
        MIN_DEVIATION + torch.nn.functional.softplus(deviations.unflatten(-1, (3, N_FEATURES))),
    )
    density = MixtureSameFamily(Categorical(logits=shares), Independent(gaussians, 1))
    expected = torch.stack([density.log_prob(row) for row in model.rows], dim=-1)
    logits = model.logits(hidden)
    assert logits.shape == (2, 5, N_WORDS)
    assert close(logits, expected)


def test_the_loss_is_the_mean_negative_log_density_of_the_next_words(model: MixtureLSTM) -> None:
    """It is the density itself, and not the share of the word among the words; what begins a dance is not foreseen."""
    windows = torch.from_numpy(np.stack([words(7, seed=1), words(7, seed=2)]))
    windows[0, 3] = N_WORDS
    densities = model(windows[:, :-1])
    followed = [densities[i, t, windows[i, t + 1]] for i in range(2) for t in range(6) if windows[i, t + 1] < N_WORDS]
    assert len(followed) == 11
    assert model.loss(windows).item() == pytest.approx(-torch.stack(followed).mean().item(), rel=1e-5)


def test_features_are_standardized_and_those_that_stand_still_are_left_narrow() -> None:
    vectors = poses(50, 3) * [1, 100, 0] + [5, -300, 0.1]
    vectors[:, 2] += 1e-6 * poses(50, 1, seed=1)[:, 0]  # noise
    rows = MixtureLSTM(SIZE, vectors.astype(np.float32), "x").rows.numpy()
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(rows.std(axis=0)[:2], 1, rtol=1e-4)
    assert abs(rows[:, 2]).max() < 1e-5


def test_the_unit_of_a_feature_does_not_matter() -> None:
    metres = poses(N_WORDS)
    scaled = metres * np.float32([1, 1000, 0.5, 2]) + np.float32([0, 7, -3, 1])
    assert close(*(forward(MixtureLSTM(SIZE, vectors, "x"), words(9)) for vectors in (metres, scaled)))


def test_words_are_numbers_only() -> None:
    """Renumbered words are the same dance: what a word is called plays no part, only its mean pose."""
    order = np.random.default_rng(0).permutation(N_WORDS)
    ours, renumbered = (MixtureLSTM(SIZE, vectors, "x") for vectors in (poses(N_WORDS), poses(N_WORDS)[order]))
    dance = words(9)
    assert close(forward(ours, order[dance])[:, order], forward(renumbered, dance))


@settings(max_examples=40, deadline=None)
@given(pieces=st.lists(st.integers(1, 30), min_size=1, max_size=5))
def test_in_whatever_pieces_a_dance_is_read_the_reader_says_what_the_network_says(
    model: MixtureLSTM, pieces: list[int]
) -> None:
    dance = np.concatenate([[N_WORDS], words(sum(pieces) - 1)])
    ends = np.cumsum(pieces)
    expected = forward(model, dance)
    reader = model.reader()
    for piece, end in zip(np.split(dance, ends[:-1]), ends, strict=True):
        logits = reader.read(piece)
        assert (logits.shape, logits.dtype) == ((N_WORDS,), torch.float32)
        assert close(logits, expected[end - 1])


@settings(max_examples=20, deadline=None)
@given(n=st.integers(0, 40))
def test_a_dance_is_scored_as_a_reader_sees_it(model: MixtureLSTM, n: int) -> None:
    dance, reader, before, expected = words(n), model.reader(), N_WORDS, []
    for word in dance:
        expected.append(-torch.log_softmax(reader.read(np.array([before])), 0)[word].item())
        before = word
    np.testing.assert_allclose(model.losses(dance), expected, rtol=1e-4, atol=1e-4)


def test_how_a_dance_begins_is_learned() -> None:
    model = MixtureLSTM(MixtureSize(1, 32, 8, 0, components=4), poses(6, 30), "x")
    begins_with_five = np.concatenate([[5], np.tile([2, 3], 4)])
    untaught = model.beginning.clone()
    train(model, [begins_with_five], TrainingOptions(steps=200, batch_size=8, learning_rate=1e-2))
    greedy = GenerationOptions(3, temperature=0)
    assert generate(model, np.empty(0, np.int64), greedy, seeded()).tolist() == [5, 2, 3]
    assert not torch.equal(untaught, model.beginning.cpu())


def test_a_cycle_is_learned_and_danced_on() -> None:
    model = MixtureLSTM(MixtureSize(1, 32, 8, 0, components=4), poses(5, 30), "x")
    first = model.loss(torch.from_numpy(CYCLE[None, :9])).item()
    report = train(model, [CYCLE], TrainingOptions(steps=150, batch_size=8, learning_rate=1e-2))
    floor = 30 * math.log(MIN_DEVIATION * math.sqrt(2 * math.pi))  # every row foreseen by a Gaussian of the least width
    assert floor - 1e-3 <= report.train_loss < floor + 1 < first
    continued = generate(model, np.array([3, 4, 0]), GenerationOptions(20), seeded())
    assert continued.tolist() == [(1 + i) % 5 for i in range(20)]
    assert model.losses(CYCLE)[2:].mean() < 0.2


def test_two_ways_on_are_two_gaussians_and_nothing_between_them() -> None:
    """After word 1, half way between 0 and 2, come 0 and 2 by turns of chance: one Gaussian would say 1."""
    chance = np.random.default_rng(0)
    dance = np.concatenate([[1, way] for way in chance.choice([0, 2], 80)])
    line = np.repeat(np.float32([[-1], [0], [1]]), 8, axis=1)
    model = MixtureLSTM(MixtureSize(1, 32, 8, 0, components=4), line, "x")
    train(model, [dance], TrainingOptions(steps=150, batch_size=8, learning_rate=1e-2))
    shares = torch.softmax(model.reader().read(np.array([1, 0, 1])), 0)
    np.testing.assert_allclose(shares, [0.5, 0, 0.5], atol=0.2)
    assert shares[1] < 0.05


def test_the_seed_decides_the_untrained_weights_and_leaves_other_chance_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, again, other = (MixtureLSTM(SIZE, poses(N_WORDS), "x", seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["head.weight"], other["head.weight"])


def test_a_saved_model_comes_back_bit_for_bit_with_its_poses(model: MixtureLSTM, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    loaded = MixtureLSTM.load(tmp_path / "model", "these words")
    assert (loaded.size, loaded.vocab_size, loaded.fingerprint) == (SIZE, N_WORDS, "these words")
    assert torch.equal(loaded.rows, model.rows)
    assert torch.equal(model.reader().read(words(30)), loaded.reader().read(words(30)))


def test_a_model_of_another_vocabulary_is_refused(model: MixtureLSTM, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    with pytest.raises(ModelError, match="trained on vocabulary these words, not on other words"):
        MixtureLSTM.load(tmp_path / "model", "other words")


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
        (lambda folder: (folder / "config.json").unlink(), "no model"),
        (lambda folder: _changed(folder, format="bopbot-lstm 1"), "bopbot-mixture 1"),
        (lambda folder: _changed(folder, size={"layers": 2}), "does not say its size"),
        (lambda folder: _changed(folder, vocab_size=None), "does not say its size"),
        (lambda folder: _changed(folder, n_features=-4), "does not say its size"),
        (lambda folder: _changed(folder, n_features=0), "at least one"),
        (lambda folder: _changed(folder, vocab_size=N_WORDS + 1), "belongs to another model"),
    ],
)
def test_a_damaged_model_is_refused_in_one_line(model: MixtureLSTM, tmp_path: Path, damage, complaint: str) -> None:
    model.save(tmp_path / "model")
    damage(tmp_path / "model")
    with pytest.raises(ModelError, match=complaint) as caught:
        MixtureLSTM.load(tmp_path / "model", "these words")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("vectors", "complaint"),
    [
        (np.zeros(4), r"got shape \(4,\)"),
        (np.zeros((0, 4)), r"got shape \(0, 4\)"),
        (np.zeros((4, 0)), r"got shape \(4, 0\)"),
        (np.array([[0.0, 1.0], [0.0, np.nan]]), "1 are not, first that of word 1"),
        (np.array([[0.0, np.inf], [0.0, 1.0]]), "1 are not, first that of word 0"),
    ],
)
def test_poses_that_are_no_rows_of_numbers_are_refused(vectors: NDArray[np.float32], complaint: str) -> None:
    with pytest.raises(ModelError, match=complaint):
        MixtureLSTM(SIZE, vectors, "x")


@pytest.mark.parametrize(("components", "layers"), [(0, 1), (24, 0)])
def test_impossible_sizes_are_refused(components: int, layers: int) -> None:
    with pytest.raises(ModelError, match="got 0"):
        MixtureSize(layers, 8, 12, components=components)


def test_ids_that_are_no_words_are_refused(model: MixtureLSTM) -> None:
    with pytest.raises(ModelError, match="reads ids 0 to 11"):
        model.reader().read(np.array([N_WORDS + 1]))
