"""The losses of a training run: as numbers, as a plot and in TensorBoard."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pose_vocab.errors import ModelError, OutputError
from pose_vocab.files import write_beside


@dataclass(frozen=True)
class Check:
    """Measurements after some steps of training; losses are mean negative log-likelihoods in nats per word.

    Parameters
    ----------
    step : number of batches trained on so far.
    train_loss : mean over the steps since the previous check, with dropout.
    held_out_loss : loss of the current weights on the held-out dances; None without held-out dances.
    learning_rate : learning rate of the last step.
    words_per_second : training speed since the previous check, all processes together.
    seconds : training time so far, over all sessions of the run.
    """

    step: int
    train_loss: float
    held_out_loss: float | None
    learning_rate: float
    words_per_second: float
    seconds: float

    @property
    def perplexity(self) -> float:
        """Return exp of the held-out loss, or of the training loss if nothing is held out."""
        return perplexity(self.train_loss if self.held_out_loss is None else self.held_out_loss)


Watch = Callable[[Check], None]
"""A callback that is called with each check during training."""


@dataclass(frozen=True)
class TrainingReport:
    """The result of a training run: its checks in order; the last one follows the last step."""

    history: tuple[Check, ...]

    @property
    def steps(self) -> int:
        """Return the number of batches trained on."""
        return self.history[-1].step

    @property
    def seconds(self) -> float:
        """Return the training time, over all sessions."""
        return self.history[-1].seconds

    @property
    def train_loss(self) -> float:
        """Return the training loss of the last check; by default it covers the last tenth of the steps."""
        return self.history[-1].train_loss

    @property
    def held_out_loss(self) -> float | None:
        """Return the held-out loss of the kept weights; None without held-out dances."""
        return kept(self.history).held_out_loss

    @property
    def kept_step(self) -> int:
        """Return the step after which the kept weights were reached."""
        return kept(self.history).step

    @property
    def perplexity(self) -> float | None:
        """Return exp of the held-out loss; None without held-out dances."""
        return None if self.held_out_loss is None else perplexity(self.held_out_loss)


def perplexity(loss: float) -> float:
    """Return exp of a loss in nats per word; infinity if that exceeds the range of float."""
    try:
        return math.exp(loss)
    except OverflowError:
        return math.inf


def kept(history: Sequence[Check]) -> Check:
    """Return the first check with the lowest held-out loss, or the last check if nothing is held out."""
    scored = [(check.held_out_loss, check.step, check) for check in history if check.held_out_loss is not None]
    return min(scored)[2] if scored else history[-1]


def draw_losses(history: Sequence[Check], path: str | Path) -> None:
    """Plot the losses over the steps as a PNG and mark the step whose weights are kept.

    Raises
    ------
    OutputError : the file cannot be written.
    """
    from matplotlib.backends.backend_agg import (
        FigureCanvasAgg,
    )  # slow to import (a third of a second), needed only here
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(xlabel="step", ylabel="loss (nats per word)")
    steps = [check.step for check in history]
    axes.plot(steps, [check.train_loss for check in history], marker=".", label="training")
    held_out = [check.held_out_loss for check in history if check.held_out_loss is not None]
    if held_out:
        axes.plot(steps, held_out, marker=".", label="held out")
    step = kept(history).step
    axes.axvline(step, color="grey", linestyle=":", label=f"kept: step {step}")
    axes.grid(alpha=0.3)
    axes.legend()
    right = axes.twinx()
    right.set(ylim=axes.get_ylim(), ylabel="perplexity")
    right.yaxis.set_major_formatter(lambda loss, _: f"{perplexity(loss):,.2f}")
    with write_beside(path) as beside:
        figure.savefig(beside, format="png")


@contextmanager
def tensorboard(folder: str | Path) -> Iterator[Watch]:
    """Yield a `watch` callback for `models.training.train` that logs each check for TensorBoard.

    The log is closed on exit. A resumed training run may log into the same folder.

    Raises
    ------
    ModelError : the package `tensorboard` is not installed.
    OutputError : the folder cannot be created.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise ModelError("TensorBoard is not installed; install it with: pip install 'bopbot[tensorboard]'") from None
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write the log folder {folder}: {error.strerror or error}") from error
    writer: SummaryWriter | None = None

    def log(check: Check) -> None:
        nonlocal writer
        if writer is None:  # hide what was logged after the saved state: those steps are repeated
            writer = exit_stack.enter_context(SummaryWriter(str(folder), purge_step=check.step))
        for name, value in {
            "loss/learned": check.train_loss,
            "loss/held out": check.held_out_loss,
            "perplexity": check.perplexity,
            "learning rate": check.learning_rate,
            "words per second": check.words_per_second,
        }.items():
            if value is not None:
                writer.add_scalar(name, value, check.step)
        writer.flush()

    with ExitStack() as exit_stack:
        yield log
