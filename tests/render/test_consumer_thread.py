"""Making and using at the same time: the order stays, and whatever ends one half ends the other."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.outputs.consumer_thread import QUEUE_LENGTH, ProducerFailed, consume_in_thread


@given(things=st.lists(st.one_of(st.none(), st.integers()), max_size=50))
@settings(max_examples=50, deadline=None)
def test_everything_arrives_in_order(things: list[int | None]) -> None:
    arrived: list[int | None] = []
    consume_in_thread(things, arrived.extend)
    assert arrived == things


def test_the_halves_run_at_the_same_time() -> None:
    """Ten times 20 ms each: 0.4 s one after the other, 0.22 s overlapped."""

    def made() -> Iterator[int]:
        for number in range(10):
            time.sleep(0.02)
            yield number

    def use(numbers: Iterator[int]) -> None:
        for _ in numbers:
            time.sleep(0.02)

    began_s = time.perf_counter()
    consume_in_thread(made(), use)
    assert time.perf_counter() - began_s < 0.36


def test_things_are_made_in_the_callers_thread_and_used_in_another() -> None:
    threads: list[int] = []

    def made() -> Iterator[int]:
        yield threading.get_ident()

    def use(idents: Iterator[int]) -> None:
        threads.extend([*idents, threading.get_ident()])

    consume_in_thread(made(), use)
    assert threads[0] == threading.get_ident() != threads[1]


def test_no_more_than_a_few_things_wait() -> None:
    ahead: list[int] = []
    n_used = 0

    def made() -> Iterator[int]:
        for number in range(30):
            ahead.append(number - n_used)
            yield number

    def use(numbers: Iterator[int]) -> None:
        nonlocal n_used
        for _ in numbers:
            time.sleep(0.002)
            n_used += 1

    consume_in_thread(made(), use)
    assert 1 < max(ahead) <= QUEUE_LENGTH + 2


@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt(), SystemExit(143)])
@pytest.mark.parametrize("after", [0, 1, 20])
def test_an_error_of_the_maker_comes_through_and_ends_the_user(error: BaseException, after: int) -> None:
    seen: list[type[BaseException]] = []

    def made() -> Iterator[int]:
        yield from range(after)
        raise error

    def use(numbers: Iterator[int]) -> None:
        try:
            assert list(numbers) is None
        except BaseException as ending:
            seen.append(type(ending))
            raise

    with pytest.raises(type(error)) as caught:
        consume_in_thread(made(), use)
    assert caught.value is error
    assert seen == [ProducerFailed]


@pytest.mark.parametrize("after", [0, 1, 20])
def test_an_error_of_the_user_comes_through_and_ends_the_maker(after: int) -> None:
    error = ValueError("broken")

    def endless() -> Iterator[int]:
        number = 0
        while True:
            yield number
            number += 1

    def use(numbers: Iterator[int]) -> None:
        for number in numbers:
            if number == after:
                raise error

    with pytest.raises(ValueError) as caught:
        consume_in_thread(endless(), use)
    assert caught.value is error


def test_an_error_after_the_last_thing_comes_through() -> None:
    def use(numbers: Iterator[int]) -> None:
        assert list(numbers) == [0, 1, 2]
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        consume_in_thread(range(3), use)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "number", "code"),
    [
        ("dance.mp4", signal.SIGTERM, 143),
        ("dance.mp4", signal.SIGINT, -signal.SIGINT),
        ("dance.gif", signal.SIGINT, -signal.SIGINT),
        ("frames", signal.SIGTERM, 143),
    ],
)
def test_a_signal_ends_a_command_and_leaves_nothing(name: str, number: int, code: int, tmp_path: Path) -> None:
    """A real process that would write for ever, and is stopped as people and schedulers stop it."""
    program = f"""
        import itertools
        import numpy as np
        from bopbot.cli.console import stop_on_termination
        from render.writer import write_video
        stop_on_termination()
        def pictures():
            for index in itertools.count():
                if index == 30:
                    print("writing", flush=True)
                yield np.full((48, 64, 3), index % 256, np.uint8)
        write_video(pictures(), {str(tmp_path / name)!r}, 20)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"writing\n"
    os.kill(process.pid, number)
    process.communicate(timeout=20)
    assert process.returncode == code
    assert list(tmp_path.iterdir()) == []
