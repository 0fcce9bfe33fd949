"""Making what comes next while what came before is used."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

Item = TypeVar("Item")

_END: Any = object()


@contextmanager
def ahead(items: Iterable[Item], n: int) -> Iterator[Iterator[Item]]:
    """The same items, up to `n` of them made ahead in a thread; what goes wrong there is raised here, in its turn.

    On leaving, the item that is being made is waited for, and no other one is begun.
    """
    made = iter(items)
    with ThreadPoolExecutor(max_workers=1) as thread:
        coming = deque(thread.submit(next, made, _END) for _ in range(n))

        def taken() -> Iterator[Item]:
            while (item := coming.popleft().result()) is not _END:
                coming.append(thread.submit(next, made, _END))
                yield item

        try:
            yield taken()
        finally:
            thread.shutdown(cancel_futures=True)
