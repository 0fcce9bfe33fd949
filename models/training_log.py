"""How a training goes: its losses over the steps, as numbers, as a picture and in TensorBoard."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pose_vocab.errors import ModelError, OutputError
from pose_vocab.files import write_beside


@dataclass(frozen=True)
class Check:
    """How a training stands after some steps; losses are mean negative log-likelihoods in nats a word.

    Parameters
    ----------
    step : how many batches were learned.
    train_loss : over the steps since the check before, dropout included.
    held_out_loss : of the weights that stand, None without held-out dances.
    learning_rate : of the last step.
    words_per_second : read in training since the check before, by all processes together.
    seconds : at work so far, in all sessions of the training.
    """

    step: int
    train_loss: float
    held_out_loss: float | None
    learning_rate: float
    words_per_second: float
    seconds: float

    @property
    def perplexity(self) -> float:
        """Of the held-out words, or of the words learned where none are held out: exp of the loss."""
        return perplexity(self.train_loss if self.held_out_loss is None else self.held_out_loss)


Watch = Callable[[Check], None]
"""Told of each check while a model learns."""


@dataclass(frozen=True)
class TrainingReport:
    """How a training went, told by its checks; the last was after the last step."""

    history: tuple[Check, ...]

    @property
    def steps(self) -> int:
        """How many batches were learned."""
        return self.history[-1].step

    @property
    def seconds(self) -> float:
        """How long it took, in all sessions."""
        return self.history[-1].seconds

    @property
    def train_loss(self) -> float:
        """Of the last check: over the last tenth of the steps where nothing else was asked for."""
        return self.history[-1].train_loss

    @property
    def held_out_loss(self) -> float | None:
        """Of the weights that were kept, None without held-out dances."""
        return kept(self.history).held_out_loss

    @property
    def kept_step(self) -> int:
        """After how many steps the kept weights stood."""
        return kept(self.history).step

    @property
    def perplexity(self) -> float | None:
        """Of the held-out words: exp of the loss."""
        return None if self.held_out_loss is None else perplexity(self.held_out_loss)


def perplexity(loss: float) -> float:
    """exp of a loss in nats a word; infinity where no float is so large."""
    try:
        return math.exp(loss)
    except OverflowError:
        return math.inf


def kept(history: Sequence[Check]) -> Check:
    """The check whose weights are kept: the first with the least held-out loss, the last where nothing is held out."""
    scored = [(check.held_out_loss, check.step, check) for check in history if check.held_out_loss is not None]
    return min(scored)[2] if scored else history[-1]


def draw_losses(history: Sequence[Check], path: str | Path) -> None:
    """Draw a training's losses over its steps as a PNG, the step whose weights are kept marked.

    Raises
    ------
    OutputError : the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # a third of a second that only drawing needs
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(xlabel="step", ylabel="loss (nats a word)")
    steps = [check.step for check in history]
    axes.plot(steps, [check.train_loss for check in history], marker=".", label="learned")
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
    """A `watch` for `models.training.train` that logs each check for TensorBoard; the log is closed on leaving.

    A training that goes on after it was cut off may log into the same folder.

    Raises
    ------
    ModelError : the package `tensorboard` is not installed.
    OutputError : the folder cannot be made.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise ModelError("logging for TensorBoard needs it installed: pip install 'bopbot[tensorboard]'") from None
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write the log {folder}: {error.strerror or error}") from error
    writer: SummaryWriter | None = None

    def log(check: Check) -> None:
        nonlocal writer
        if writer is None:  # what a training logged after its last saved state is logged anew, and hidden by this
            writer = at_the_end.enter_context(SummaryWriter(str(folder), purge_step=check.step))
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

    with ExitStack() as at_the_end:
        yield log
