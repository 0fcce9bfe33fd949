"""The life of the studio's child: limits, the imports that take seconds, then one task after another."""

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
"""After so many tasks a child is replaced, so that what a library leaks never grows without end."""
FILE_BYTES = 4 * GIB
"""No file of a task may be larger."""
NICENESS = 5
"""Whoever looks at a page comes before who makes a dance."""
SHARED_MEMORY = Path("/dev/shm")
"""Where Linux keeps named semaphores."""
WENT_WRONG = "something went wrong in the making of this dance; the log of the server says more"
OUT_OF_MEMORY = ("allocate memory", "not enough memory", "insufficient memory", "bad_alloc", "start new thread")
"""What C++ libraries say in errors of their own when there is no memory left, nor any for the stack of a thread."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ended:
    """What the child says when it is warm, and after each task: an error by the name of its class, if there was one.

    A child that is worn is to be replaced.
    """

    error: str = ""
    message: str = ""
    worn: bool = False


def run_child(descriptor: int, memory_bytes: int, tasks: str, temporary: str) -> None:
    """The life of the child: limits, the imports that take seconds, then one task after another."""
    for number in (signal.SIGINT, signal.SIGTERM):  # Whoever stops the service means the worker, which ends this.
        signal.signal(number, signal.SIG_IGN)
    log_to_stderr()
    os.set_inheritable(descriptor, False)
    for kind, most in (
        (resource.RLIMIT_DATA, memory_bytes),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(OSError, ValueError):  # A lower limit stands already, or the system does not know this one.
            resource.setrlimit(kind, (most, most))
    os.nice(NICENESS)
    worker, inbox = Connection(descriptor), SimpleQueue[bytes]()
    threading.Thread(target=_listen, args=(worker, inbox, Path(temporary)), daemon=True).start()
    one_at_a_time = threading.Lock()

    def emit(message: Event | Ended) -> None:
        with one_at_a_time:
            worker.send(message)

    module = importlib.import_module(tasks)
    if hasattr(module, "warm"):
        module.warm()
    emit(Ended())
    # Where half of what was free when it was warm is not given back, it was leaked.
    most_bytes = (_resident_bytes() + memory_bytes) / 2
    for n_tasks in count(1):
        ended = _do(module.TASKS, inbox.get(), emit, memory_bytes)
        worn = ended.worn or n_tasks >= TASKS_PER_CHILD or _resident_bytes() > most_bytes
        emit(replace(ended, worn=worn))


def _listen(worker: Connection, inbox: SimpleQueue[bytes], temporary: Path) -> None:
    try:
        while True:
            inbox.put(worker.recv_bytes())
    except (EOFError, OSError):  # The worker is dead, and with it who else would do this.
        remove_traces(os.getpid(), temporary)
    finally:
        os.killpg(0, signal.SIGKILL)


def _do(tasks: dict[str, Callable[..., None]], asked: bytes, emit: Callable[[Event], None], memory_bytes: int) -> Ended:
    name, arguments = pickle.loads(asked)
    try:
        tasks[name](*arguments, emit=emit)
    except BaseException as error:
        if any(map(_says_no_memory, _causes(error))):
            return Ended(
                name_of(SandboxLimitError),
                f"the dance needs more memory than the {memory_bytes / GIB:.3g} GiB that it may use; "
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
    """An error, the one that it comes from, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _says_no_memory(error: BaseException) -> bool:
    return (
        isinstance(error, MemoryError)
        or (isinstance(error, OSError) and error.errno == ENOMEM)
        or any(words in str(error).lower() for words in OUT_OF_MEMORY)
    )


def _resident_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:  # Only Linux says.
        return 0
    return pages * resource.getpagesize()


def sudden_end(how: str, memory_bytes: int) -> Ended:
    return Ended(
        name_of(SandboxLimitError),
        f"a process that made the dance ended suddenly{how}, perhaps for lack of memory: it may use "
        f"{memory_bytes / GIB:.3g} GiB; a shorter or smaller video needs less",
        worn=True,
    )


def name_of(kind: type[BaseException]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def remove_traces(pid: int, temporary: Path) -> None:
    """Remove what a killed child leaves: its temporary files, and the semaphores of the processes that read videos."""
    shutil.rmtree(temporary, ignore_errors=True)
    for semaphore in SHARED_MEMORY.glob(f"sem.loky-{pid}-*"):
        semaphore.unlink(missing_ok=True)
