import math
import time

import numpy as np
import pytest
import torch
from word_dances import column, cyclic_dance, layout_of, next_logits, rows, same_weights, seeded_generator

from bopbot.metrics.copying import longest_common_run
from models.gpt2 import GPT2, GPT2Size
from models.language_model import mean_loss
from models.presets import PRESETS
from models.sampling import GenerationOptions, generate
from models.training import TrainingOptions, train
from models.training_log import Check
from models.training_windows import TrainingWindows
from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP, Ids

TINY = GPT2Size(layers=1, heads=2, width=16, context_length=8, dropout=0.1)
SMALL = GPT2Size(layers=2, heads=4, width=64, context_length=32, dropout=0.2)
CYCLE = cyclic_dance(5)


def wandering_dance(n_words: int, n_rows: int, seed: int) -> Ids:
    """Return a random dance: words are held for a while, and up to three others may follow each."""
    chance = np.random.default_rng(seed)
    successors = np.random.default_rng(0).integers(0, n_words, (n_words, 3))
    words = [0]
    while len(words) < n_rows:
        words.append(words[-1] if chance.random() < 0.55 else successors[words[-1], chance.integers(3)])
    return column(*words)


def test_a_cycle_is_learned_and_continued() -> None:
    model = GPT2(GPT2Size(1, 2, 32, 8, dropout=0), layout_of(5))
    report = train(model, [CYCLE], TrainingOptions(steps=150, batch_size=8, learning_rate=1e-2))
    assert report.train_loss < 0.05  # nats; guessing costs log 5 = 1.6
    continued = generate(model, column(3, 4, 0), GenerationOptions(20), seeded_generator())
    assert continued[:, 0].tolist() == [(1 + i) % 5 for i in range(20)]


def test_how_a_dance_begins_is_learned() -> None:
    model = GPT2(GPT2Size(1, 2, 32, 8, dropout=0), layout_of(6))
    begins_with_five = column(5, *[2, 3] * 4)
    train(model, [begins_with_five], TrainingOptions(steps=100, batch_size=8, learning_rate=1e-2))
    generated = generate(model, column(), GenerationOptions(3), seeded_generator())
    assert generated[:, 0].tolist() == [5, 2, 3]


def test_after_its_last_pose_a_dance_begins_again() -> None:
    """The dance begins with word 7, and ends with word 10, which stands nowhere else and is held for 12 rows."""
    ends_still = column(7, 7, *np.tile(np.repeat(np.arange(10), 2), 5), *[10] * 12)
    model = GPT2(SMALL, layout_of(11))
    train(model, [ends_still], TrainingOptions(steps=150, learning_rate=2e-3))
    probabilities = torch.softmax(next_logits(model, ends_still)[:10], 0)  # any but the held one
    assert probabilities[7] > 0.5


def test_the_same_seed_learns_the_same_weights_bit_for_bit_and_leaves_other_randomness_alone() -> None:
    learned = []
    for seed, stray in ((1, 10), (1, 20), (2, 30)):
        torch.manual_seed(stray)
        before = torch.get_rng_state()
        model = GPT2(TINY, layout_of(5))
        train(model, [CYCLE], TrainingOptions(steps=5, batch_size=4, seed=seed))
        assert torch.equal(torch.get_rng_state(), before)
        learned.append(model)
    assert same_weights(*learned[:2])
    assert not same_weights(*learned[1:])


def test_training_continues_from_the_current_weights() -> None:
    model = GPT2(TINY, layout_of(5))
    first = train(model, [CYCLE], TrainingOptions(steps=60, learning_rate=1e-2))
    second = train(model, [CYCLE], TrainingOptions(steps=10, learning_rate=1e-3))
    assert second.train_loss < first.train_loss < math.log(5)


def test_after_training_dropout_is_off() -> None:
    model = GPT2(TINY, layout_of(5))
    train(model, [CYCLE], TrainingOptions(steps=2))
    assert not model.training

    def stop(done: int, _: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        train(model, [CYCLE], TrainingOptions(steps=2), progress=stop)
    assert not model.training


def test_progress_is_called_after_each_step() -> None:
    calls: list[tuple[int, int]] = []
    train(
        GPT2(TINY, layout_of(5)),
        [CYCLE],
        TrainingOptions(steps=3),
        progress=lambda done, all_: calls.append((done, all_)),
    )
    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_the_weights_that_predict_held_out_dances_best_are_kept() -> None:
    """The held-out cycle runs backwards: the longer the model learns the forward one, the worse it predicts that."""
    model = GPT2(TINY, layout_of(5))
    backwards = [CYCLE[::-1].copy()]
    report = train(model, [CYCLE], TrainingOptions(steps=100, learning_rate=1e-2), held_out=backwards)
    assert report.kept_step == 10
    assert report.held_out_loss == pytest.approx(mean_loss(model, backwards), abs=1e-5)
    assert report.perplexity == pytest.approx(math.exp(mean_loss(model, backwards)), rel=1e-4)


def test_a_training_ends_after_patience_checks_without_improvement() -> None:
    model = GPT2(TINY, layout_of(5))
    backwards = [CYCLE[::-1].copy()]
    options = TrainingOptions(steps=100, learning_rate=1e-2, check_every=10, patience=3)
    report = train(model, [CYCLE], options, held_out=backwards)
    assert [check.step for check in report.history] == [10, 20, 30, 40]
    assert (report.steps, report.kept_step) == (40, 10)
    assert report.held_out_loss == pytest.approx(mean_loss(model, backwards), abs=1e-5)


def test_a_training_that_improves_is_not_ended() -> None:
    options = TrainingOptions(steps=30, learning_rate=1e-2, check_every=10, patience=1)
    assert train(GPT2(TINY, layout_of(5)), [CYCLE], options, held_out=[CYCLE]).steps == 30


def test_without_held_out_dances_patience_never_ends_a_training() -> None:
    assert train(GPT2(TINY, layout_of(5)), [CYCLE], TrainingOptions(steps=4, check_every=1, patience=1)).steps == 4


@pytest.mark.parametrize(
    ("steps", "check_every", "at"),
    [(10, 4, [4, 8, 10]), (8, 4, [4, 8]), (3, 4, [3]), (3, None, [1, 2, 3]), (25, None, [*range(2, 25, 2), 25])],
)
def test_a_training_is_checked_regularly_and_at_its_end(steps: int, check_every: int | None, at: list[int]) -> None:
    checks: list[Check] = []
    options = TrainingOptions(steps, 2, check_every=check_every)
    report = train(GPT2(TINY, layout_of(5)), [CYCLE], options, watch=checks.append)
    assert [check.step for check in checks] == at
    assert report.history == tuple(checks)


def test_a_check_holds_the_mean_loss_since_the_one_before() -> None:
    every_step, every_fifth = (
        train(GPT2(TINY, layout_of(5)), [CYCLE], TrainingOptions(steps=10, check_every=check_every)).history
        for check_every in (1, 5)
    )
    means = np.reshape([check.train_loss for check in every_step], (2, 5)).mean(axis=1)
    assert [check.train_loss for check in every_fifth] == pytest.approx(means, abs=1e-5)


def test_the_learning_rate_rises_and_then_falls_along_a_cosine() -> None:
    history = train(GPT2(TINY, layout_of(5)), [CYCLE], TrainingOptions(42, 1, 1.0e-3, check_every=1)).history
    rates = np.array([check.learning_rate for check in history]) * 1e3
    assert rates[:4] == pytest.approx([1 / 3, 2 / 3, 1, 1])  # the first twentieth, 3 steps, warms up
    assert (np.diff(rates[3:]) < 0).all()
    cosine = np.cos(np.pi * 13 / 39)  # a third of the way down, which is a half
    assert rates[16] == pytest.approx(0.1 + 0.9 * (1 + cosine) / 2)
    assert rates[-1] == pytest.approx(0.1, abs=0.01)


def test_long_gradients_are_cut() -> None:
    model = GPT2(TINY, layout_of(5))
    with torch.no_grad():
        for tensor in model.parameters():
            tensor.mul_(10)
    train(model, [CYCLE], TrainingOptions(steps=1))
    gradient = torch.cat([tensor.grad.flatten() for tensor in model.parameters() if tensor.grad is not None])
    assert gradient.norm().item() == pytest.approx(1, rel=1e-3)


def test_the_reported_speed_is_that_of_the_words_read() -> None:
    """2 windows of 8 rows of 2 words a step, a nap after each: two before the check at step 3, one before the last."""
    options = TrainingOptions(4, 2, check_every=3)
    model = GPT2(TINY, layout_of(5, 3))
    report = train(model, [cyclic_dance(5, 3)], options, progress=lambda *_: time.sleep(0.05))
    first, last = report.history
    assert 0.1 < 96 / first.words_per_second <= first.seconds
    assert 0.05 < 32 / last.words_per_second <= last.seconds - first.seconds
    assert report.seconds == last.seconds


def test_windows_are_cut_anywhere_from_a_ring_in_which_each_dance_lies_twice() -> None:
    """Of a dance of two rows, and one of one row with a gap."""
    ring = TrainingWindows([rows([0, 4], [1, 4]), rows([2, GAP])], layout_of(3, 2), torch.device("cpu"))
    windows = ring.windows(200, 10, np.random.default_rng(0))
    assert windows.shape == (200, 10, 2)
    ring_rows = [[5, 5], [0, 4], [1, 4], [0, 4], [1, 4], [5, 5], [2, GAP], [2, GAP]]
    possible = [np.roll(ring_rows * 2, -start, axis=0)[:10].tolist() for start in range(8)]
    assert all(window in possible for window in windows.tolist())
    assert all(window in windows.tolist() for window in possible)


def test_without_held_out_dances_the_last_weights_are_kept() -> None:
    report = train(GPT2(TINY, layout_of(5)), [CYCLE], TrainingOptions(steps=7))
    assert (report.kept_step, report.held_out_loss, report.perplexity) == (7, None, None)


@pytest.mark.parametrize("dances", [[], [column()], [column(GAP, GAP)]], ids=["no dance", "no row", "gaps only"])
def test_dances_without_words_are_rejected(dances: list[Ids]) -> None:
    model = GPT2(TINY, layout_of(5))
    with pytest.raises(ModelError, match="no words"):
        train(model, dances, TrainingOptions(steps=1))
    if dances:
        with pytest.raises(ModelError, match="no words"):
            train(model, [CYCLE], TrainingOptions(steps=1), held_out=dances)
    assert same_weights(model, GPT2(TINY, layout_of(5)))


def test_a_single_word_can_be_learned_from() -> None:
    assert math.isfinite(train(GPT2(TINY, layout_of(5)), [column(2)], TrainingOptions(steps=2)).train_loss)


@pytest.mark.parametrize("held_out", [False, True])
def test_words_that_the_model_does_not_know_are_rejected_before_learning(held_out: bool) -> None:
    model = GPT2(TINY, layout_of(4))
    known = [column(0, 1, 2, 3)]
    with pytest.raises(ModelError, match="holds words 0 to 4, the model knows 0 to 3"):
        train(model, known if held_out else [CYCLE], TrainingOptions(steps=1), held_out=[CYCLE] if held_out else known)
    assert same_weights(model, GPT2(TINY, layout_of(4)))


def test_a_training_that_diverges_is_reported() -> None:
    with pytest.raises(ModelError, match="diverged at a learning rate"):
        train(GPT2(TINY, layout_of(5)), [CYCLE], TrainingOptions(steps=40, learning_rate=1e30))


@pytest.mark.parametrize(
    "options",
    [(0,), (1, 0), (1, 1, 0.0), (1, 1, float("nan")), (1, 1, 1.0, -1), (1, 1, 1.0, 0, 0), (1, 1, 1.0, 0, None, 0)],
)
def test_impossible_options_are_rejected(options: tuple[int, ...]) -> None:
    with pytest.raises(ModelError):
        TrainingOptions(*options)


def test_the_starter_preset_learns() -> None:
    preset = PRESETS["starter"]
    report = train(GPT2(preset.gpt2, layout_of(5)), [CYCLE], TrainingOptions(2, 2, preset.training.learning_rate))
    assert report.train_loss < 2 * math.log(5)


@pytest.mark.slow
def test_one_dance_is_recombined_and_neither_frozen_nor_copied() -> None:
    dance = wandering_dance(80, 400, seed=1)
    model = GPT2(SMALL, layout_of(80))
    train(model, [dance], TrainingOptions(steps=300, learning_rate=2e-3))
    new = generate(model, dance[-100:], GenerationOptions(300, max_hold=20), seeded_generator())
    repeats, repeats_before = (np.mean(ids[1:] == ids[:-1]) for ids in (new, dance))
    assert repeats == pytest.approx(repeats_before, abs=0.15)
    assert len(set(new[:, 0].tolist())) >= 25
    assert longest_common_run(new, dance) < 100


def test_a_window_is_as_long_as_asked_for_but_within_the_context() -> None:
    model = GPT2(TINY, layout_of(5))
    assert [TrainingOptions(1, window=window).window_of(model) for window in (None, 3, 100)] == [8, 3, 8]
    shapes: list[torch.Size] = []

    class RecordingGPT2(GPT2):
        def loss(self, windows: torch.Tensor) -> torch.Tensor:
            shapes.append(windows.shape)
            return super().loss(windows)

    train(RecordingGPT2(TINY, layout_of(5, 3)), [cyclic_dance(5, 3)], TrainingOptions(steps=1, batch_size=2, window=3))
    assert shapes == [(2, 3 + 1, 2)]
    with pytest.raises(ModelError, match="window must be 1 or more rows"):
        TrainingOptions(1, window=0)
