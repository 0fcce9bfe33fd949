"""Teaching a language model a handful of dances, or a corpus of them.

Under ``torchrun`` or ``accelerate launch`` every process calls `train` with the same arguments and
they learn together, each on a GPU of its own or, without any, on the CPU.
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
"""Share of the steps in which the learning rate rises to its full height."""
FINAL_RATE_SHARE = 0.1
"""Share of the learning rate that is left at the end of the cosine."""
WEIGHT_DECAY = 0.1
GRADIENT_NORM = 1.0
"""Longer gradients are cut to this length."""
CHECKS = 10
"""How often a training is checked where nothing else is asked for."""


@dataclass(frozen=True)
class TrainingOptions:
    """How long and how fast a model learns.

    Parameters
    ----------
    steps : how many batches at most.
    batch_size : windows a batch; with several processes, for each of them.
    learning_rate : at its height, of AdamW.
    seed : of the windows and of dropout, 0 or more.
    check_every : steps from one scoring of the held-out dances to the next; None for `CHECKS` in all.
    patience : the training ends after so many scorings in a row that were no better; None, or no held-out
        dances, never end it early.
    window : rows of a window, at most the model's `context_length`; None for as many.

    Raises
    ------
    ModelError : an option outside its range.
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
            raise ModelError(f"training needs steps and windows, got {self.steps} steps of {self.batch_size} windows")
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise ModelError(f"the learning rate must be positive, got {self.learning_rate}")
        if self.seed < 0:
            raise ModelError(f"the seed must be 0 or more, got {self.seed}")
        if self.check_every is not None and self.check_every < 1:
            raise ModelError(f"check_every must be 1 or more steps, or None, got {self.check_every}")
        if self.window is not None and self.window < 1:
            raise ModelError(f"a window must be 1 or more rows, or None for all that a model sees, got {self.window}")
        if self.patience is not None and self.patience < 1:
            raise ModelError(f"patience must be 1 or more checks, or None to never end early, got {self.patience}")

    def window_of(self, model: TrainableLanguageModel) -> int:
        """Rows of a window that this model learns from."""
        return min(self.window or model.context_length, model.context_length)

    @property
    def steps_between_checks(self) -> int:
        """`check_every`, or what gives `CHECKS` checks."""
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
    """Teach a model, in place, on the best device there is.

    Windows are cut from the dances anywhere (`models.training_windows.TrainingWindows`). With held-out dances the
    weights that score them best are kept, else the last.
    On a CPU the same seed, streams, weights and number of threads give the same weights bit for bit,
    also when the training was cut off and went on from the state in `run`: the chance of a step
    depends on the seed, the process and the step alone.

    With several processes each learns windows of its own and their gradients are averaged. The first
    scores the held-out dances, saves the state and tells `progress` and `watch`; all end with the same weights.

    Parameters
    ----------
    model : its weights are where the training goes on from.
    streams : one stream of ids (n,) a dance.
    options : how long and how fast.
    held_out : dances to score while training, never learned from.
    progress : told (steps done, steps in all) after each step.
    run : where the state of the training is kept. Called again with the same arguments, the training
        goes on from there; one that had ended gives the same weights and report at once.
    watch : told of each check.

    Raises
    ------
    ModelError : no words to learn from, no whole rows of words that the model knows, a training that diverged,
        or a state in `run` that is damaged or of another training.
    OutputError : `run` cannot be written to.
    """
    model.layout.check_all(streams)
    if held_out:
        model.layout.check_all(held_out)
    processes = Processes.joined()
    model.to(processes.device)
    ring = TrainingWindows(streams, model.layout, processes.device)
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
    ended, saved_at = _ended(state, options), time.monotonic()
    try:
        with seeded(options.seed, processes.device):
            model.train()
            while not ended:
                state.step += 1
                chance = np.random.default_rng([options.seed, processes.rank, state.step])
                processes.seed_dropout(int(chance.integers(2**63)))
                windows = ring.windows(options.batch_size, options.window_of(model) + 1, chance)
                state.loss_sum += _learn(loss_of, windows, optimizer, _rate(state.step, options))
                if state.step == options.steps or state.step % options.steps_between_checks == 0:
                    state.note(_check(model, state, options, held_out, processes))
                    ended = _ended(state, options)
                    if watch is not None:
                        watch(state.history[-1])
                if run is not None and (ended or time.monotonic() - saved_at >= run.every_s):
                    run.save(state.snapshot(), identity)
                    saved_at = time.monotonic()
                if progress is not None:
                    progress(state.step, options.steps)
    finally:
        model.eval()
    state.finish()
    return TrainingReport(tuple(state.history))


def _learn(loss_of: Loss, windows: torch.Tensor, optimizer: torch.optim.Optimizer, rate: float) -> torch.Tensor:
    """One step down the loss of these windows; gives that loss."""
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
    """The learning rate of a step: a straight warm-up, then a cosine down to `FINAL_RATE_SHARE`."""
    warm_up = math.ceil(WARM_UP_SHARE * options.steps)
    if step <= warm_up:
        return options.learning_rate * step / warm_up
    done = (step - 1 - warm_up) / max(1, options.steps - warm_up)
    return options.learning_rate * (FINAL_RATE_SHARE + (1 - FINAL_RATE_SHARE) * (1 + math.cos(math.pi * done)) / 2)


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


def _ended(state: TrainingState, options: TrainingOptions) -> bool:
    no_better = len(state.history) - 1 - state.history.index(kept(state.history)) if state.history else 0
    return state.step == options.steps or (options.patience is not None and no_better >= options.patience)
