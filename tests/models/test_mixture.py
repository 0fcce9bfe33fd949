import math
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from dances import (
    GRAMMARS,
    N_FEATURES,
    ONE,
    SEVERAL,
    changed,
    close,
    cycle,
    dance,
    ids,
    mixture,
    outspoken,
    poses,
    seeded,
    words_of,
)
from numpy.typing import NDArray
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from models import mixture_lstm as module
from models.mixture_lstm import MIN_DEVIATION, MixtureLSTM, MixtureSize
from models.row_layout import RowLayout
from models.sampling import GenerationOptions, generate
from models.training import TrainingOptions, train
from pose_vocab.errors import ModelError

SIZE = MixtureSize(layers=2, width=16, context_length=12, components=3)
every_grammar = pytest.mark.parametrize("layout", GRAMMARS.values(), ids=GRAMMARS)


def density_of(model: MixtureLSTM, hidden: torch.Tensor, columns: torch.Tensor) -> MixtureSameFamily:
    """What torch makes of the head's numbers, over some of the columns of a pose."""
    n_features = model.poses.shape[1]
    shares, means, deviations = torch.split(model.head(hidden), [3, 3 * n_features, 3 * n_features], dim=-1)
    gaussians = Normal(
        means.unflatten(-1, (3, n_features))[..., columns],
        MIN_DEVIATION + torch.nn.functional.softplus(deviations.unflatten(-1, (3, n_features)))[..., columns],
    )
    return MixtureSameFamily(Categorical(logits=shares), Independent(gaussians, 1))


def columns_of(model: MixtureLSTM, *words: int) -> torch.Tensor:
    """The columns that words have, as the mean poses of `dances.mixture` tell."""
    return torch.from_numpy(np.isfinite(poses(model.layout)[list(words)]).any(axis=0))


def test_a_single_gaussian_says_the_density_that_follows_by_hand() -> None:
    """With all weights of the head at 0 but a bias: mean (1, -1), both deviations the least one plus log 2."""
    model = MixtureLSTM(
        MixtureSize(1, 4, 8, components=1), np.array([[1, 0], [-1, 0], [0, 3]], np.float32), words_of(3)
    )
    with torch.no_grad():
        model.head.weight.zero_()
        model.head.bias[:] = torch.tensor([7.0, 1.0, -1.0, 0.0, 0.0])
    deviation = MIN_DEVIATION + math.log(2)
    rows = np.array([[1, 0], [-1, 0], [0, 3]]) - [0, 1]
    rows = rows / [math.sqrt(2 / 3), math.sqrt(2)]
    expected = -((rows - [1, -1]) ** 2).sum(axis=1) / (2 * deviation**2) - math.log(2 * math.pi * deviation**2)
    np.testing.assert_allclose(model.reader().read(ids(2)), expected, rtol=1e-5)


@every_grammar
@pytest.mark.parametrize("at_once", [1, 4, 1000])
def test_logits_are_the_log_densities_that_torch_gives(
    layout: RowLayout, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each word together with the words before it in the row: that is p(word | words before) but for a factor."""
    monkeypatch.setattr(module, "MIXTURES_AT_ONCE", at_once)
    model = outspoken(mixture(layout))
    hidden = torch.randn(6, SIZE.width, generator=seeded())
    rows = torch.from_numpy(layout.rows(dance(layout, 6)))
    for place in range(layout.places):
        logits = model.logits(hidden, rows[:, :place])
        assert logits.shape == (6, layout.vocabularies[place])
        for i, word in product(range(6), range(layout.n_words)[layout.ids(place)]):
            together = [*rows[i, :place].tolist(), word]
            columns = columns_of(model, *together)
            expected = density_of(model, hidden[i], columns).log_prob(model.poses[together].sum(0)[columns])
            assert close(logits[i, word - layout.starts[place]], expected)


def test_a_word_said_tells_which_gaussian_it_is() -> None:
    """Two Gaussians far apart, one at the poses of words 0 and 2, one at those of 1 and 3, equally likely."""
    vectors = np.float32([[-1, np.nan], [1, np.nan], [np.nan, -1], [np.nan, 1]])
    model = MixtureLSTM(MixtureSize(1, 4, 8, components=2), vectors, words_of(2, 2))
    with torch.no_grad():
        model.head.weight.zero_()
        model.head.bias[:] = torch.tensor([0.0, 0, -9, -9, 9, 9, -99, -99, -99, -99])
    reader = model.reader()
    np.testing.assert_allclose(torch.softmax(reader.read(ids(4)), 0), [0.5, 0.5, 0, 0], atol=1e-5)
    near, far = 8 * 8 / 2, 10 * 10 / 2  # both words from the one Gaussian; else from either, one near and one far
    logits = reader.read(ids(0))
    assert logits[2] - logits[3] == pytest.approx(-2 * near - (-near - far + math.log(2)), rel=1e-5)


@every_grammar
def test_the_loss_is_the_mean_negative_log_density_of_the_next_poses(layout: RowLayout) -> None:
    """It is the density itself, and not the share of the words; what begins a dance is not foreseen."""
    model = outspoken(mixture(layout))
    rows = np.concatenate([dance(layout, 3), layout.beginning, dance(layout, 3, seed=1)])
    windows = torch.from_numpy(rows.reshape(1, 7, layout.places))
    hidden = model(windows[:, :-1])[0]
    every_column = torch.ones(model.poses.shape[1], dtype=torch.bool)
    expected = [
        -density_of(model, hidden[t], every_column).log_prob(model.poses[windows[0, t + 1]].sum(0))
        for t in (0, 1, 3, 4, 5)
    ]
    assert model.loss(windows).item() == pytest.approx(torch.stack(expected).mean().item(), rel=1e-5)


def test_columns_are_standardized_and_those_that_stand_still_are_left_narrow() -> None:
    vectors = poses(words_of(50), 3) * [1, 100, 0] + [5, -300, 0.1]
    vectors[:, 2] += 1e-6 * poses(words_of(50), 1, seed=1)[:, 0]  # noise
    standardized = MixtureLSTM(SIZE, vectors.astype(np.float32), words_of(50)).poses.numpy()
    np.testing.assert_allclose(standardized.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(standardized.std(axis=0)[:2], 1, rtol=1e-4)
    assert abs(standardized[:, 2]).max() < 1e-5


def test_columns_are_standardized_over_the_words_of_their_place() -> None:
    layout = words_of(30, 20)
    vectors = 3 + 5 * poses(layout)
    model = MixtureLSTM(SIZE, vectors, layout)
    own = np.isfinite(vectors)
    assert (model.poses.numpy()[~own] == 0).all()
    for column in range(2 * N_FEATURES):
        numbers = model.poses.numpy()[own[:, column], column]
        assert (numbers.mean(), numbers.std()) == (pytest.approx(0, abs=1e-5), pytest.approx(1, rel=1e-4))


@every_grammar
def test_the_unit_of_a_column_does_not_matter(layout: RowLayout) -> None:
    metres = poses(layout)
    scaled = metres * np.float32(2) ** np.arange(metres.shape[1]) + np.arange(metres.shape[1])
    ours, theirs = (MixtureLSTM(SIZE, vectors.astype(np.float32), layout) for vectors in (metres, scaled))
    assert close(*(model.reader().read(dance(layout, 9)) for model in (ours, theirs)))


def test_words_are_numbers_only() -> None:
    """Renumbered words are the same dance: what a word is called plays no part, only its mean pose."""
    order = np.random.default_rng(0).permutation(ONE.n_words)
    ours, renumbered = (MixtureLSTM(SIZE, vectors, ONE) for vectors in (poses(ONE), poses(ONE)[order]))
    stream = dance(ONE, 9)
    assert close(ours.reader().read(order[stream])[order], renumbered.reader().read(stream))


def test_how_a_dance_begins_is_learned() -> None:
    model = MixtureLSTM(MixtureSize(1, 32, 8, 0, components=4), poses(words_of(6), 30), words_of(6))
    begins_with_five = np.concatenate([[5], np.tile([2, 3], 4)])
    untaught = model.beginning.clone()
    train(model, [begins_with_five], TrainingOptions(steps=200, batch_size=8, learning_rate=1e-2))
    greedy = GenerationOptions(3, temperature=0)
    assert generate(model, ids(), greedy, seeded()).tolist() == [5, 2, 3]
    assert not torch.equal(untaught, model.beginning.cpu())


def test_a_cycle_is_learned_and_danced_on() -> None:
    model = MixtureLSTM(MixtureSize(1, 32, 8, 0, components=4), poses(words_of(5), 30), words_of(5))
    first = model.loss(torch.from_numpy(cycle(5)[None, :9, None])).item()
    report = train(model, [cycle(5)], TrainingOptions(steps=150, batch_size=8, learning_rate=1e-2))
    floor = 30 * math.log(MIN_DEVIATION * math.sqrt(2 * math.pi))  # every row foreseen by a Gaussian of the least width
    assert floor - 1e-3 <= report.train_loss < floor + 1 < first
    continued = generate(model, ids(3, 4, 0), GenerationOptions(20), seeded())
    assert continued.tolist() == [(1 + i) % 5 for i in range(20)]
    assert model.losses(cycle(5))[2:].mean() < 0.2


def test_two_ways_on_are_two_gaussians_and_nothing_between_them() -> None:
    """After word 1, half way between 0 and 2, come 0 and 2 by turns of chance: one Gaussian would say 1."""
    chance = np.random.default_rng(0)
    stream = np.concatenate([[1, way] for way in chance.choice([0, 2], 80)])
    line = np.repeat(np.float32([[-1], [0], [1]]), 8, axis=1)
    model = MixtureLSTM(MixtureSize(1, 32, 8, 0, components=4), line, words_of(3))
    train(model, [stream], TrainingOptions(steps=150, batch_size=8, learning_rate=1e-2))
    shares = torch.softmax(model.reader().read(ids(1, 0, 1)), 0)
    np.testing.assert_allclose(shares, [0.5, 0, 0.5], atol=0.2)
    assert shares[1] < 0.05


def test_the_places_of_columns_are_kept(tmp_path: Path) -> None:
    """In whatever order they lie."""
    model = outspoken(mixture(SEVERAL))
    model.save(tmp_path / "model")
    loaded = MixtureLSTM.load(tmp_path / "model", SEVERAL)
    assert torch.equal(loaded.poses, model.poses)
    assert torch.equal(model.reader().read(ids(8, 3, 4)), loaded.reader().read(ids(8, 3, 4)))


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        ([], "mean poses are rows of numbers"),
        ([0, 1, 2], "belongs to another model"),
        ([7] * 12, "mean poses must be finite numbers in the columns of their place"),
        ("many", "does not say its size"),
    ],
)
def test_a_model_with_damaged_columns_is_refused(columns: object, complaint: str, tmp_path: Path) -> None:
    mixture(SEVERAL).save(tmp_path / "model")
    changed(tmp_path / "model", columns=columns)
    with pytest.raises(ModelError, match=complaint):
        MixtureLSTM.load(tmp_path / "model", SEVERAL)


@pytest.mark.parametrize(
    ("vectors", "complaint"),
    [
        (np.zeros(4), r"got shape \(4,\)"),
        (np.zeros((4, 4)), r"for each of 2 words, got shape \(4, 4\)"),
        (np.zeros((2, 0)), r"got shape \(2, 0\)"),
        (np.array([[0.0, 1.0], [0.0, np.nan]]), "1 are not, first that of word 1"),
        (np.array([[0.0, np.inf], [0.0, 1.0]]), "1 are not, first that of word 0"),
        (np.full((2, 3), np.nan), "2 are not, first that of word 0"),
    ],
)
def test_poses_that_are_no_rows_of_numbers_are_refused(vectors: NDArray[np.float32], complaint: str) -> None:
    with pytest.raises(ModelError, match=complaint):
        MixtureLSTM(SIZE, vectors, words_of(2))


def test_a_column_belongs_to_the_words_of_one_place() -> None:
    for shared in (np.zeros((3, 2)), np.array([[0.0, np.nan], [np.nan, 0.0], [np.nan, np.nan]])):
        with pytest.raises(ModelError, match="must be finite numbers in the columns of their place and NaN in the"):
            MixtureLSTM(SIZE, shared, words_of(1, 2))


@pytest.mark.parametrize(("components", "layers"), [(0, 1), (24, 0)])
def test_impossible_sizes_are_refused(components: int, layers: int) -> None:
    with pytest.raises(ModelError, match="got 0"):
        MixtureSize(layers, 8, 12, components=components)
