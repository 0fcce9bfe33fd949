"""How long work tells whoever waits for it how far it is."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeVar

Item = TypeVar("Item")

Progress = Callable[[str, int, int], None]
"""Called with the name of a stage, the steps done and the steps in all."""


def silent(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


Heard = Callable[[int, Sequence[str]], None]
"""Called with the next words of a new dance, after how many were written before them; at 0 the dance begins anew."""


def unheard(start: int, words: Sequence[str]) -> None:
    """Nobody listens."""


def of_stage(progress: Progress, stage: str) -> Callable[[int, int], None]:
    """The part of `progress` that a worker of one stage calls with done and total."""
    return partial(progress, stage)


def counted(items: Iterable[Item], progress: Progress, stage: str, total: int) -> Iterator[Item]:
    """The same items, each told to `progress` as it is used up."""
    for done, item in enumerate(items, 1):
        yield item
        progress(stage, done, total)
