"""Reading of a video's chunks in several processes, which stop on request."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import BopBotError
from pose_vocab.extraction.bundle import find_pose_model
from pose_vocab.extraction.chunk_reader import ChunkResult, ExtractionSettings, read_chunk
from pose_vocab.extraction.chunks import Chunk
from pose_vocab.extraction.landmarker import Landmarkers
from pose_vocab.extraction.native_stderr import redirect_stderr_to_null

IDLE_S = 30
"""A process without work ends after this many seconds (see `keep_workers_ready`)."""
REPORT_EVERY_S = 0.1
"""How often progress is reported to the caller."""

_idle_s: int = IDLE_S
_loaded: Landmarkers | None = None


def keep_workers_ready(idle_s: int) -> None:
    """Start one process per processor, load the model in each, and keep them for `idle_s` seconds without
    work.

    Returns at once; the processes are ready some seconds later. For services, where the next video should
    not wait for them.
    """
    import joblib

    global _idle_s
    _idle_s = idle_s
    workers = int(joblib.cpu_count())
    pool = _pool(workers)
    for _ in range(workers):
        pool.submit(_load_models)


def read_chunks(
    settings: ExtractionSettings, chunks: Sequence[Chunk], workers: int | None, done: Callable[[int], None]
) -> list[ChunkResult]:
    """Read all chunks of a video, in this process or in up to `workers` others; the result is the same.

    `workers` None means one per processor. `done` is called in this thread with the number of frames read
    so far. An exception that it raises stops the reading, as Ctrl-C does.

    Raises
    ------
    VideoError, ModelError : the video or the model cannot be read.
    BopBotError : a process was killed, for example because memory ran out.
    """
    if workers is None:
        import joblib

        workers = int(joblib.cpu_count())
    workers = min(max(1, workers), len(chunks))
    return (
        _read_in_process(settings, chunks, done)
        if workers == 1
        else _read_in_processes(settings, chunks, workers, done)
    )


def _read_in_process(
    settings: ExtractionSettings, chunks: Sequence[Chunk], done: Callable[[int], None]
) -> list[ChunkResult]:
    with closing(Landmarkers(settings.model)) as landmarkers:
        return [read_chunk(settings, chunk, landmarkers, partial(_report_total, done, chunk.start)) for chunk in chunks]


def _report_total(done: Callable[[int], None], before: int, frames_done: int) -> None:
    """Report the frames done in one chunk plus those of the chunks before it."""
    done(before + frames_done)


def _read_in_processes(
    settings: ExtractionSettings, chunks: Sequence[Chunk], workers: int, done: Callable[[int], None]
) -> list[ChunkResult]:
    with tempfile.TemporaryDirectory(prefix="bopbot-") as folder, warnings.catch_warnings():
        # An idle process may end just as new work arrives. Loky replaces it and warns; if warnings are
        # errors, loky's thread dies of it and the work is never finished.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs")
        board_file = Path(folder) / "board"
        board = _progress_board(board_file, len(chunks), new=True)
        pool = _pool(workers)
        futures: list[Future[ChunkResult]] = []
        try:
            futures += [pool.submit(_read_one, settings, chunks, i, board_file) for i in range(len(chunks))]
            while wait(futures, REPORT_EVERY_S, FIRST_EXCEPTION).not_done and not _failure(futures):
                done(int(board[:-1].sum()))
        except KeyboardInterrupt:
            pool.shutdown(kill_workers=True)
            raise
        finally:
            board[-1] = True
            wait(futures)
        failure = _failure(futures)
        if isinstance(failure, BrokenProcessPool):
            raise BopBotError(
                f"a process that read {settings.video} was killed, perhaps because memory ran out; "
                "try one worker, which needs the least"
            ) from failure
        if failure:
            raise failure
        return [future.result() for future in futures]


def _pool(workers: int) -> Any:
    # Unlike multiprocessing's pool, loky's does not run the caller's script again in every process.
    from joblib.externals.loky import get_reusable_executor

    return get_reusable_executor(workers, timeout=_idle_s, initializer=_prepare_process)


def _failure(futures: Sequence[Future[ChunkResult]]) -> BaseException | None:
    """Return the first chunk's error that is not a mere stop request, or None."""
    errors = [future.exception() for future in futures if future.done()]
    return next((error for error in errors if error and not isinstance(error, _StoppedError)), None)


class _StoppedError(Exception):
    """The caller asked to stop."""


def _progress_board(path: Path, n_chunks: int, *, new: bool = False) -> NDArray[np.int64]:
    """Return a small array in a file that all processes map: frames done per chunk, and last a stop flag."""
    return np.memmap(path, np.int64, "w+" if new else "r+", shape=(n_chunks + 1,))


def _prepare_process() -> None:
    # Ctrl-C reaches all processes of a terminal; the parent stops the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    redirect_stderr_to_null()
    # MediaPipe imports matplotlib for plots that are not used here; that takes half of the start-up time.
    sys.modules["matplotlib"] = sys.modules["matplotlib.pyplot"] = ModuleType("matplotlib")


def _load_models() -> None:
    _process_landmarkers(find_pose_model()).preload()


def _process_landmarkers(model: Path) -> Landmarkers:
    """Return this process's landmarkers, which stay loaded for the next video."""
    global _loaded
    if _loaded is not None and _loaded.model != model:
        _loaded.close()
        _loaded = None
    _loaded = _loaded or Landmarkers(model)
    return _loaded


def _read_one(settings: ExtractionSettings, chunks: Sequence[Chunk], which: int, board_file: Path) -> ChunkResult:
    board = _progress_board(board_file, len(chunks))
    parent = os.getppid()

    def report(frames_done: int) -> None:
        if os.getppid() != parent:  # The parent was killed; nobody else will stop this process.
            os._exit(1)
        if board[-1]:
            raise _StoppedError
        board[which] = frames_done

    report(0)
    try:
        return read_chunk(settings, chunks[which], _process_landmarkers(settings.model), report)
    finally:
        _return_memory()


def _return_memory() -> None:
    """Return memory freed by MediaPipe's threads to the system, which glibc does not: loky restarts a process
    that grows.

    After eight readings in a row 150 to 230 MB are still held, instead of 500.
    """
    with suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
