"""Train a language model on encoded dances.

Under ``torchrun`` or ``accelerate launch`` every process calls `train` with the same arguments. Each
process uses its own GPU, or the CPU if there is none.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from models.device import seeded
from models.distributed import Loss, Processes
from models.language_model import Progress, TrainableLanguageModel, mean_loss
from models.resume_state import Run, TrainingState, identity_of
from models.training_log import Check, TrainingReport, Watch, kept
from models.training_windows import TrainingWindows
from pose_vocab.errors import ModelError

WARM_UP_SHARE = 0.05
"""Share of the steps during which the learning rate rises linearly to its maximum."""
FINAL_RATE_SHARE = 0.1
"""Share of the maximum learning rate that is left at the end of the cosine decay."""
WEIGHT_DECAY = 0.1
GRADIENT_NORM = 1.0
"""Gradients with a larger norm are scaled down to this norm."""
CHECKS = 10
"""Number of checks in a training run if `TrainingOptions.check_every` is None."""


@dataclass(frozen=True)
class TrainingOptions:
    """Number of steps, batch size, learning rate and other options of a training run.

    Parameters
    ----------
    steps : maximum number of batches.
    batch_size : windows per batch and process.
    learning_rate : maximum learning rate of AdamW.
    seed : seed for the choice of windows and for dropout, 0 or more.
    check_every : steps between two checks, which score the held-out dances; None for `CHECKS` checks in total.
    patience : number of consecutive checks without improvement after which training stops; with None, or
        without held-out dances, it never stops early.
    window : rows per window, limited to the model's `context_length`; None for the whole context.

    Raises
    ------
    ModelError : an option is outside its range.
    """

    steps: int
    batch_size: int = 16
    learning_rate: float = 1e-3
    seed: int = 0
    check_every: int | None = None
    patience: int | None = None
    window: int | None = None

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch_size < 1:
            raise ModelError(
                f"steps and batch_size must be 1 or more, got {self.steps} steps of {self.batch_size} windows"
            )
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise ModelError(f"the learning rate must be positive, got {self.learning_rate}")
        if self.seed < 0:
            raise ModelError(f"the seed must be 0 or more, got {self.seed}")
        if self.check_every is not None and self.check_every < 1:
            raise ModelError(f"check_every must be 1 or more steps, or None, got {self.check_every}")
        if self.window is not None and self.window < 1:
            raise ModelError(f"window must be 1 or more rows, or None for the model's whole context, got {self.window}")
        if self.patience is not None and self.patience < 1:
            raise ModelError(f"patience must be 1 or more checks, or None to never stop early, got {self.patience}")

    def window_of(self, model: TrainableLanguageModel) -> int:
        """Return the number of rows in a training window of this model."""
        return min(self.window or model.context_length, model.context_length)

    @property
    def steps_between_checks(self) -> int:
        """Return `check_every`, or the number of steps that results in `CHECKS` checks."""
        return self.check_every or max(1, self.steps // CHECKS)


def train(
    model: TrainableLanguageModel,
    streams: Sequence[NDArray[np.int64]],
    options: TrainingOptions,
    held_out: Sequence[NDArray[np.int64]] = (),
    progress: Progress | None = None,
    run: Run | None = None,
    watch: Watch | None = None,
) -> TrainingReport:
    """Train a model in place, on the best available device.

    Windows are cut at random from the dances (`models.training_windows.TrainingWindows`). With held-out dances,
    the weights with the lowest held-out loss are kept, otherwise the last weights.
    On a CPU the same seed, streams, weights and number of threads give the same weights bit for bit. This
    also holds if training was interrupted and resumed from the state in `run`: the random numbers of a step
    depend only on the seed, the process and the step.

    With several processes, each one draws its own windows and the gradients are averaged. The first process
    scores the held-out dances, saves the state and calls `progress` and `watch`; all end with the same weights.

    Parameters
    ----------
    model : training starts from its current weights.
    streams : the ids of each dance, int64 (rows, places).
    options : number of steps, batch size, learning rate and so on.
    held_out : dances that are scored during training and not trained on.
    progress : called with (steps done, total steps) after each step.
    run : folder of the training state. A call with the same arguments resumes from that state; if training
        was complete, it returns the same weights and report at once.
    watch : called with each check.

    Raises
    ------
    ModelError : there are no ids to train on, they do not fit the model's layout, training diverged, or the
        state in `run` is damaged or belongs to another training run.
    OutputError : `run` cannot be written to.
    """
    model.layout.check_all(streams)
    if held_out:
        model.layout.check_all(held_out)
    processes = Processes.joined()
    model.to(processes.device)
    training_windows = TrainingWindows(streams, model.layout, processes.device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.learning_rate, weight_decay=WEIGHT_DECAY, fused=True)
    state = TrainingState(model, optimizer)
    if run is not None:
        identity = {**identity_of(model, streams, held_out), **asdict(options), "processes": processes.count}
        saved = processes.from_main(partial(run.open, identity))
        if saved is not None:
            state.restore(saved)
    if processes.rank > 0:
        run = progress = watch = None
    loss_of = processes.loss_of(model)
    finished, saved_at = _is_finished(state, options), time.monotonic()
    try:
        with seeded(options.seed, processes.device):
            model.train()
            while not finished:
                state.step += 1
                rng = np.random.default_rng([options.seed, processes.rank, state.step])
                processes.seed_dropout(int(rng.integers(2**63)))
                windows = training_windows.windows(options.batch_size, options.window_of(model) + 1, rng)
                state.loss_sum += _train_step(loss_of, windows, optimizer, _rate(state.step, options))
                if state.step == options.steps or state.step % options.steps_between_checks == 0:
                    state.note(_check(model, state, options, held_out, processes))
                    finished = _is_finished(state, options)
                    if watch is not None:
                        watch(state.history[-1])
                if run is not None and (finished or time.monotonic() - saved_at >= run.every_s):
                    run.save(state.snapshot(), identity)
                    saved_at = time.monotonic()
                if progress is not None:
                    progress(state.step, options.steps)
    finally:
        model.eval()
    state.finish()
    return TrainingReport(tuple(state.history))


def _train_step(loss_of: Loss, windows: torch.Tensor, optimizer: torch.optim.Optimizer, rate: float) -> torch.Tensor:
    """Take one optimizer step on these windows and return their loss."""
    [group] = optimizer.param_groups
    group["lr"] = rate
    with torch.autocast(windows.device.type, torch.bfloat16, enabled=windows.device.type == "cuda"):
        loss = loss_of(windows)
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_(group["params"], GRADIENT_NORM)
    optimizer.step()
    return loss.detach()


def _rate(step: int, options: TrainingOptions) -> float:
    """Return the learning rate of a step: linear warm-up, then cosine decay to `FINAL_RATE_SHARE`."""
    warm_up_steps = math.ceil(WARM_UP_SHARE * options.steps)
    if step <= warm_up_steps:
        return options.learning_rate * step / warm_up_steps
    decay_share = (step - 1 - warm_up_steps) / max(1, options.steps - warm_up_steps)
    cosine = (1 + math.cos(math.pi * decay_share)) / 2
    return options.learning_rate * (FINAL_RATE_SHARE + (1 - FINAL_RATE_SHARE) * cosine)


def _check(
    model: TrainableLanguageModel,
    state: TrainingState,
    options: TrainingOptions,
    held_out: Sequence[NDArray[np.int64]],
    processes: Processes,
) -> Check:
    loss_sum = processes.mean(state.loss_sum)  # here the CPU waits for a GPU to end its steps
    steps, seconds = state.since_check
    places = model.layout.places
    words = steps * options.batch_size * options.window_of(model) * places * processes.count

    def made() -> Check:
        return Check(
            step=state.step,
            train_loss=loss_sum / steps / places,
            held_out_loss=mean_loss(model, held_out) if held_out else None,
            learning_rate=_rate(state.step, options),
            words_per_second=words / seconds,
            seconds=state.seconds,
        )

    model.eval()
    check = processes.from_main(made)
    model.train()
    if not (math.isfinite(check.train_loss) and math.isfinite(check.held_out_loss or 0)):
        raise ModelError(f"the training diverged at a learning rate of {options.learning_rate}; use a smaller one")
    return check


def _is_finished(state: TrainingState, options: TrainingOptions) -> bool:
    """Return whether all steps are done or `patience` checks in a row brought no improvement."""
    checks_without_improvement = (
        len(state.history) - 1 - state.history.index(kept(state.history)) if state.history else 0
    )
    return state.step == options.steps or (
        options.patience is not None and checks_without_improvement >= options.patience
    )
