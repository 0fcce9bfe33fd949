"""How every kind of model treats a place whose part is unseen: read it, and neither score, learn nor generate it."""

import math
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from word_dances import (
    LAYOUTS,
    NETWORKS,
    SEVERAL,
    close,
    cyclic_dance,
    gpt2,
    layout_of,
    lstm,
    mean_poses,
    mixture,
    next_logits,
    random_dance,
    rows,
    seeded_generator,
    with_large_weights,
)

from models.baselines import BASELINES
from models.language_model import LanguageModel, TrainableLanguageModel, mean_loss
from models.mixture_lstm import MixtureLSTM, MixtureSize
from models.row_layout import RowLayout
from models.sampling import GenerationOptions, generate
from models.training import WEIGHT_DECAY, TrainingOptions, train
from pose_vocab.ids import GAP, Ids

UNSEEN = 1
"""The place that is never seen where training is tested."""
THREE = layout_of(4, 5, 3)


def built(name: str, layout: RowLayout) -> LanguageModel:
    if name in BASELINES:
        return BASELINES[name].fit([random_dance(layout, 60, seed=1, gaps=0.2)], layout)
    return with_large_weights(NETWORKS[name](layout, seed=3))


@pytest.fixture(scope="module", params=product([*NETWORKS, *BASELINES], LAYOUTS), ids=" of ".join)
def model(request: pytest.FixtureRequest) -> LanguageModel:
    name, layout = request.param
    return built(name, LAYOUTS[layout])


@pytest.fixture(scope="module", params=product(NETWORKS, LAYOUTS), ids=" of ".join)
def network(request: pytest.FixtureRequest) -> TrainableLanguageModel:
    name, layout = request.param
    return with_large_weights(NETWORKS[name](LAYOUTS[layout], seed=3))


@pytest.mark.parametrize("gaps", [0, 0.1, 0.5, 1])
def test_losses_are_nan_at_gaps_and_finite_at_words(model: LanguageModel, gaps: float) -> None:
    ids = random_dance(model.layout, 40, gaps=gaps)
    losses = model.losses(ids)
    assert losses.shape == ids.shape
    assert np.array_equal(np.isnan(losses), ids == GAP)
    assert (losses[ids != GAP] >= 0).all()


@settings(max_examples=15, deadline=None)
@given(at=st.integers(0, 29), seed=st.integers(0, 20))
def test_a_gap_does_not_change_the_losses_of_words_before_it(model: LanguageModel, at: int, seed: int) -> None:
    """Of the rows before and of the places before in its row; all other words keep a finite loss."""
    ids = random_dance(model.layout, 30, seed, gaps=0.2)
    place = seed % model.layout.places
    with_word, with_gap = ids.copy(), ids.copy()
    with_word[at, place], with_gap[at, place] = model.layout.starts[place], GAP
    n_before = at * model.layout.places + place
    losses, losses_with_gap = model.losses(with_word).reshape(-1), model.losses(with_gap).reshape(-1)
    np.testing.assert_allclose(losses_with_gap[:n_before], losses[:n_before], rtol=1e-4, atol=1e-4)
    assert np.isfinite(losses[n_before])
    assert np.isnan(losses_with_gap[n_before])
    assert np.array_equal(np.isnan(losses_with_gap[n_before + 1 :]), np.isnan(losses[n_before + 1 :]))


def test_the_word_under_a_gap_is_not_read(network: TrainableLanguageModel) -> None:
    """The next row is predicted otherwise than after any word in its place."""
    ids = random_dance(network.layout, 3)
    with_gap = ids.copy()
    with_gap[1, 0] = GAP
    logits = next_logits(network, with_gap)
    for word in range(network.layout.sizes[0]):
        ids[1, 0] = word
        assert not close(next_logits(network, ids), logits)


@pytest.mark.parametrize("build", [gpt2, lstm, mixture])
def test_a_gap_adds_nothing_to_what_is_read_of_a_row(build) -> None:
    """Each place adds its own part, and all of them without any is 0."""
    model = with_large_weights(build(SEVERAL))
    embed = model.words.embed if build is not mixture else model.embed
    with torch.inference_mode():
        whole = embed(torch.tensor([3, 4, 6]))
        parts = [embed(torch.tensor(ids)) for ids in ([3, GAP, GAP], [GAP, 4, GAP], [GAP, GAP, 6])]
        nothing = embed(torch.tensor([GAP, GAP, GAP]))
    assert close(sum(parts), whole)
    assert torch.count_nonzero(nothing) == 0
    assert torch.count_nonzero(parts[0]) and torch.count_nonzero(parts[2])


@settings(max_examples=10, deadline=None)
@given(
    pieces=st.lists(st.integers(1, 8), min_size=1, max_size=5), gaps=st.sampled_from([0.3, 1]), seed=st.integers(0, 9)
)
def test_rows_with_gaps_may_be_read_in_any_pieces(
    model: LanguageModel, pieces: list[int], gaps: float, seed: int
) -> None:
    """From the beginning of a dance, or from a row of gaps."""
    first = model.layout.bos_row if seed % 2 else model.layout.gap_row
    ids = np.concatenate([first[None], random_dance(model.layout, sum(pieces) - 1, seed, gaps)])
    reader = model.reader()
    for piece in np.split(ids, np.cumsum(pieces)[:-1]):
        reader.read(piece)
    prefix = np.array(model.layout.starts)
    for place in range(model.layout.places):
        assert close(reader.logits(prefix[:place]), next_logits(model, ids, prefix[:place]))


@pytest.mark.parametrize("n_prompt", [0, 1, 25])
def test_a_gap_is_never_generated(model: LanguageModel, n_prompt: int) -> None:
    """Neither after gaps nor at a high temperature."""
    for gaps in (0.5, 1):
        prompt = random_dance(model.layout, n_prompt, gaps=gaps)
        options = GenerationOptions(25, temperature=5, top_k=None, top_p=1)
        generated = generate(model, prompt, options, seeded_generator())
        assert generated.shape == (25, model.layout.places)
        assert (model.layout.check(generated) != GAP).all()


def windows_with_gaps(layout: RowLayout) -> Ids:
    """Return two windows: the end of a dance with gaps and the beginning of another; one with rows of gaps only."""
    first, second = random_dance(layout, 5, seed=1, gaps=0.3), random_dance(layout, 6, seed=2, gaps=0.5)
    second[2:4] = GAP
    begins = layout.bos_row[None]
    return np.stack([np.concatenate([first, begins, second[:4]]), np.concatenate([begins, second, first[:3]])])


@pytest.mark.parametrize("build", [gpt2, lstm])
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_the_training_loss_counts_what_is_seen(build, layout: RowLayout) -> None:
    """The mean nats of the words that are seen, one after another, times the places of a row; `bos` does not count."""
    model, windows = with_large_weights(build(layout)), windows_with_gaps(layout)
    with torch.inference_mode():
        hidden = model(torch.from_numpy(windows[:, :-1]))
        nats, n_rows, n_words = 0.0, 0, 0
        for window, i in product(range(2), range(9)):
            row = windows[window, i + 1]
            n_rows += int((row != layout.bos).any())
            for place, word in enumerate(row):
                if word not in (GAP, layout.bos):
                    logits = model.logits(hidden[window, i][None], torch.from_numpy(row[None, :place]))[0]
                    nats -= torch.log_softmax(logits, 0)[word - layout.starts[place]].item()
                    n_words += 1
        assert n_rows == 17
        assert model.loss(torch.from_numpy(windows)).item() == pytest.approx(nats / n_words * layout.places, rel=1e-5)


@pytest.mark.parametrize("build", [gpt2, lstm])
def test_the_training_loss_of_a_dance_is_that_of_its_losses(build) -> None:
    model, ids = with_large_weights(build(SEVERAL)), random_dance(SEVERAL, 9, gaps=0.4)
    window = torch.from_numpy(np.concatenate([SEVERAL.bos_row[None], ids]))[None]
    assert model.loss(window).item() == pytest.approx(np.nanmean(model.losses(ids)) * 3, rel=1e-4)


@pytest.mark.parametrize("name", NETWORKS)
def test_windows_of_gaps_only_have_no_loss_and_teach_nothing(name: str) -> None:
    model = with_large_weights(NETWORKS[name](SEVERAL))
    windows = torch.full((2, 6, 3), GAP)
    windows[1, 2] = SEVERAL.bos
    loss = model.loss(windows)
    assert loss.item() == pytest.approx(0, abs=1e-5)
    loss.backward()
    for parameter, weights in model.named_parameters():
        assert weights.grad is None or weights.grad.abs().max() < 1e-5, parameter


def of_unseen_place(model: TrainableLanguageModel, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return those of the tensors, or of their rows, that only the words of the place `UNSEEN` use."""
    words = model.layout.ids(UNSEEN)
    if "head.weight" in tensors:
        columns = np.flatnonzero(model._columns == UNSEEN)
        n_features, components = model.poses.shape[1], model.size.components
        first = components + np.arange(2 * components)[:, None] * n_features  # of each mean and each deviation
        at = torch.from_numpy((first + columns).reshape(-1))
        return {name: tensors[name][at] for name in ("head.weight", "head.bias")}
    found = {name: tensor for name, tensor in tensors.items() if name.startswith(f"words.places.mlps.{UNSEEN}.")}
    per_word = ("network.wte.weight", "words.embedding.weight", "words.bias", "words.places.said.weight")
    return found | {name: tensors[name][words] for name in per_word if name in tensors}


def never_seen(n_rows: int) -> Ids:
    ids = cyclic_dance(*THREE.sizes, n_rows=n_rows)
    ids[:, UNSEEN] = GAP
    return ids


@pytest.mark.parametrize("name", NETWORKS)
def test_a_place_that_is_never_seen_has_no_gradient(name: str) -> None:
    model = with_large_weights(NETWORKS[name](THREE))
    model.loss(torch.from_numpy(never_seen(10))[None]).backward()
    gradients = {name: weights.grad for name, weights in model.named_parameters()}
    unseen = of_unseen_place(model, gradients)
    assert len(unseen) >= 2
    assert all(torch.count_nonzero(gradient) == 0 for gradient in unseen.values())
    untouched = {name for name, gradient in gradients.items() if torch.count_nonzero(gradient) == 0}
    assert untouched <= {*unseen, "beginning"}  # of the windows none begins a dance


@pytest.mark.parametrize("name", NETWORKS)
def test_training_leaves_a_place_that_is_never_seen_as_it_was(name: str) -> None:
    """But for weight decay, which multiplies all weights alike at each step."""
    model = with_large_weights(NETWORKS[name](THREE))
    before = {name: weights.detach().clone() for name, weights in model.named_parameters()}
    options = TrainingOptions(steps=4, batch_size=4, learning_rate=1e-2, check_every=1)
    report = train(model, [never_seen(20)], options)
    decay = math.prod(1 - check.learning_rate * WEIGHT_DECAY for check in report.history)
    after = dict(model.named_parameters())
    unseen_before, unseen_after = of_unseen_place(model, before), of_unseen_place(model, after)
    for each, weights in unseen_after.items():
        assert torch.allclose(weights, decay * unseen_before[each], rtol=1e-5, atol=0), each
    learned = [each for each in after if not torch.allclose(after[each], decay * before[each], rtol=1e-3)]
    assert {*after} - {*learned} <= {*unseen_after}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_cycle_is_learned_from_dances_with_gaps(name: str) -> None:
    """A third of the words is unseen, at each place other ones."""
    cycle = cyclic_dance(4, 3, n_rows=240)
    holes = random_dance(layout_of(4, 3), 240, gaps=0.33) == GAP
    layout = layout_of(4, 3)
    wide = MixtureLSTM(MixtureSize(1, 32, 12, components=4), mean_poses(layout, 30), layout)
    model = wide if name == "mixture" else NETWORKS[name](layout)
    train(model, [np.where(holes, GAP, cycle)], TrainingOptions(steps=150, batch_size=8, learning_rate=1e-2))
    assert mean_loss(model, [cycle]) < 0.35 < math.log(3)
    generated = generate(model, cycle[:8], GenerationOptions(12, temperature=0), seeded_generator())
    assert generated.tolist() == cycle[8:20].tolist()


def test_the_mean_loss_leaves_gaps_out_of_the_count() -> None:
    """A unigram of equally frequent words: each word costs log 2, however many gaps stand between."""
    model = BASELINES["unigram"].fit([rows([0, 2], [1, 3])], layout_of(2, 2))
    assert mean_loss(model, [rows([0, GAP], [GAP, GAP], [1, 2]), rows([GAP, GAP])]) == pytest.approx(math.log(2))
