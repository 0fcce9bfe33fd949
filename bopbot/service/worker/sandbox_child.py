"""The child process of the sandbox: it sets limits, imports the tasks, and then runs one task after another."""

from __future__ import annotations

import importlib
import logging
import os
import pickle
import resource
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from errno import ENOMEM
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue

from bopbot.service.errors import SandboxLimitError
from bopbot.service.events import Event
from bopbot.service.limits import GIB
from bopbot.service.logs import log_to_stderr
from pose_vocab.errors import BopBotError

TASKS_PER_CHILD = 200
"""Tasks after which a child is replaced, as libraries may leak memory."""
FILE_BYTES = 4 * GIB
"""Largest file that a task may write."""
NICENESS = 5
"""Requests have priority over dances."""
SHARED_MEMORY = Path("/dev/shm")
"""Where Linux keeps named semaphores."""
WENT_WRONG = "something went wrong while this dance was made; the reason is in the server's log"
OUT_OF_MEMORY = ("allocate memory", "not enough memory", "insufficient memory", "bad_alloc", "start new thread")
"""Messages of C++ libraries that lack memory, also for the stack of a thread."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ended:
    """The message of the child when it is warm, and after each task.

    Parameters
    ----------
    error : name of the class of an error; empty after success.
    message : the text of the error.
    worn : whether the child is to be replaced.
    """

    error: str = ""
    message: str = ""
    worn: bool = False


def run_child(descriptor: int, memory_bytes: int, tasks: str, temporary: str) -> None:
    """Set the limits, import the tasks, and run one task after another until the worker dies.

    Parameters
    ----------
    descriptor : the socket to the worker.
    memory_bytes : limit of private memory.
    tasks : name of the module of the tasks.
    temporary : folder of temporary files, removed at the end.
    """
    for number in (signal.SIGINT, signal.SIGTERM):  # These are for the worker, which kills its child.
        signal.signal(number, signal.SIG_IGN)
    log_to_stderr()
    os.set_inheritable(descriptor, False)
    for kind, most in (
        (resource.RLIMIT_DATA, memory_bytes),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(OSError, ValueError):  # There is a lower limit already, or the system lacks this one.
            resource.setrlimit(kind, (most, most))
    os.nice(NICENESS)
    worker, inbox = Connection(descriptor), SimpleQueue[bytes]()
    threading.Thread(target=_listen, args=(worker, inbox, Path(temporary)), daemon=True).start()
    lock = threading.Lock()

    def emit(message: Event | Ended) -> None:
        with lock:
            worker.send(message)

    module = importlib.import_module(tasks)
    if hasattr(module, "warm"):
        module.warm()
    emit(Ended())
    # Memory above this is considered leaked: half of what was free after the warm-up.
    most_bytes = (_resident_bytes() + memory_bytes) / 2
    for n_tasks in count(1):
        ended = _do(module.TASKS, inbox.get(), emit, memory_bytes)
        worn = ended.worn or n_tasks >= TASKS_PER_CHILD or _resident_bytes() > most_bytes
        emit(replace(ended, worn=worn))


def _listen(worker: Connection, inbox: SimpleQueue[bytes], temporary: Path) -> None:
    try:
        while True:
            inbox.put(worker.recv_bytes())
    except (EOFError, OSError):  # The worker is dead and cannot clean up.
        remove_traces(os.getpid(), temporary)
    finally:
        os.killpg(0, signal.SIGKILL)


def _do(tasks: dict[str, Callable[..., None]], asked: bytes, emit: Callable[[Event], None], memory_bytes: int) -> Ended:
    name, arguments = pickle.loads(asked)
    try:
        tasks[name](*arguments, emit=emit)
    except BaseException as error:
        if any(map(_is_out_of_memory, _causes(error))):
            return Ended(
                name_of(SandboxLimitError),
                f"the dance needs more memory than its limit of {memory_bytes / GIB:.3g} GiB; "
                "a shorter or smaller video needs less",
                worn=True,
            )
        if any(isinstance(each, BrokenProcessPool) for each in _causes(error)):
            return sudden_end("", memory_bytes)
        if isinstance(error, BopBotError):
            return Ended(name_of(type(error)), str(error))
        log.exception("the task %s failed", name)
        return Ended(name_of(BopBotError), WENT_WRONG)
    return Ended()


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and the chain of its causes."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_out_of_memory(error: BaseException) -> bool:
    return (
        isinstance(error, MemoryError)
        or (isinstance(error, OSError) and error.errno == ENOMEM)
        or any(words in str(error).lower() for words in OUT_OF_MEMORY)
    )


def _resident_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:  # not on Linux
        return 0
    return pages * resource.getpagesize()


def sudden_end(how: str, memory_bytes: int) -> Ended:
    """Return the message for a process that died during a task."""
    return Ended(
        name_of(SandboxLimitError),
        f"a process that made the dance ended suddenly{how}, perhaps for lack of memory: its limit is "
        f"{memory_bytes / GIB:.3g} GiB; a shorter or smaller video needs less",
        worn=True,
    )


def name_of(kind: type[BaseException]) -> str:
    """Return the full name of a class of errors."""
    return f"{kind.__module__}.{kind.__qualname__}"


def remove_traces(pid: int, temporary: Path) -> None:
    """Remove the files of a killed child: temporary ones, and the semaphores of its processes for pose extraction."""
    shutil.rmtree(temporary, ignore_errors=True)
    for semaphore in SHARED_MEMORY.glob(f"sem.loky-{pid}-*"):
        semaphore.unlink(missing_ok=True)
