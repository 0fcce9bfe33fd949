"""A clean terminal: what C++ libraries write past Python to the standard error stream is left out."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

STDERR = 2
"""The file descriptor that C++ code writes its log to."""

_lock = threading.Lock()
_depth = 0
_kept: int | None = None


def redirect_stderr_to_null() -> int:
    """Send this process's standard error stream to nowhere; gives a descriptor of where it went before.

    Raises
    ------
    OSError : the stream is closed.
    """
    kept = os.dup(STDERR)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STDERR)
    os.close(nowhere)
    return kept


@contextmanager
def suppressed_stderr() -> Iterator[None]:
    """Inside, nothing of the process reaches the standard error stream; threads may share it and nest it.

    MediaPipe's log goes there from threads of its own, and no setting of the Python package turns it
    off. Keep it short: a progress bar is silent too.
    """
    global _depth, _kept
    with _lock:
        if _depth == 0:
            try:
                _kept = redirect_stderr_to_null()
            except OSError:  # A service may run with the stream closed: nothing to keep clean.
                _kept = None
        _depth += 1
    try:
        yield
    finally:
        with _lock:
            _depth -= 1
            if _depth == 0 and _kept is not None:
                os.dup2(_kept, STDERR)
                os.close(_kept)
                _kept = None
