"""The sandbox: a warm child process with limits, in which videos are opened and dances made.

Worker and child communicate over one socket. Only the worker holds its end: however the worker dies, the child reads
the end of the stream and kills its whole process group.
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

CHECK_EVERY_S = 0.2
"""Interval at which the worker checks whether a task is still wanted."""
WARM_UP_S = 600.0
"""Longest time until a child is ready; on a busy machine it takes a minute."""
STDERR = 2
SECRET_VARIABLE = "BOPBOT_DATABASE"
"""An environment variable with a password, which a child that opens uploads does not get."""
log = logging.getLogger(__name__)


class SandboxClosedError(BaseException):
    """The sandbox was closed during a task. It derives from BaseException, as a cancelled thread's error does: no
    `except Exception` may treat it as a failure of the task, which another worker can repeat."""


class Sandbox:
    """A warm child process that does one task at a time, and is replaced after it was killed.

    The child has a process group of its own, which includes the processes that it starts. A replacement is started in
    the background at once, so that the next task finds it warm.

    Parameters
    ----------
    memory_bytes : limit of private memory for each of its processes.
    tasks : the module of the tasks: a dict `TASKS` of functions with a keyword argument `emit`, and optionally
        `warm()`.
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
        is_wanted: Callable[[], bool],
        timeout_s: float,
    ) -> None:
        """Run a task and wait for its end. Calls from several threads run one after the other.

        Parameters
        ----------
        task : its name in `TASKS`.
        arguments : anything that can be pickled.
        emit : called in this thread with each event of the task; an error that it raises ends the task.
        is_wanted : called every 0.2 s; when it returns False, the task and all its processes are killed.
        timeout_s : seconds of work after which they are killed, too.

        Raises
        ------
        BopBotError : raised by the task. Other errors are logged, and a general message is raised.
        SandboxLimitError : the task needed too much time or memory, or its process died.
        NotWantedError : the task is not wanted any more.
        SandboxClosedError : the sandbox was closed meanwhile.
        """

        def check() -> None:
            if self._closed:
                raise SandboxClosedError("the sandbox is closed")
            if not is_wanted():
                raise NotWantedError("this take was cancelled or deleted")

        with self._turn:
            check()
            self._restart_if_dead()
            try:
                ended = self._child.do((task, arguments), emit, check, timeout_s)
            except BaseException:
                self._replace()
                raise
            if ended.worn:
                self._replace()
        if ended.error:
            raise _rebuilt(ended)

    def wait_until_warm(self, timeout_s: float) -> bool:
        """Wait until the child is ready; return whether it is after `timeout_s`.

        Raises
        ------
        BopBotError : the child did not start.
        """
        until = time.monotonic() + timeout_s
        if not self._turn.acquire(timeout=timeout_s):
            return False
        try:
            self._restart_if_dead()
            return self._child.warms_up(until)
        finally:
            self._turn.release()

    def close(self) -> None:
        """Kill the child with everything that it started, and with it a running task."""
        self._closed = True
        with self._turn:
            self._child.kill()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _restart_if_dead(self) -> None:
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
        self.temporary = Path(tempfile.mkdtemp(prefix="bopbot-sandbox-"))
        self.connection, child_end = Pipe()
        with child_end:
            call = f"run_child({child_end.fileno()}, {memory_bytes}, {tasks!r}, {str(self.temporary)!r})"
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", f"from bopbot.service.worker.sandbox_child import run_child; {call}"],
                stdin=subprocess.DEVNULL,
                stdout=STDERR,
                start_new_session=True,
                pass_fds=[child_end.fileno()],
                env={name: value for name, value in os.environ.items() if name != SECRET_VARIABLE}
                | {"PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(self.temporary)},
            )

    @property
    def dead(self) -> bool:
        return self.process.poll() is not None

    def do(
        self,
        task: tuple[str, tuple[Any, ...]],
        emit: Callable[[Event], None],
        check: Callable[[], None],
        timeout_s: float,
    ) -> Ended:
        until = time.monotonic() + WARM_UP_S
        while not self.warms_up(min(until, time.monotonic() + CHECK_EVERY_S)):
            check()
            if time.monotonic() >= until:
                raise self._not_started()
        with suppress(BrokenPipeError, ConnectionResetError):  # The cause of its death is found below.
            self.connection.send(task)
        until = time.monotonic() + timeout_s
        next_check = 0.0
        while (now := time.monotonic()) < until:
            if now >= next_check:
                check()
                next_check = now + CHECK_EVERY_S
            message = self._receive(min(next_check, until) - now)
            if isinstance(message, Ended):
                return message
            if message is not None:
                emit(message)
        raise SandboxLimitError(
            f"a step of the dance took longer than {timeout_s:g} s; a shorter or smaller video takes less time"
        )

    def warms_up(self, until: float) -> bool:
        """Return whether the child is warm by then, on the monotonic clock; raise BopBotError if it died."""
        if not self.warm:
            ready = self._receive(max(0.0, until - time.monotonic()))
            if isinstance(ready, Ended) and ready.error:
                raise self._not_started()
            self.warm = ready is not None
        return self.warm

    def kill(self) -> int:
        """Kill the child and everything that it started; return its exit status."""
        if not self.connection.closed:
            with suppress(ProcessLookupError, PermissionError):  # It is dead; macOS reports the second.
                os.killpg(self.process.pid, signal.SIGKILL)
            self.connection.close()
            self.process.wait()
            remove_traces(self.process.pid, self.temporary)
        return self.process.returncode

    def _receive(self, timeout_s: float) -> Event | Ended | None:
        """Return the next message of the child, None after the timeout; its death counts as an end."""
        try:
            if self.connection.poll(timeout_s):
                message: Event | Ended = self.connection.recv()
                return message
        except (EOFError, OSError):
            return self._died()
        return self._died() if self.dead else None

    def _not_started(self) -> BopBotError:
        return BopBotError("the sandbox did not start; the reason is in the server's log")

    def _died(self) -> Ended:
        status = self.kill()
        how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return sudden_end(f" ({how})", self.memory_bytes)


def _rebuilt(ended: Ended) -> BopBotError:
    """Return the error of the child, as an instance of its own class where this process knows the class."""
    known = {name_of(each): each for each in _kinds(BopBotError)}
    return known.get(ended.error, BopBotError)(ended.message)


def _kinds(kind: type[BopBotError]) -> Iterator[type[BopBotError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _kinds(each)
