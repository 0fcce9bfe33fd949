"""Produce items in the caller's thread while a second thread consumes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from queue import SimpleQueue
from threading import Event, Semaphore, Thread
from typing import TypeVar

QUEUE_LENGTH = 3
"""Items that may wait between the threads, so that short delays of one do not stop the other."""

Item = TypeVar("Item")


class ProducerFailed(Exception):
    """Raised in the consumer when the producer has failed or was interrupted."""


class _End(Enum):
    FINISHED = "finished"
    FAILED = "failed"


def consume_in_thread(items: Iterable[Item], consume: Callable[[Iterator[Item]], None]) -> None:
    """Call ``consume(iterator over items)`` in a second thread, while this thread produces the items.

    It helps where both release the GIL most of the time, as drawing and encoding do. An error of `consume` is
    raised here, when the next item is ready at the latest; an error or a signal here reaches `consume` as
    `ProducerFailed` from its iterator. Both have ended when this function returns.
    """
    waiting: SimpleQueue[Item | _End] = SimpleQueue()
    room = Semaphore(QUEUE_LENGTH)
    over = Event()
    failures: list[BaseException] = []

    def received() -> Iterator[Item]:
        while not isinstance(item := waiting.get(), _End):
            room.release()
            yield item
        if item is _End.FAILED:
            raise ProducerFailed

    def run() -> None:
        try:
            consume(received())
        except BaseException as failure:
            failures.append(failure)
        finally:
            over.set()
            room.release()

    second = Thread(target=run)
    second.start()
    try:
        for item in items:
            room.acquire()
            if over.is_set():
                break
            waiting.put(item)
        waiting.put(_End.FINISHED)
        second.join()
    finally:
        waiting.put(_End.FAILED)
        second.join()
    if failures:
        raise failures[0]
