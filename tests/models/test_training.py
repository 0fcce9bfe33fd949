import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.gpt2 import GPT2, GPT2Size
from models.language_model import mean_loss
from models.presets import ONE_DANCE, SMALL, Preset
from models.sampling import GenerationOptions, generate
from models.training import TrainingOptions, train
from pose_vocab.errors import ModelError

TINY = GPT2Size(layers=1, heads=2, width=16, context_length=8, dropout=0.1)
CYCLE = np.tile(np.arange(5), 12)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def weights(model: GPT2) -> list[torch.Tensor]:
    return [tensor.cpu().clone() for tensor in model.state_dict().values()]


def wandering(n_words: int, n: int, seed: int) -> NDArray[np.int64]:
    """A made-up dance: words are held for a while, and two or three others may follow each."""
    chance = np.random.default_rng(seed)
    successors = np.random.default_rng(0).integers(0, n_words, (n_words, 3))
    ids = [0]
    while len(ids) < n:
        ids.append(ids[-1] if chance.random() < 0.55 else successors[ids[-1], chance.integers(3)])
    return np.array(ids)


def test_a_cycle_is_learned_and_danced_on() -> None:
    model = GPT2(GPT2Size(1, 2, 32, 8, dropout=0), 5, "x")
    report = train(model, [CYCLE], TrainingOptions(steps=150, batch_size=8, learning_rate=1e-2))
    assert report.train_loss < 0.05  # nats; guessing costs log 5 = 1.6
    continued = generate(model, np.array([3, 4, 0]), GenerationOptions(20), seeded())
    assert continued.tolist() == [(1 + i) % 5 for i in range(20)]


def test_how_a_dance_begins_is_learned() -> None:
    model = GPT2(GPT2Size(1, 2, 32, 8, dropout=0), 6, "x")
    begins_with_five = np.concatenate([[5], np.tile([2, 3], 4)])
    train(model, [begins_with_five], TrainingOptions(steps=100, batch_size=8, learning_rate=1e-2))
    assert generate(model, np.empty(0, np.int64), GenerationOptions(3), seeded()).tolist() == [5, 2, 3]


def test_after_its_last_pose_a_dance_begins_again() -> None:
    """The dance begins on pose 7, and ends on pose 10, which comes nowhere else and is held for 12 words."""
    ends_still = np.concatenate([[7, 7], np.tile(np.repeat(np.arange(10), 2), 5), np.full(12, 10)])
    model = GPT2(ONE_DANCE.size, 11, "x")
    train(model, [ends_still], replace(ONE_DANCE.training, steps=150))
    next_pose = torch.softmax(model.reader().read(ends_still)[:10], 0)  # any but the held one
    assert next_pose[7] > 0.5


def test_the_same_seed_learns_the_same_weights_bit_for_bit_and_leaves_other_chance_alone() -> None:
    learned = []
    for seed, stray in ((1, 10), (1, 20), (2, 30)):
        torch.manual_seed(stray)
        before = torch.get_rng_state()
        model = GPT2(TINY, 5, "x")
        train(model, [CYCLE], TrainingOptions(steps=5, batch_size=4, seed=seed))
        assert torch.equal(torch.get_rng_state(), before)
        learned.append(weights(model))
    assert all(torch.equal(a, b) for a, b in zip(learned[0], learned[1], strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(learned[0], learned[2], strict=True))


def test_training_goes_on_from_the_weights_it_is_given() -> None:
    model = GPT2(TINY, 5, "x")
    first = train(model, [CYCLE], TrainingOptions(steps=60, learning_rate=1e-2))
    second = train(model, [CYCLE], TrainingOptions(steps=10, learning_rate=1e-3))
    assert second.train_loss < first.train_loss < math.log(5)


def test_after_training_dropout_is_off() -> None:
    model = GPT2(TINY, 5, "x")
    train(model, [CYCLE], TrainingOptions(steps=2))
    assert not model.training

    def stop(done: int, _: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        train(model, [CYCLE], TrainingOptions(steps=2), progress=stop)
    assert not model.training


def test_progress_is_told_after_each_step() -> None:
    told: list[tuple[int, int]] = []
    train(GPT2(TINY, 5, "x"), [CYCLE], TrainingOptions(steps=3), progress=lambda done, all_: told.append((done, all_)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_the_weights_that_foresee_held_out_dances_best_are_kept() -> None:
    """The held-out cycle runs backwards: the longer the model learns the forward one, the worse it foresees that."""
    model = GPT2(TINY, 5, "x")
    backwards = [CYCLE[::-1].copy()]
    report = train(model, [CYCLE], TrainingOptions(steps=100, learning_rate=1e-2), held_out=backwards)
    assert report.kept_step == 10
    assert report.held_out_loss == pytest.approx(mean_loss(model, backwards), abs=1e-5)
    assert report.perplexity == pytest.approx(math.exp(mean_loss(model, backwards)), rel=1e-4)


def test_without_held_out_dances_the_last_weights_are_kept() -> None:
    report = train(GPT2(TINY, 5, "x"), [CYCLE], TrainingOptions(steps=7))
    assert (report.kept_step, report.held_out_loss, report.perplexity) == (7, None, None)


@settings(max_examples=20, deadline=None)
@given(lengths=st.lists(st.integers(0, 40), min_size=1, max_size=3).filter(any))
def test_held_out_words_are_scored_as_a_reader_foresees_them(lengths: list[int]) -> None:
    model = GPT2(TINY, 5, "x", seed=1)
    streams = [np.random.default_rng(length).integers(0, 5, length) for length in lengths]
    losses = []
    for stream in streams:
        reader, before = model.reader(), 5
        for word in stream:
            losses.append(-torch.log_softmax(reader.read(np.array([before])), 0)[word].item())
            before = word
    assert mean_loss(model, streams) == pytest.approx(np.mean(losses), abs=1e-4)


@pytest.mark.parametrize("streams", [[], [np.empty(0, np.int64)]])
def test_no_words_teach_nothing(streams: list[NDArray[np.int64]]) -> None:
    with pytest.raises(ModelError, match="no words"):
        train(GPT2(TINY, 5, "x"), streams, TrainingOptions(steps=1))


def test_a_single_word_can_be_learned_from() -> None:
    assert math.isfinite(train(GPT2(TINY, 5, "x"), [np.array([2])], TrainingOptions(steps=2)).train_loss)


@pytest.mark.parametrize("held_out", [False, True])
def test_words_that_the_model_does_not_know_are_refused_before_learning(held_out: bool) -> None:
    model = GPT2(TINY, 4, "x")
    before = weights(model)
    known = [np.arange(4)]
    with pytest.raises(ModelError, match="hold words 0 to 4, the model knows 0 to 3"):
        train(model, known if held_out else [CYCLE], TrainingOptions(steps=1), held_out=[CYCLE] if held_out else known)
    assert all(torch.equal(a, b) for a, b in zip(before, weights(model), strict=True))


def test_a_training_that_diverges_is_reported() -> None:
    with pytest.raises(ModelError, match="diverged at a learning rate"):
        train(GPT2(TINY, 5, "x"), [CYCLE], TrainingOptions(steps=40, learning_rate=1e30))


@pytest.mark.parametrize("options", [(0,), (1, 0), (1, 1, 0.0), (1, 1, float("nan"))])
def test_impossible_options_are_refused(options: tuple[int, ...]) -> None:
    with pytest.raises(ModelError):
        TrainingOptions(*options)


@pytest.mark.parametrize("preset", [ONE_DANCE, SMALL], ids=["one dance", "small"])
def test_a_preset_learns(preset: Preset) -> None:
    report = train(GPT2(preset.size, 5, "x"), [CYCLE], TrainingOptions(2, 2, preset.training.learning_rate))
    assert report.train_loss < 2 * math.log(5)


@pytest.mark.slow
def test_one_dance_is_recombined_and_neither_frozen_nor_copied() -> None:
    dance = wandering(80, 400, seed=1)
    model = GPT2(ONE_DANCE.size, 80, "x")
    train(model, [dance], ONE_DANCE.training)
    new = generate(model, dance[-100:], GenerationOptions(300, max_hold=20), seeded())
    repeats, repeats_before = (np.mean(ids[1:] == ids[:-1]) for ids in (new, dance))
    assert repeats == pytest.approx(repeats_before, abs=0.15)
    assert len(set(new.tolist())) >= 25
    assert longest_common_run(new, dance) < 100


def longest_common_run(a: NDArray[np.int64], b: NDArray[np.int64]) -> int:
    longest, ends = 0, np.zeros(len(b) + 1, np.int64)
    for word in a:
        ends[1:] = np.where(b == word, ends[:-1] + 1, 0)
        longest = max(longest, int(ends.max()))
    return longest


def test_the_longest_common_run_is_found() -> None:
    assert longest_common_run(np.array([9, 1, 2, 3, 9]), np.array([0, 1, 2, 3, 4])) == 3
