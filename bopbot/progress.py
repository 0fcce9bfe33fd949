"""Callbacks by which long work reports its progress."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeVar

Item = TypeVar("Item")

Progress = Callable[[str, int, int], None]
"""Called with the name of a stage, the steps done and the steps in all."""


def silent(stage: str, done: int, total: int) -> None:
    """Ignore the progress."""


OnWords = Callable[[int, Sequence[Sequence[str]]], None]
"""Called with the number of a row of a new dance and the words of the rows from there on; row 0 begins a dance."""


def ignore_words(row: int, words: Sequence[Sequence[str]]) -> None:
    """Ignore the words of a dance."""


def of_stage(progress: Progress, stage: str) -> Callable[[int, int], None]:
    """Return `progress` for one stage: called with the steps done and in all."""
    return partial(progress, stage)


def counted(items: Iterable[Item], progress: Progress, stage: str, total: int) -> Iterator[Item]:
    """Yield the items, and report each to `progress` when it has been used."""
    for done, item in enumerate(items, 1):
        yield item
        progress(stage, done, total)
