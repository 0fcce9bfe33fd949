import math
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal
from word_dances import (
    LAYOUTS,
    N_FEATURES,
    ONE,
    SEVERAL,
    change_config,
    close,
    column,
    cyclic_dance,
    layout_of,
    mean_poses,
    mixture,
    next_logits,
    random_dance,
    seeded_generator,
    with_large_weights,
)

from models import mixture_lstm as module
from models.mixture_lstm import MIN_DEVIATION, MixtureLSTM, MixtureSize
from models.row_layout import RowLayout
from models.sampling import GenerationOptions, generate
from models.training import TrainingOptions, train
from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP

SIZE = MixtureSize(layers=2, width=16, context_length=12, components=3)
every_layout = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)


def density_of(model: MixtureLSTM, hidden: torch.Tensor, columns: torch.Tensor) -> MixtureSameFamily:
    """Return torch's own mixture of the head's numbers, over some of the columns of a pose."""
    n_features = model.poses.shape[1]
    shares, means, deviations = torch.split(model.head(hidden), [3, 3 * n_features, 3 * n_features], dim=-1)
    gaussians = Normal(
        means.unflatten(-1, (3, n_features))[..., columns],
        MIN_DEVIATION + torch.nn.functional.softplus(deviations.unflatten(-1, (3, n_features)))[..., columns],
    )
    return MixtureSameFamily(Categorical(logits=shares), Independent(gaussians, 1))


def columns_of(model: MixtureLSTM, *words: int) -> torch.Tensor:
    """Return which columns the words have in the mean poses of `word_dances.mixture`; a gap has none."""
    seen = [word for word in words if word != GAP]
    return torch.from_numpy(np.isfinite(mean_poses(model.layout)[seen]).any(axis=0))


def joint_pose(model: MixtureLSTM, *words: int) -> torch.Tensor:
    """Return the standardized pose of the words of a row, in the columns that they have."""
    return model.poses[[word for word in words if word != GAP]].sum(0)[columns_of(model, *words)]


def test_the_density_of_a_single_gaussian_follows_by_hand() -> None:
    """With all weights of the head at 0 but a bias: mean (1, -1), both deviations the least one plus log 2."""
    model = MixtureLSTM(
        MixtureSize(1, 4, 8, components=1), np.array([[1, 0], [-1, 0], [0, 3]], np.float32), layout_of(3)
    )
    with torch.no_grad():
        model.head.weight.zero_()
        model.head.bias[:] = torch.tensor([7.0, 1.0, -1.0, 0.0, 0.0])
    deviation = MIN_DEVIATION + math.log(2)
    poses = np.array([[1, 0], [-1, 0], [0, 3]]) - [0, 1]
    poses = poses / [math.sqrt(2 / 3), math.sqrt(2)]
    expected = -((poses - [1, -1]) ** 2).sum(axis=1) / (2 * deviation**2) - math.log(2 * math.pi * deviation**2)
    np.testing.assert_allclose(next_logits(model, column(2)), expected, rtol=1e-5)


@every_layout
@pytest.mark.parametrize("at_once", [1, 4, 1000])
@pytest.mark.parametrize("gaps", [0, 0.5])
def test_logits_are_the_log_densities_of_torch(
    layout: RowLayout, at_once: int, gaps: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each word with the words before it in the row that are seen: p(word | words before) but for a factor."""
    monkeypatch.setattr(module, "MIXTURES_AT_ONCE", at_once)
    model = with_large_weights(mixture(layout))
    hidden = torch.randn(6, SIZE.width, generator=seeded_generator())
    dance = torch.from_numpy(random_dance(layout, 6, gaps=gaps))
    for place in range(layout.places):
        logits = model.logits(hidden, dance[:, :place])
        assert logits.shape == (6, layout.sizes[place])
        for i, word in product(range(6), range(layout.n_words)[layout.ids(place)]):
            together = [*dance[i, :place].tolist(), word]
            density = density_of(model, hidden[i], columns_of(model, *together))
            expected = density.log_prob(joint_pose(model, *together))
            assert close(logits[i, word - layout.starts[place]], expected)


def test_the_first_word_of_a_row_decides_between_two_gaussians() -> None:
    """Two Gaussians far apart, one at the poses of words 0 and 2, one at those of 1 and 3, equally likely."""
    vectors = np.float32([[-1, np.nan], [1, np.nan], [np.nan, -1], [np.nan, 1]])
    model = MixtureLSTM(MixtureSize(1, 4, 8, components=2), vectors, layout_of(2, 2))
    with torch.no_grad():
        model.head.weight.zero_()
        model.head.bias[:] = torch.tensor([0.0, 0, -9, -9, 9, 9, -99, -99, -99, -99])
    begins = model.layout.bos_row[None]
    np.testing.assert_allclose(torch.softmax(next_logits(model, begins), 0), [0.5, 0.5, 0, 0], atol=1e-5)
    near, far = 8 * 8 / 2, 10 * 10 / 2  # both words from the one Gaussian; else from either, one near and one far
    logits = next_logits(model, begins, (0,))
    assert logits[2] - logits[3] == pytest.approx(-2 * near - (-near - far + math.log(2)), rel=1e-5)


@every_layout
@pytest.mark.parametrize("gaps", [0, 0.5])
def test_the_loss_is_the_mean_negative_log_density_of_the_next_poses(layout: RowLayout, gaps: float) -> None:
    """It is the density itself, of what is seen, not the share of the words; `bos` is not predicted."""
    model = with_large_weights(mixture(layout))
    first, second = (random_dance(layout, 3, seed, gaps) for seed in (0, 1))
    dance = np.concatenate([first, layout.bos_row[None], second])
    windows = torch.from_numpy(dance)[None]
    hidden = model(windows[:, :-1])[0]
    expected = [
        -density_of(model, hidden[t], columns_of(model, *dance[t + 1])).log_prob(joint_pose(model, *dance[t + 1]))
        for t in (0, 1, 3, 4, 5)
    ]
    assert model.loss(windows).item() == pytest.approx(torch.stack(expected).mean().item(), rel=1e-5)


def test_columns_are_standardized_and_those_that_stand_still_are_left_narrow() -> None:
    vectors = mean_poses(layout_of(50), 3) * [1, 100, 0] + [5, -300, 0.1]
    vectors[:, 2] += 1e-6 * mean_poses(layout_of(50), 1, seed=1)[:, 0]  # noise
    standardized = MixtureLSTM(SIZE, vectors.astype(np.float32), layout_of(50)).poses.numpy()
    np.testing.assert_allclose(standardized.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(standardized.std(axis=0)[:2], 1, rtol=1e-4)
    assert abs(standardized[:, 2]).max() < 1e-5


def test_columns_are_standardized_over_the_words_of_their_place() -> None:
    layout = layout_of(30, 20)
    vectors = 3 + 5 * mean_poses(layout)
    model = MixtureLSTM(SIZE, vectors, layout)
    own = np.isfinite(vectors)
    assert (model.poses.numpy()[~own] == 0).all()
    for i in range(2 * N_FEATURES):
        numbers = model.poses.numpy()[own[:, i], i]
        assert (numbers.mean(), numbers.std()) == (pytest.approx(0, abs=1e-5), pytest.approx(1, rel=1e-4))


@every_layout
def test_the_unit_of_a_column_does_not_matter(layout: RowLayout) -> None:
    metres = mean_poses(layout)
    scaled = metres * np.float32(2) ** np.arange(metres.shape[1]) + np.arange(metres.shape[1])
    ours, theirs = (MixtureLSTM(SIZE, vectors.astype(np.float32), layout) for vectors in (metres, scaled))
    assert close(*(next_logits(model, random_dance(layout, 9, gaps=0.2)) for model in (ours, theirs)))


def test_only_the_mean_pose_of_a_word_matters() -> None:
    """With renumbered words the same dance has the same logits."""
    order = np.random.default_rng(0).permutation(ONE.n_words)
    ours, renumbered = (MixtureLSTM(SIZE, vectors, ONE) for vectors in (mean_poses(ONE), mean_poses(ONE)[order]))
    ids = random_dance(ONE, 9)
    assert close(next_logits(ours, order[ids])[order], next_logits(renumbered, ids))


def test_how_a_dance_begins_is_learned() -> None:
    model = MixtureLSTM(MixtureSize(1, 32, 8, 0, components=4), mean_poses(layout_of(6), 30), layout_of(6))
    begins_with_five = column(5, *[2, 3] * 4)
    untrained = model.beginning.clone()
    train(model, [begins_with_five], TrainingOptions(steps=200, batch_size=8, learning_rate=1e-2))
    greedy = GenerationOptions(3, temperature=0)
    assert generate(model, column(), greedy, seeded_generator())[:, 0].tolist() == [5, 2, 3]
    assert not torch.equal(untrained, model.beginning.cpu())


def test_a_cycle_is_learned_and_continued() -> None:
    model = MixtureLSTM(MixtureSize(1, 32, 8, 0, components=4), mean_poses(layout_of(5), 30), layout_of(5))
    first = model.loss(torch.from_numpy(cyclic_dance(5, n_rows=9))[None]).item()
    report = train(model, [cyclic_dance(5)], TrainingOptions(steps=150, batch_size=8, learning_rate=1e-2))
    floor = 30 * math.log(
        MIN_DEVIATION * math.sqrt(2 * math.pi)
    )  # every row predicted by a Gaussian of the least width
    assert floor - 1e-3 <= report.train_loss < floor + 1 < first
    continued = generate(model, column(3, 4, 0), GenerationOptions(20), seeded_generator())
    assert continued[:, 0].tolist() == [(1 + i) % 5 for i in range(20)]
    assert model.losses(cyclic_dance(5))[2:].mean() < 0.2


def test_two_ways_on_are_two_gaussians_and_nothing_between_them() -> None:
    """After word 1, half way between 0 and 2, comes 0 or 2 at random: one Gaussian would predict 1."""
    chance = np.random.default_rng(0)
    ids = column(*np.concatenate([[1, way] for way in chance.choice([0, 2], 80)]))
    line = np.repeat(np.float32([[-1], [0], [1]]), 8, axis=1)
    model = MixtureLSTM(MixtureSize(1, 32, 8, 0, components=4), line, layout_of(3))
    train(model, [ids], TrainingOptions(steps=150, batch_size=8, learning_rate=1e-2))
    shares = torch.softmax(next_logits(model, column(1, 0, 1)), 0)
    np.testing.assert_allclose(shares, [0.5, 0, 0.5], atol=0.2)
    assert shares[1] < 0.05


def test_the_places_of_columns_are_saved(tmp_path: Path) -> None:
    """In any order."""
    model = with_large_weights(mixture(SEVERAL))
    model.save(tmp_path / "model")
    loaded = MixtureLSTM.load(tmp_path / "model", SEVERAL)
    assert torch.equal(loaded.poses, model.poses)
    begins = SEVERAL.bos_row[None]
    assert torch.equal(next_logits(model, begins, (3, 4)), next_logits(loaded, begins, (3, 4)))


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        ([], "mean poses are rows of numbers"),
        ([0, 1, 2], "belongs to another model"),
        ([7] * 12, "mean poses must be finite numbers in the columns of their place"),
        ("many", "has no valid size"),
    ],
)
def test_a_model_with_damaged_columns_is_rejected(columns: object, complaint: str, tmp_path: Path) -> None:
    mixture(SEVERAL).save(tmp_path / "model")
    change_config(tmp_path / "model", columns=columns)
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
def test_mean_poses_that_are_no_rows_of_numbers_are_rejected(vectors: NDArray[np.float32], complaint: str) -> None:
    with pytest.raises(ModelError, match=complaint):
        MixtureLSTM(SIZE, vectors, layout_of(2))


def test_a_column_belongs_to_the_words_of_one_place() -> None:
    for shared in (np.zeros((3, 2)), np.array([[0.0, np.nan], [np.nan, 0.0], [np.nan, np.nan]])):
        with pytest.raises(ModelError, match="must be finite numbers in the columns of their place and NaN in the"):
            MixtureLSTM(SIZE, shared, layout_of(1, 2))


@pytest.mark.parametrize(("components", "layers"), [(0, 1), (24, 0)])
def test_impossible_sizes_are_rejected(components: int, layers: int) -> None:
    with pytest.raises(ModelError, match="got 0"):
        MixtureSize(layers, 8, 12, components=components)
