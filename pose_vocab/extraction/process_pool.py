"""The pieces of a video read by several processes at once, which end when they are told to."""

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
from pose_vocab.extraction.bundle import pose_bundle
from pose_vocab.extraction.chunk_reader import ChunkResult, ExtractionSettings, read_chunk
from pose_vocab.extraction.chunks import Chunk
from pose_vocab.extraction.landmarker import Landmarkers
from pose_vocab.extraction.native_stderr import redirect_stderr_to_null

IDLE_S = 30
"""A process waits so long for the next video before it ends, where nobody wants it to stay (`keep_workers_ready`)."""
REPORT_EVERY_S = 0.1
"""How often the caller is told how far the processes are."""

_idle_s: int = IDLE_S
_loaded: Landmarkers | None = None


def keep_workers_ready(idle_s: int) -> None:
    """Have as many processes as there are processors load the model, and wait so many seconds for the next video.

    Gives back at once; they are ready some seconds later. For services, whose next video shall not wait for them.
    """
    import joblib

    global _idle_s
    _idle_s = idle_s
    workers = int(joblib.cpu_count())
    pool = _pool(workers)
    for _ in range(workers):
        pool.submit(_load_models)


def read_chunks(
    source: ExtractionSettings, chunks: Sequence[Chunk], workers: int | None, done: Callable[[int], None]
) -> list[ChunkResult]:
    """Read all pieces of a video, here or in up to `workers` other processes; the result is the same.

    None stands for as many workers as there are processors.

    `done` is called in this thread with the number of pictures read so far. What it raises ends the
    reading, as Ctrl-C does.

    Raises
    ------
    VideoError, ModelError : the video or the model cannot be read.
    BopBotError : a process ended without a word, as when memory runs out.
    """
    if workers is None:
        import joblib

        workers = int(joblib.cpu_count())
    workers = min(max(1, workers), len(chunks))
    return _read_in_process(source, chunks, done) if workers == 1 else _read_in_processes(source, chunks, workers, done)


def _read_in_process(
    source: ExtractionSettings, chunks: Sequence[Chunk], done: Callable[[int], None]
) -> list[ChunkResult]:
    with closing(Landmarkers(source.model)) as landmarkers:
        return [read_chunk(source, chunk, landmarkers, partial(_report_total, done, chunk.start)) for chunk in chunks]


def _report_total(done: Callable[[int], None], before: int, frames_done: int) -> None:
    done(before + frames_done)


def _read_in_processes(
    source: ExtractionSettings, chunks: Sequence[Chunk], workers: int, done: Callable[[int], None]
) -> list[ChunkResult]:
    with tempfile.TemporaryDirectory(prefix="bopbot-") as folder, warnings.catch_warnings():
        # A process may end for idleness just as its next work comes. Loky replaces it, with a warning; were
        # warnings turned into errors, its thread would die of it, and nobody would ever answer.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs")
        board_file = Path(folder) / "board"
        board = _progress_board(board_file, len(chunks), new=True)
        pool = _pool(workers)
        futures: list[Future[ChunkResult]] = []
        try:
            futures += [pool.submit(_read_one, source, chunks, i, board_file) for i in range(len(chunks))]
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
                f"a process that read {source.video} ended without a word, perhaps for lack of memory; "
                "one worker needs the least"
            ) from failure
        if failure:
            raise failure
        return [future.result() for future in futures]


def _pool(workers: int) -> Any:
    # Unlike a pool of multiprocessing, loky's does not run the caller's script again in every process.
    from joblib.externals.loky import get_reusable_executor

    return get_reusable_executor(workers, timeout=_idle_s, initializer=_prepare_process)


def _failure(futures: Sequence[Future[ChunkResult]]) -> BaseException | None:
    """Why the first of the pieces failed that was not merely told to stop."""
    errors = [future.exception() for future in futures if future.done()]
    return next((error for error in errors if error and not isinstance(error, _StoppedError)), None)


class _StoppedError(Exception):
    """The caller does not want the rest."""


def _progress_board(path: Path, n_chunks: int, *, new: bool = False) -> NDArray[np.int64]:
    """A small file that all processes see: how far each piece is, and at its end whether to stop."""
    return np.memmap(path, np.int64, "w+" if new else "r+", shape=(n_chunks + 1,))


def _prepare_process() -> None:
    # Ctrl-C reaches every process of a terminal; the one that started the others ends them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    redirect_stderr_to_null()
    # MediaPipe imports matplotlib for plots that nobody draws here; it takes half of the time to start.
    sys.modules["matplotlib"] = sys.modules["matplotlib.pyplot"] = ModuleType("matplotlib")


def _load_models() -> None:
    with pose_bundle() as model:
        _process_landmarkers(model).preload()


def _process_landmarkers(model: Path) -> Landmarkers:
    """Those of this process, which stay loaded for the next video."""
    global _loaded
    if _loaded is not None and _loaded.model != model:
        _loaded.close()
        _loaded = None
    _loaded = _loaded or Landmarkers(model)
    return _loaded


def _read_one(source: ExtractionSettings, chunks: Sequence[Chunk], which: int, board_file: Path) -> ChunkResult:
    board = _progress_board(board_file, len(chunks))
    parent = os.getppid()

    def report(frames_done: int) -> None:
        if os.getppid() != parent:  # It was killed: nobody is left to stop this process.
            os._exit(1)
        if board[-1]:
            raise _StoppedError
        board[which] = frames_done

    report(0)
    try:
        return read_chunk(source, chunks[which], _process_landmarkers(source.model), report)
    finally:
        _return_memory()


def _return_memory() -> None:
    """Give the system what MediaPipe's threads have freed, as glibc does not: loky ends a process that grows.

    Of eight readings one after the other 150 to 230 MB stay so, not 500.
    """
    with suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
