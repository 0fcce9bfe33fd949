"""Teaching a language model a handful of dances, or a corpus of them."""

import copy
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from models.device import best_device, seeded
from models.language_model import Progress, TrainableLanguageModel, check_words, mean_loss
from pose_vocab.errors import ModelError

WARM_UP_SHARE = 0.05
"""Share of the steps in which the learning rate rises to its full height."""
FINAL_RATE_SHARE = 0.1
"""Share of the learning rate that is left at the end of the cosine."""
WEIGHT_DECAY = 0.1
GRADIENT_NORM = 1.0
"""Longer gradients are cut to this length."""
CHECKS = 10
"""How often the held-out dances are scored, spread over the training."""


@dataclass(frozen=True)
class TrainingOptions:
    """How long and how fast a model learns.

    Parameters
    ----------
    steps : how many batches.
    batch_size : windows a batch, each of `context_length` words.
    learning_rate : at its height, of AdamW.
    seed : of the windows and of dropout.

    Raises
    ------
    ModelError : an option outside its range.
    """

    steps: int
    batch_size: int = 16
    learning_rate: float = 1e-3
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch_size < 1:
            raise ModelError(f"training needs steps and windows, got {self.steps} steps of {self.batch_size} windows")
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise ModelError(f"the learning rate must be positive, got {self.learning_rate}")


@dataclass(frozen=True)
class TrainingReport:
    """How a training went; losses are mean negative log-likelihoods in nats a word.

    Parameters
    ----------
    steps : how many batches were learned.
    seconds : how long it took.
    train_loss : over the last tenth of the steps, dropout included.
    held_out_loss : of the weights that were kept, None without held-out dances.
    kept_step : after how many steps the kept weights stood.
    """

    steps: int
    seconds: float
    train_loss: float
    held_out_loss: float | None
    kept_step: int

    @property
    def perplexity(self) -> float | None:
        """Of the held-out words: exp of the loss."""
        return None if self.held_out_loss is None else math.exp(self.held_out_loss)


def train(
    model: TrainableLanguageModel,
    streams: Sequence[NDArray[np.int64]],
    options: TrainingOptions,
    held_out: Sequence[NDArray[np.int64]] = (),
    progress: Progress | None = None,
) -> TrainingReport:
    """Teach a model, in place, on the best device there is.

    The streams lie end to end in a ring, each twice behind the id that begins a dance, and windows
    are cut from it anywhere: every word is learned equally often, in short dances and in long ones.
    Lying twice, a dance leads back from its end to its start; else a model would know nothing to
    follow on its last pose, and would stay there.
    With held-out dances the weights that score them best are kept, else the last.
    On a CPU the same seed, streams, weights and number of threads give the same weights bit for bit.

    Parameters
    ----------
    model : its weights are where the training goes on from.
    streams : one row of ids (n,) a dance.
    options : how long and how fast.
    held_out : dances to score while training, never learned from.
    progress : told (steps done, steps in all) after each step.

    Raises
    ------
    ModelError : no words to learn from, words that the model does not know, or a training that diverged.
    """
    started = time.perf_counter()
    check_words(streams, model.vocab_size)
    if held_out:
        check_words(held_out, model.vocab_size)
    device = best_device()
    model.to(device)
    twice = [_with_beginning(np.concatenate([stream, stream]), model.vocab_size) for stream in streams]
    ring = torch.from_numpy(np.concatenate(twice))
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.learning_rate, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda done: _rate_share(done, options.steps))
    chance = torch.Generator().manual_seed(options.seed)
    losses = torch.zeros(options.steps, device=device)
    best = _BestWeights()
    try:
        with seeded(options.seed, device):
            for step in range(1, options.steps + 1):
                windows = _random_windows(ring, model.context_length + 1, options.batch_size, chance)
                losses[step - 1] = _learn(model, windows.to(device), optimizer)
                schedule.step()
                if held_out and (step == options.steps or step % max(1, options.steps // CHECKS) == 0):
                    best.offer(model, mean_loss(model.eval(), held_out), step)
                if progress is not None:
                    progress(step, options.steps)
    finally:
        model.eval()
    train_loss = float(losses[-math.ceil(options.steps / 10) :].mean())
    if not math.isfinite(train_loss):
        raise ModelError(f"the training diverged at a learning rate of {options.learning_rate}; use a smaller one")
    best.restore(model)
    return TrainingReport(
        steps=options.steps,
        seconds=time.perf_counter() - started,
        train_loss=train_loss,
        held_out_loss=best.loss if held_out else None,
        kept_step=best.step if held_out else options.steps,
    )


class _BestWeights:
    """The weights that scored held-out dances best so far."""

    def __init__(self) -> None:
        self.loss, self.step = math.inf, 0
        self._weights: dict[str, torch.Tensor] | None = None

    def offer(self, model: TrainableLanguageModel, loss: float, step: int) -> None:
        if loss < self.loss:
            self.loss, self.step, self._weights = loss, step, copy.deepcopy(model.state_dict())

    def restore(self, model: TrainableLanguageModel) -> None:
        if self._weights is not None:
            model.load_state_dict(self._weights)


def _with_beginning(stream: NDArray[np.int64], vocab_size: int) -> NDArray[np.int64]:
    return np.concatenate([[vocab_size], stream])


def _random_windows(ring: torch.Tensor, length: int, n: int, generator: torch.Generator) -> torch.Tensor:
    starts = torch.randint(len(ring), (n, 1), generator=generator)
    return ring[(starts + torch.arange(length)) % len(ring)]


def _learn(model: TrainableLanguageModel, windows: torch.Tensor, optimizer: torch.optim.Optimizer) -> torch.Tensor:
    """One step down the loss of these windows; gives that loss."""
    model.train()
    with torch.autocast(windows.device.type, torch.bfloat16, enabled=windows.device.type == "cuda"):
        loss = model.loss(windows)
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_(model.parameters(), GRADIENT_NORM)
    optimizer.step()
    return loss.detach()


def _rate_share(step: int, steps: int) -> float:
    """Share of the learning rate at a step: a straight warm-up, then a cosine down to `FINAL_RATE_SHARE`."""
    warm_up = math.ceil(WARM_UP_SHARE * steps)
    if step < warm_up:
        return (step + 1) / warm_up
    done = (step - warm_up) / max(1, steps - warm_up)
    return FINAL_RATE_SHARE + (1 - FINAL_RATE_SHARE) * (1 + math.cos(math.pi * done)) / 2
