import math
import time

import numpy as np
import pytest
import torch
from dances import cycle, ids, same_weights, seeded, words_of
from numpy.typing import NDArray

from bopbot.metrics.copying import longest_common_run
from models.gpt2 import GPT2, GPT2Size
from models.language_model import mean_loss
from models.presets import PRESETS
from models.sampling import GenerationOptions, generate
from models.training import TrainingOptions, train
from models.training_log import Check
from models.training_windows import TrainingWindows
from pose_vocab.errors import ModelError

TINY = GPT2Size(layers=1, heads=2, width=16, context_length=8, dropout=0.1)
SMALL = GPT2Size(layers=2, heads=4, width=64, context_length=32, dropout=0.2)
CYCLE = cycle(5)


def wandering(n_words: int, n: int, seed: int) -> NDArray[np.int64]:
    """A made-up dance: words are held for a while, and two or three others may follow each."""
    chance = np.random.default_rng(seed)
    successors = np.random.default_rng(0).integers(0, n_words, (n_words, 3))
    ids = [0]
    while len(ids) < n:
        ids.append(ids[-1] if chance.random() < 0.55 else successors[ids[-1], chance.integers(3)])
    return np.array(ids)


def test_a_cycle_is_learned_and_danced_on() -> None:
    model = GPT2(GPT2Size(1, 2, 32, 8, dropout=0), words_of(5))
    report = train(model, [CYCLE], TrainingOptions(steps=150, batch_size=8, learning_rate=1e-2))
    assert report.train_loss < 0.05  # nats; guessing costs log 5 = 1.6
    continued = generate(model, ids(3, 4, 0), GenerationOptions(20), seeded())
    assert continued.tolist() == [(1 + i) % 5 for i in range(20)]


def test_how_a_dance_begins_is_learned() -> None:
    model = GPT2(GPT2Size(1, 2, 32, 8, dropout=0), words_of(6))
    begins_with_five = np.concatenate([[5], np.tile([2, 3], 4)])
    train(model, [begins_with_five], TrainingOptions(steps=100, batch_size=8, learning_rate=1e-2))
    assert generate(model, ids(), GenerationOptions(3), seeded()).tolist() == [5, 2, 3]


def test_after_its_last_pose_a_dance_begins_again() -> None:
    """The dance begins on pose 7, and ends on pose 10, which comes nowhere else and is held for 12 words."""
    ends_still = np.concatenate([[7, 7], np.tile(np.repeat(np.arange(10), 2), 5), np.full(12, 10)])
    model = GPT2(SMALL, words_of(11))
    train(model, [ends_still], TrainingOptions(steps=150, learning_rate=2e-3))
    next_pose = torch.softmax(model.reader().read(ends_still)[:10], 0)  # any but the held one
    assert next_pose[7] > 0.5


def test_the_same_seed_learns_the_same_weights_bit_for_bit_and_leaves_other_chance_alone() -> None:
    learned = []
    for seed, stray in ((1, 10), (1, 20), (2, 30)):
        torch.manual_seed(stray)
        before = torch.get_rng_state()
        model = GPT2(TINY, words_of(5))
        train(model, [CYCLE], TrainingOptions(steps=5, batch_size=4, seed=seed))
        assert torch.equal(torch.get_rng_state(), before)
        learned.append(model)
    assert same_weights(*learned[:2])
    assert not same_weights(*learned[1:])


def test_training_goes_on_from_the_weights_it_is_given() -> None:
    model = GPT2(TINY, words_of(5))
    first = train(model, [CYCLE], TrainingOptions(steps=60, learning_rate=1e-2))
    second = train(model, [CYCLE], TrainingOptions(steps=10, learning_rate=1e-3))
    assert second.train_loss < first.train_loss < math.log(5)


def test_after_training_dropout_is_off() -> None:
    model = GPT2(TINY, words_of(5))
    train(model, [CYCLE], TrainingOptions(steps=2))
    assert not model.training

    def stop(done: int, _: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        train(model, [CYCLE], TrainingOptions(steps=2), progress=stop)
    assert not model.training


def test_progress_is_told_after_each_step() -> None:
    told: list[tuple[int, int]] = []
    train(
        GPT2(TINY, words_of(5)),
        [CYCLE],
        TrainingOptions(steps=3),
        progress=lambda done, all_: told.append((done, all_)),
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_the_weights_that_foresee_held_out_dances_best_are_kept() -> None:
    """The held-out cycle runs backwards: the longer the model learns the forward one, the worse it foresees that."""
    model = GPT2(TINY, words_of(5))
    backwards = [CYCLE[::-1].copy()]
    report = train(model, [CYCLE], TrainingOptions(steps=100, learning_rate=1e-2), held_out=backwards)
    assert report.kept_step == 10
    assert report.held_out_loss == pytest.approx(mean_loss(model, backwards), abs=1e-5)
    assert report.perplexity == pytest.approx(math.exp(mean_loss(model, backwards)), rel=1e-4)


def test_a_training_ends_when_patience_is_over() -> None:
    model = GPT2(TINY, words_of(5))
    backwards = [CYCLE[::-1].copy()]
    options = TrainingOptions(steps=100, learning_rate=1e-2, check_every=10, patience=3)
    report = train(model, [CYCLE], options, held_out=backwards)
    assert [check.step for check in report.history] == [10, 20, 30, 40]
    assert (report.steps, report.kept_step) == (40, 10)
    assert report.held_out_loss == pytest.approx(mean_loss(model, backwards), abs=1e-5)


def test_a_training_that_gets_better_is_not_ended() -> None:
    options = TrainingOptions(steps=30, learning_rate=1e-2, check_every=10, patience=1)
    assert train(GPT2(TINY, words_of(5)), [CYCLE], options, held_out=[CYCLE]).steps == 30


def test_without_held_out_dances_patience_never_ends_a_training() -> None:
    assert train(GPT2(TINY, words_of(5)), [CYCLE], TrainingOptions(steps=4, check_every=1, patience=1)).steps == 4


@pytest.mark.parametrize(
    ("steps", "check_every", "at"),
    [(10, 4, [4, 8, 10]), (8, 4, [4, 8]), (3, 4, [3]), (3, None, [1, 2, 3]), (25, None, [*range(2, 25, 2), 25])],
)
def test_a_training_is_checked_now_and_then_and_at_its_end(steps: int, check_every: int | None, at: list[int]) -> None:
    watched: list[Check] = []
    options = TrainingOptions(steps, 2, check_every=check_every)
    report = train(GPT2(TINY, words_of(5)), [CYCLE], options, watch=watched.append)
    assert [check.step for check in watched] == at
    assert report.history == tuple(watched)


def test_a_check_tells_the_mean_loss_since_the_one_before() -> None:
    every_step, every_fifth = (
        train(GPT2(TINY, words_of(5)), [CYCLE], TrainingOptions(steps=10, check_every=check_every)).history
        for check_every in (1, 5)
    )
    means = np.reshape([check.train_loss for check in every_step], (2, 5)).mean(axis=1)
    assert [check.train_loss for check in every_fifth] == pytest.approx(means, abs=1e-5)


def test_the_learning_rate_rises_and_then_falls_along_a_cosine() -> None:
    history = train(GPT2(TINY, words_of(5)), [CYCLE], TrainingOptions(42, 1, 1.0e-3, check_every=1)).history
    rates = np.array([check.learning_rate for check in history]) * 1e3
    assert rates[:4] == pytest.approx([1 / 3, 2 / 3, 1, 1])  # the first twentieth, 3 steps, warms up
    assert (np.diff(rates[3:]) < 0).all()
    cosine = np.cos(np.pi * 13 / 39)  # a third of the way down, which is a half
    assert rates[16] == pytest.approx(0.1 + 0.9 * (1 + cosine) / 2)
    assert rates[-1] == pytest.approx(0.1, abs=0.01)


def test_long_gradients_are_cut() -> None:
    model = GPT2(TINY, words_of(5))
    with torch.no_grad():
        for tensor in model.parameters():
            tensor.mul_(10)
    train(model, [CYCLE], TrainingOptions(steps=1))
    gradient = torch.cat([tensor.grad.flatten() for tensor in model.parameters() if tensor.grad is not None])
    assert gradient.norm().item() == pytest.approx(1, rel=1e-3)


def test_the_speed_told_is_that_of_the_words_read() -> None:
    """2 windows of 8 rows of 2 words a step, a nap after each: two before the check at step 3, one before the last."""
    options = TrainingOptions(4, 2, check_every=3)
    model = GPT2(TINY, words_of(5, 3))
    report = train(model, [cycle(5, 3)], options, progress=lambda *_: time.sleep(0.05))
    first, last = report.history
    assert 0.1 < 96 / first.words_per_second <= first.seconds
    assert 0.05 < 32 / last.words_per_second <= last.seconds - first.seconds
    assert report.seconds == last.seconds


def test_windows_are_cut_anywhere_from_a_ring_in_which_each_dance_lies_twice() -> None:
    """Of whole rows: a dance of two rows, and one of one."""
    ring = TrainingWindows([ids(0, 4, 1, 4), ids(2, 3)], words_of(3, 2), torch.device("cpu"))
    windows = ring.windows(200, 10, np.random.default_rng(0))
    assert windows.shape == (200, 10, 2)
    lying = [[5, 5], [0, 4], [1, 4], [0, 4], [1, 4], [5, 5], [2, 3], [2, 3]]
    possible = [np.roll(lying * 2, -start, axis=0)[:10].tolist() for start in range(8)]
    assert all(window in possible for window in windows.tolist())
    assert all(window in windows.tolist() for window in possible)


def test_without_held_out_dances_the_last_weights_are_kept() -> None:
    report = train(GPT2(TINY, words_of(5)), [CYCLE], TrainingOptions(steps=7))
    assert (report.kept_step, report.held_out_loss, report.perplexity) == (7, None, None)


@pytest.mark.parametrize("streams", [[], [ids()]])
def test_no_words_teach_nothing(streams: list[NDArray[np.int64]]) -> None:
    with pytest.raises(ModelError, match="no words"):
        train(GPT2(TINY, words_of(5)), streams, TrainingOptions(steps=1))


def test_a_single_word_can_be_learned_from() -> None:
    assert math.isfinite(train(GPT2(TINY, words_of(5)), [ids(2)], TrainingOptions(steps=2)).train_loss)


@pytest.mark.parametrize("held_out", [False, True])
def test_words_that_the_model_does_not_know_are_refused_before_learning(held_out: bool) -> None:
    model = GPT2(TINY, words_of(4))
    known = [np.arange(4)]
    with pytest.raises(ModelError, match="holds words 0 to 4, the model knows 0 to 3"):
        train(model, known if held_out else [CYCLE], TrainingOptions(steps=1), held_out=[CYCLE] if held_out else known)
    assert same_weights(model, GPT2(TINY, words_of(4)))


def test_a_training_that_diverges_is_reported() -> None:
    with pytest.raises(ModelError, match="diverged at a learning rate"):
        train(GPT2(TINY, words_of(5)), [CYCLE], TrainingOptions(steps=40, learning_rate=1e30))


@pytest.mark.parametrize(
    "options",
    [(0,), (1, 0), (1, 1, 0.0), (1, 1, float("nan")), (1, 1, 1.0, -1), (1, 1, 1.0, 0, 0), (1, 1, 1.0, 0, None, 0)],
)
def test_impossible_options_are_refused(options: tuple[int, ...]) -> None:
    with pytest.raises(ModelError):
        TrainingOptions(*options)


def test_the_starter_preset_learns() -> None:
    preset = PRESETS["starter"]
    report = train(GPT2(preset.gpt2, words_of(5)), [CYCLE], TrainingOptions(2, 2, preset.training.learning_rate))
    assert report.train_loss < 2 * math.log(5)


@pytest.mark.slow
def test_one_dance_is_recombined_and_neither_frozen_nor_copied() -> None:
    dance = wandering(80, 400, seed=1)
    model = GPT2(SMALL, words_of(80))
    train(model, [dance], TrainingOptions(steps=300, learning_rate=2e-3))
    new = generate(model, dance[-100:], GenerationOptions(300, max_hold=20), seeded())
    repeats, repeats_before = (np.mean(ids[1:] == ids[:-1]) for ids in (new, dance))
    assert repeats == pytest.approx(repeats_before, abs=0.15)
    assert len(set(new.tolist())) >= 25
    assert longest_common_run(new[:, None], dance[:, None]) < 100


def test_a_window_is_as_long_as_it_is_asked_for_and_the_model_sees() -> None:
    model = GPT2(TINY, words_of(5))
    assert [TrainingOptions(1, window=window).window_of(model) for window in (None, 3, 100)] == [8, 3, 8]
    learned: list[torch.Size] = []

    class ExtractedVideo(GPT2):
        def loss(self, windows: torch.Tensor) -> torch.Tensor:
            learned.append(windows.shape)
            return super().loss(windows)

    train(ExtractedVideo(TINY, words_of(5, 3)), [cycle(5, 3)], TrainingOptions(steps=1, batch_size=2, window=3))
    assert learned == [(2, 3 + 1, 2)]
    with pytest.raises(ModelError, match="a window must be 1 or more rows"):
        TrainingOptions(1, window=0)
