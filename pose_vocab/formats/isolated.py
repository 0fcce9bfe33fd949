"""Parsing in a process of its own, for formats whose libraries are compiled and were not made for damaged files.

Such a library may hang, crash or take all memory. Its process has limits of time and memory, and only it dies.
"""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
from pathlib import Path

from pose_vocab.errors import BopBotError, PoseError
from pose_vocab.formats.interface import PoseInput
from pose_vocab.formats.parsed import Parsed

TIMEOUT_S = 120.0
"""A file that takes longer is refused; an hour of a motion capture system takes seconds."""
MAX_MEMORY_BYTES = 8 * 2**30
"""Address space of the process; libraries reserve much more than they use."""


def parse_isolated(name: str, path: Path, pose_input: PoseInput) -> Parsed:
    """Return what the format `name` parses in a file, in another process.

    Raises
    ------
    PoseError : what the format raises; or its library hung, crashed or ran out of memory.
    """
    request = pickle.dumps((name, path, pose_input))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pose_vocab.formats.isolated"],
            input=request,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PoseError(f"{path} took longer than {TIMEOUT_S:g} s to read; it is damaged or too large") from None
    try:
        answer = pickle.loads(done.stdout) if done.returncode == 0 else None
    except (pickle.UnpicklingError, EOFError):
        answer = None
    if isinstance(answer, Parsed):
        return answer
    if isinstance(answer, BopBotError):
        raise answer
    signals = {-one.value: one.name for one in signal.Signals}
    how = signals.get(done.returncode, f"exit status {done.returncode}")
    raise PoseError(f"{path} is damaged: the library that reads it ended with {how}; export it again")


def _main() -> None:
    """Parse what is asked for on stdin, and answer on stdout: the content of the file, or the error."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    from pose_vocab.formats import FORMATS, describe_damage

    name, path, pose_input = pickle.loads(sys.stdin.buffer.read())
    row = FORMATS[name]
    answer: Parsed | BopBotError
    try:
        answer = row.parse(path, pose_input)
    except BopBotError as error:
        answer = error
    except Exception as error:
        answer = describe_damage(row, path, error)
    sys.stdout.buffer.write(pickle.dumps(answer))


if __name__ == "__main__":
    _main()
