"""Two halves of a work at the same time: one makes things in the caller's thread, the other uses them in a second."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from queue import SimpleQueue
from threading import Event, Semaphore, Thread
from typing import TypeVar

AHEAD = 3
"""Things that may wait between the two, so that neither stands still at every hiccup of the other."""

Thing = TypeVar("Thing")


class Abandoned(Exception):
    """Tells the second half that the first one was broken off."""


class _End(Enum):
    ALL_MADE = "all made"
    ABANDONED = "abandoned"


def overlapped(made: Iterable[Thing], use: Callable[[Iterator[Thing]], None]) -> None:
    """Call ``use(iterator over made)`` in a second thread, while this one makes.

    It pays where both let go of Python's lock for most of the time, as drawing and encoders do.
    Whatever ends one half ends the other: an error of `use` is raised here, at the latest when the
    next thing is handed over; an error or a signal here reaches `use` as `Abandoned` from its
    iterator. Both halves are over when this function ends.
    """
    waiting: SimpleQueue[Thing | _End] = SimpleQueue()
    room = Semaphore(AHEAD)
    over = Event()
    failures: list[BaseException] = []

    def taken() -> Iterator[Thing]:
        while not isinstance(thing := waiting.get(), _End):
            room.release()
            yield thing
        if thing is _End.ABANDONED:
            raise Abandoned

    def run() -> None:
        try:
            use(taken())
        except BaseException as failure:
            failures.append(failure)
        finally:
            over.set()
            room.release()

    second = Thread(target=run)
    second.start()
    try:
        for thing in made:
            room.acquire()
            if over.is_set():
                break
            waiting.put(thing)
        waiting.put(_End.ALL_MADE)
        second.join()
    finally:
        waiting.put(_End.ABANDONED)
        second.join()
    if failures:
        raise failures[0]
