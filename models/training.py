"""Teaching a language model a handful of dances, or a corpus of them."""

import copy
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from models.device import best_device, seeded
from models.language_model import Progress, TrainableLanguageModel
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

    The streams lie end to end in a ring, each behind the id that begins a dance, and windows are
    cut from it anywhere: every word is learned equally often, short dances as well as long ones.
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
    ModelError : no words to learn from, or words that the model does not know.
    """
    started = time.perf_counter()
    device = best_device()
    ring = torch.from_numpy(_with_beginnings(streams, model.vocab_size))
    model.to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.learning_rate, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate_share(step, options.steps))
    windows = torch.Generator().manual_seed(options.seed)
    losses = torch.zeros(options.steps, device=device)
    best_loss, best_weights, kept_step = math.inf, None, options.steps
    with seeded(options.seed, device):
        for step in range(options.steps):
            model.train()
            window = _random_windows(ring, model.context_length + 1, options.batch_size, windows).to(device)
            with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
                loss = _loss(model, window)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(model.parameters(), GRADIENT_NORM)
            optimizer.step()
            schedule.step()
            losses[step] = loss.detach()
            if held_out and _is_check(step + 1, options.steps):
                model.eval()
                held_out_loss = mean_loss(model, held_out)
                if held_out_loss < best_loss:
                    best_loss, kept_step = held_out_loss, step + 1
                    best_weights = copy.deepcopy(model.state_dict())
            if progress is not None:
                progress(step + 1, options.steps)
    model.eval()
    if best_weights is not None:
        model.load_state_dict(best_weights)
    return TrainingReport(
        steps=options.steps,
        seconds=time.perf_counter() - started,
        train_loss=float(losses[-math.ceil(options.steps / 10) :].mean()),
        held_out_loss=best_loss if held_out else None,
        kept_step=kept_step,
    )


@torch.inference_mode()
def mean_loss(model: TrainableLanguageModel, streams: Sequence[NDArray[np.int64]]) -> float:
    """Mean negative log-likelihood of dances in nats a word; exp of it is the perplexity.

    Every word is scored once, by all words before it or, far into a long dance, by more than half
    a context of them: as a reader sees it in generation.

    Raises
    ------
    ModelError : no words to score, or words that the model does not know.
    """
    total, n_words = 0.0, 0
    length, half = model.context_length, model.context_length // 2
    for stream in streams:
        dance = torch.from_numpy(_with_beginnings([stream], model.vocab_size)).to(next(model.parameters()).device)
        start = scored = 0
        while scored < len(dance) - 1:
            window = dance[start : start + length + 1]
            losses = functional.cross_entropy(model(window[None, :-1])[0].float(), window[1:], reduction="none")
            total += float(losses[scored - start :].sum())
            scored = start + len(losses)
            start += half
        n_words += scored
    return total / n_words


def _with_beginnings(streams: Sequence[NDArray[np.int64]], vocab_size: int) -> NDArray[np.int64]:
    """All dances end to end, each behind the id that begins a dance."""
    words = np.concatenate([np.empty(0, np.int64), *streams])
    if not len(words):
        raise ModelError(f"there are no words in {len(streams)} dances; a model needs at least one dance with words")
    if words.min() < 0 or words.max() >= vocab_size:
        raise ModelError(f"the dances hold words {words.min()} to {words.max()}, the model knows 0 to {vocab_size - 1}")
    return np.concatenate([part for stream in streams for part in ([vocab_size], stream)])


def _random_windows(ring: torch.Tensor, length: int, n: int, generator: torch.Generator) -> torch.Tensor:
    starts = torch.randint(len(ring), (n, 1), generator=generator)
    return ring[(starts + torch.arange(length)) % len(ring)]


def _loss(model: TrainableLanguageModel, windows: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of the words that follow; the id that begins a dance is not to be foreseen."""
    logits = model(windows[:, :-1])
    return functional.cross_entropy(
        logits.flatten(0, 1).float(), windows[:, 1:].flatten(), ignore_index=model.vocab_size
    )


def _rate_share(step: int, steps: int) -> float:
    """Share of the learning rate at a step: a straight warm-up, then a cosine down to `FINAL_RATE_SHARE`."""
    warm_up = math.ceil(WARM_UP_SHARE * steps)
    if step < warm_up:
        return (step + 1) / warm_up
    done = (step - warm_up) / max(1, steps - warm_up)
    return FINAL_RATE_SHARE + (1 - FINAL_RATE_SHARE) * (1 + math.cos(math.pi * done)) / 2


def _is_check(step: int, steps: int) -> bool:
    return step == steps or step % max(1, steps // CHECKS) == 0
