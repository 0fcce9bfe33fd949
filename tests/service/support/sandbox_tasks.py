"""Tasks for a studio to be tried with: what goes well, and each way in which a task can go wrong."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
from joblib.externals.loky import get_reusable_executor

from bopbot.service.events import Event, Notice, Progress
from pose_vocab.errors import ModelError, VideoError

Emit = Callable[[Event], None]
HEARTBEAT = """
import os, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    pathlib.Path(sys.argv[1]).write_text(f"{os.getpid()} {time.monotonic()}")
    time.sleep(0.02)
"""

held: list[bytearray] = []
made_ready: list[str] = []


def warm() -> None:
    made_ready.append("the stage")


def nothing(*, emit: Emit) -> None:
    pass


def count(n: int, *, emit: Emit) -> None:
    for done in range(1, n + 1):
        emit(Progress("drawing", done, n))


def talk_in_threads(n: int, length: int, *, emit: Emit) -> None:
    def talk(letter: str) -> None:
        for _ in range(n):
            emit(Notice(letter * length))

    with ThreadPoolExecutor() as threads:
        list(threads.map(talk, "abcd"))


def say_pid(*, emit: Emit) -> None:
    emit(Notice(str(os.getpid())))


def say_what_is_ready(*, emit: Emit) -> None:
    emit(Notice(" ".join(made_ready)))


def say_open_files(*, emit: Emit) -> None:
    for descriptor in list(Path("/proc/self/fd").iterdir()):
        with suppress(FileNotFoundError):  # The folder itself, which was open while it was listed.
            emit(Notice(str(descriptor.readlink())))


def say_temporary_folder(*, emit: Emit) -> None:
    emit(Notice(tempfile.mkdtemp()))


def start_processes_of_loky(*, emit: Emit) -> None:
    emit(Notice(str(get_reusable_executor(1).submit(os.getppid).result())))


def die_in_a_process_of_loky(*, emit: Emit) -> None:
    get_reusable_executor(1).submit(os._exit, 1).result()


def hog_in_a_process_of_loky(n_bytes: int, *, emit: Emit) -> None:
    get_reusable_executor(1).submit(np.ones, n_bytes, np.uint8).result()


def resize(side_px: int, *, emit: Emit) -> None:
    cv2.resize(np.zeros((100, 100, 3), np.uint8), (side_px, side_px))


def sleep(seconds: float, *, emit: Emit) -> None:
    emit(Notice("asleep"))
    time.sleep(seconds)


def chatter(*, emit: Emit) -> None:
    while True:
        emit(Notice("still here"))


def print_much(*, emit: Emit) -> None:
    print("printed " * 100_000)
    os.system("echo printed by another program")


def hog(n_bytes: int, *, emit: Emit) -> None:
    np.ones(n_bytes, np.uint8)


def hog_and_blame_the_video(n_bytes: int, *, emit: Emit) -> None:
    try:
        np.ones(n_bytes, np.uint8)
    except MemoryError as error:
        raise VideoError("the video cannot be read") from error


def hog_in_another_process(n_bytes: int, *, emit: Emit) -> None:
    code = f"import sys\ntry: bytearray({n_bytes})\nexcept MemoryError: sys.exit(7)"
    emit(Notice(str(subprocess.run([sys.executable, "-c", code]).returncode)))


def keep(n_bytes: int, *, emit: Emit) -> None:
    held.append(bytearray(b"x") * n_bytes)


def fail(*, emit: Emit) -> None:
    raise ModelError("the model cannot: 3 words, at least 5 are needed")


def fail_unexpectedly(*, emit: Emit) -> None:
    raise ZeroDivisionError("a secret of the server")


def fail_strangely(*, emit: Emit) -> None:
    raise type("MadeHereError", (VideoError,), {})("the video is strange")


def leave(*, emit: Emit) -> None:
    sys.exit(3)


def die(number: int, then_s: float = 60.0, *, emit: Emit) -> None:
    os.kill(os.getpid(), number)
    time.sleep(then_s)


def write_large_file(path: Path, n_bytes: int, *, emit: Emit) -> None:
    with path.open("wb") as file:
        file.truncate(n_bytes)


def beat(path: Path, *, emit: Emit) -> None:
    """Start a process that goes on writing, wait until it does, and wait with it."""
    with subprocess.Popen([sys.executable, "-c", HEARTBEAT, str(path)], close_fds=False):
        while not path.exists():
            time.sleep(0.01)
        emit(Notice("it beats"))


TASKS = {
    task.__name__: task
    for task in (
        *(nothing, count, talk_in_threads, say_pid, say_what_is_ready, say_open_files, say_temporary_folder),
        *(
            start_processes_of_loky,
            die_in_a_process_of_loky,
            hog_in_a_process_of_loky,
            resize,
            sleep,
            chatter,
            print_much,
            hog,
        ),
        *(hog_and_blame_the_video, hog_in_another_process, keep, fail, fail_unexpectedly, fail_strangely, leave, die),
        *(write_large_file, beat),
    )
}
