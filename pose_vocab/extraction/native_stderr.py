"""Suppression of what C++ libraries write directly to the standard error stream."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

STDERR = 2
"""File descriptor of the standard error stream."""

_lock = threading.Lock()
_depth = 0
_saved: int | None = None


def redirect_stderr_to_null() -> int:
    """Send this process's standard error stream to the null device; return a descriptor of the old target.

    Raises
    ------
    OSError : the stream is closed.
    """
    saved = os.dup(STDERR)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, STDERR)
    os.close(null)
    return saved


@contextmanager
def suppressed_stderr() -> Iterator[None]:
    """Suppress the process's standard error stream inside the ``with`` block; it may be nested and used by
    several threads.

    MediaPipe logs from its own threads, and no setting of the Python package turns that off. Keep the block
    short: a progress bar is suppressed as well.
    """
    global _depth, _saved
    with _lock:
        if _depth == 0:
            try:
                _saved = redirect_stderr_to_null()
            except OSError:  # A service may run with the stream closed; there is nothing to suppress.
                _saved = None
        _depth += 1
    try:
        yield
    finally:
        with _lock:
            _depth -= 1
            if _depth == 0 and _saved is not None:
                os.dup2(_saved, STDERR)
                os.close(_saved)
                _saved = None
