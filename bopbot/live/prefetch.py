"""Compute the next items of an iterable in a thread while earlier ones are used."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

Item = TypeVar("Item")

_END: Any = object()


@contextmanager
def prefetch(items: Iterable[Item], n: int) -> Iterator[Iterator[Item]]:
    """Yield an iterator over the items, up to `n` of them computed ahead in a thread; its errors are raised in order.

    On exit, the item in progress is finished and no other one is started.
    """
    source = iter(items)
    with ThreadPoolExecutor(max_workers=1) as thread:
        coming = deque(thread.submit(next, source, _END) for _ in range(n))

        def received() -> Iterator[Item]:
            while (item := coming.popleft().result()) is not _END:
                coming.append(thread.submit(next, source, _END))
                yield item

        try:
            yield received()
        finally:
            thread.shutdown(cancel_futures=True)
