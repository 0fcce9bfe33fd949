"""The studio: a warm child process in which everything heavy happens, and with which everything of a task can die.

Worker and studio talk over one socket. The worker alone holds its end, so when the worker dies, however it dies, the
studio reads the end of the stream and takes its whole process group along.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Pipe
from pathlib import Path
from types import TracebackType
from typing import Any

from bopbot.service.errors import NotWantedError, SandboxLimitError
from bopbot.service.events import Event
from bopbot.service.worker.sandbox_child import Ended, name_of, remove_traces, sudden_end
from pose_vocab.errors import BopBotError

ASK_EVERY_S = 0.2
"""How often a task is asked whether it is still wanted."""
WARM_UP_S = 600.0
"""A child that is not ready after so long never will be; on a busy machine it takes a minute."""
STDERR = 2
NOT_FOR_IT = "BOPBOT_DATABASE"
"""A variable of the worker that a child, which opens what strangers send, does not get: it holds a password."""
log = logging.getLogger(__name__)


class SandboxClosedError(BaseException):
    """The studio was closed while it worked. Nothing is wrong with the task: as with a thread that is cancelled, no
    `except Exception` may take this for a failure of it, and another worker may do it."""


class Sandbox:
    """A warm child process that does one task at a time, and is replaced where it had to be ended.

    The child has a process group of its own, and so have the processes that it starts. A new one is started in the
    background at once, so that the next task finds it warm.

    Parameters
    ----------
    memory_bytes : of private memory that each of its processes may have.
    tasks : the module of the tasks, a dict `TASKS` of functions that take `tell` as a keyword, and perhaps `warm()`.
    """

    def __init__(self, memory_bytes: int, tasks: str = "bopbot.service.worker.tasks") -> None:
        self._memory_bytes = memory_bytes
        self._tasks = tasks
        self._turn = threading.Lock()
        self._closed = False
        self._child = _Child(memory_bytes, tasks)

    def run(
        self,
        task: str,
        *arguments: Any,
        emit: Callable[[Event], None],
        wanted: Callable[[], bool],
        timeout_s: float,
    ) -> None:
        """Do a task and wait for its end. Where several threads ask for one, they take turns.

        Parameters
        ----------
        task : its name in `TASKS`.
        arguments : anything that can be pickled.
        tell : called in this thread with each event of the task as it comes; what it raises ends the task.
        wanted : asked every 0.2 s; the task and all its processes are killed when it says no.
        timeout_s : the same after so many seconds of work.

        Raises
        ------
        BopBotError : what the task raised; of any other error only that there was one, its traceback is logged.
        SandboxLimitError : it needed too much time or memory, or its process died.
        NotWantedError : it is not wanted any more.
        SandboxClosedError : somebody closed the studio meanwhile.
        """

        def ask() -> None:
            if self._closed:
                raise SandboxClosedError("the studio is closed")
            if not wanted():
                raise NotWantedError("nobody wants this dance any more")

        with self._turn:
            ask()
            self._start_anew_where_dead()
            try:
                ended = self._child.do((task, arguments), emit, ask, timeout_s)
            except BaseException:
                self._replace()
                raise
            if ended.worn:
                self._replace()
        if ended.error:
            raise _rebuilt(ended)

    def wait_until_warm(self, timeout_s: float) -> bool:
        """Whether a task would begin at once, waiting so long for that.

        Raises
        ------
        BopBotError : the child did not start.
        """
        until = time.monotonic() + timeout_s
        if not self._turn.acquire(timeout=timeout_s):
            return False
        try:
            self._start_anew_where_dead()
            return self._child.warms_up(until)
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the task that is at work, if there is one, and the child with everything that it started."""
        self._closed = True
        with self._turn:
            self._child.kill()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _start_anew_where_dead(self) -> None:
        if self._child.dead:
            self._replace()

    def _replace(self) -> None:
        self._child.kill()
        if not self._closed:
            self._child = _Child(self._memory_bytes, self._tasks)


class _Child:
    """The worker's view of one child process."""

    def __init__(self, memory_bytes: int, tasks: str) -> None:
        self.memory_bytes = memory_bytes
        self.warm = False
        self.temporary = Path(tempfile.mkdtemp(prefix="bopbot-studio-"))
        self.connection, its_end = Pipe()
        with its_end:
            call = f"run_child({its_end.fileno()}, {memory_bytes}, {tasks!r}, {str(self.temporary)!r})"
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", f"from bopbot.service.worker.sandbox_child import run_child; {call}"],
                stdin=subprocess.DEVNULL,
                stdout=STDERR,
                start_new_session=True,
                pass_fds=[its_end.fileno()],
                env={name: value for name, value in os.environ.items() if name != NOT_FOR_IT}
                | {"PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(self.temporary)},
            )

    @property
    def dead(self) -> bool:
        return self.process.poll() is not None

    def do(
        self,
        task: tuple[str, tuple[Any, ...]],
        emit: Callable[[Event], None],
        ask: Callable[[], None],
        timeout_s: float,
    ) -> Ended:
        until = time.monotonic() + WARM_UP_S
        while not self.warms_up(min(until, time.monotonic() + ASK_EVERY_S)):
            ask()
            if time.monotonic() >= until:
                raise self._not_started()
        with suppress(BrokenPipeError, ConnectionResetError):  # Why it is dead is seen below.
            self.connection.send(task)
        until = time.monotonic() + timeout_s
        asking = 0.0
        while (now := time.monotonic()) < until:
            if now >= asking:
                ask()
                asking = now + ASK_EVERY_S
            message = self._receive(min(asking, until) - now)
            if isinstance(message, Ended):
                return message
            if message is not None:
                emit(message)
        raise SandboxLimitError(
            f"the dance took longer than {timeout_s:g} s; a shorter or smaller video takes less time"
        )

    def warms_up(self, until: float) -> bool:
        """Whether it is warm by then, on the monotonic clock; raises BopBotError where it died of that."""
        if not self.warm:
            ready = self._receive(max(0.0, until - time.monotonic()))
            if isinstance(ready, Ended) and ready.error:
                raise self._not_started()
            self.warm = ready is not None
        return self.warm

    def kill(self) -> int:
        """End it and everything that it started; gives its exit status."""
        if not self.connection.closed:
            with suppress(ProcessLookupError, PermissionError):  # It is dead; macOS says so in another way.
                os.killpg(self.process.pid, signal.SIGKILL)
            self.connection.close()
            self.process.wait()
            remove_traces(self.process.pid, self.temporary)
        return self.process.returncode

    def _receive(self, timeout_s: float) -> Event | Ended | None:
        """What it says next, None where it says nothing in time; its death is an end, too."""
        try:
            if self.connection.poll(timeout_s):
                message: Event | Ended = self.connection.recv()
                return message
        except (EOFError, OSError):
            return self._died()
        return self._died() if self.dead else None

    def _not_started(self) -> BopBotError:
        return BopBotError("the studio did not start; the log of the server says why")

    def _died(self) -> Ended:
        status = self.kill()
        how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return sudden_end(f" ({how})", self.memory_bytes)


def _rebuilt(ended: Ended) -> BopBotError:
    """The error of the child, of its own class where this process knows that."""
    known = {name_of(each): each for each in _kinds(BopBotError)}
    return known.get(ended.error, BopBotError)(ended.message)


def _kinds(kind: type[BopBotError]) -> Iterator[type[BopBotError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _kinds(each)
