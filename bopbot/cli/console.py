"""What all commands share: printing, progress bars and how a command ends."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from bopbot import progress as progress_module
from pose_vocab.errors import BopBotError

NO_WRAP_COLUMNS = 10_000
"""Width of a table in a pipe, so that a program reads whole lines."""
stderr = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def showing_progress(quiet: bool) -> Iterator[progress_module.Progress]:
    """Show a progress bar for each stage on a terminal; nothing in a pipe or if `quiet`."""
    if quiet or not stderr.is_terminal:
        yield progress_module.silent
        return
    columns = (
        TextColumn("{task.description:<20}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=stderr, transient=True) as bars:
        stages: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total)
            bars.update(stages[stage], completed=done, total=total)

        yield show


def say(*lines: str) -> None:
    """Print lines without markup and without wrapping."""
    for line in lines:
        print(line)


def complain(message: str) -> None:
    """Print one line on stderr."""
    print(f"bopbot: {message}", file=sys.stderr)


def say_table(title: str, rows: Sequence[tuple[str, str]]) -> None:
    """Print a table of what failed and why on stderr."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("what", overflow="fold")
    table.add_column("why", overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    (stderr if stderr.is_terminal else Console(stderr=True, highlight=False, width=NO_WRAP_COLUMNS)).print(table)


def stop_on_termination() -> None:
    """Make SIGTERM and SIGHUP (a closed terminal) unwind like Ctrl-C, so that no half-written file is left behind."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, stop)


def fail(message: str) -> NoReturn:
    """End with one line on stderr and exit code 1."""
    print(f"bopbot: {' '.join(message.split())}", file=sys.stderr)
    raise SystemExit(1)


def explain(error: BopBotError | OSError | ImportError) -> str:
    """Return the error as one line for the user."""
    if isinstance(error, ModuleNotFoundError):
        return f"the package {error.name} is missing; for the web service: pip install 'bopbot[serve]'"
    if isinstance(error, ImportError):
        return (
            f"a system library is missing ({error}); on Debian or Ubuntu: apt-get install libgl1 libglib2.0-0 libegl1"
        )
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)
