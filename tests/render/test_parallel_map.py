import threading
from collections.abc import Iterator

import pytest

from render.parallel_map import parallel_map


def test_results_come_in_order() -> None:
    assert list(parallel_map(lambda n: n * n, range(100))) == [n * n for n in range(100)]
    assert list(parallel_map(str, [])) == []


def test_no_more_is_taken_than_is_soon_needed() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for n in range(10_000):
            taken.append(n)
            yield n

    results = parallel_map(str, items())
    assert next(results) == "0"
    assert len(taken) < 200
    results.close()


def test_an_error_reaches_whoever_takes_the_results() -> None:
    def fails_at_three(n: int) -> int:
        if n == 3:
            raise ValueError("three")
        return n

    results = parallel_map(fails_at_three, range(1000))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        list(results)


def test_no_thread_is_left_behind() -> None:
    before = threading.active_count()
    results = parallel_map(str, range(1000))
    next(results)
    results.close()
    assert threading.active_count() == before
