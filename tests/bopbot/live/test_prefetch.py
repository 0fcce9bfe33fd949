"""Items are made ahead, in order."""

from collections.abc import Iterator
from itertools import count, islice

import pytest

from bopbot.live.prefetch import prefetch
from pose_vocab.errors import ModelError


def test_what_is_made_ahead_comes_in_order_and_no_more_than_wanted() -> None:
    made: list[int] = []
    with prefetch((made.append(i) or i for i in count()), 5) as items:  # type: ignore[func-returns-value]
        assert list(islice(items, 20)) == list(range(20))
    assert 20 <= len(made) <= 26


def test_what_goes_wrong_ahead_is_told_in_its_turn() -> None:
    def two_and_an_error() -> Iterator[int]:
        yield from (1, 2)
        raise ModelError("no more")

    taken = []
    with pytest.raises(ModelError, match="no more"), prefetch(two_and_an_error(), 5) as items:
        for item in items:
            taken.append(item)  # noqa: PERF402
    assert taken == [1, 2]
