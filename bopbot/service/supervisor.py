"""The processes of `bopbot serve`: the web server, and workers that are restarted when they die."""

from __future__ import annotations

import logging
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

import uvicorn

from bopbot.service.app import create_app
from bopbot.service.deployment import Deployment
from bopbot.service.http.event_broker import EventBroker
from bopbot.service.http.uvicorn_protocol import HeaderTimeoutProtocol
from bopbot.service.store.housekeeping import Housekeeper
from pose_vocab.errors import BopBotError

RESTART_S = 1.0
"""Pause before a worker is restarted; it doubles each time that the worker dies early."""
LONGEST_RESTART_S = 30.0
"""Longest pause before a restart."""
EARLY_S = 10.0
"""A worker that lived longer than this did not die early."""
GRACE_S = 5.0
"""Time for running requests to finish when the server stops."""

BACKLOG = 512
"""Connections that may wait to be accepted."""

log = logging.getLogger(__name__)


def serve(
    deployment: Deployment,
    host: str,
    port: int,
    *,
    workers: int,
    allowed_hosts: Sequence[str] = (),
    proxies: Sequence[str] = (),
) -> None:
    """Serve requests until the process is told to stop.

    Parameters
    ----------
    workers : number of workers on this machine; 0 if all run elsewhere.
    allowed_hosts : host names under which the server answers, besides `host`.
    proxies : addresses of trusted proxies; their X-Forwarded-For is honoured.

    Raises
    ------
    BopBotError : the database, the folder or the port cannot be used.
    """
    _raise_open_file_limit()
    listening = _listen(host, port)
    store = deployment.open()
    event_broker = EventBroker(store.jobs)
    app = create_app(
        store,
        [host, *allowed_hosts],
        event_broker=event_broker,
        webhooks_to_private=deployment.webhooks_to_private,
    )
    config = uvicorn.Config(
        app,
        http=HeaderTimeoutProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_graceful_shutdown=round(GRACE_S),
    )
    housekeeper = Housekeeper(store)
    housekeeper.start()
    processes = [WorkerProcess(deployment, number) for number in range(workers)]
    try:
        log.info("BopBot listens at %s", _url(listening))
        _Server(config, event_broker).run(sockets=[listening])
    finally:
        for worker in processes:
            worker.stop()
        housekeeper.stop()
        store.close()


class _Server(uvicorn.Server):
    """A server that closes event streams when it is told to stop; they would stay open for minutes."""

    def __init__(self, config: uvicorn.Config, event_broker: EventBroker) -> None:
        super().__init__(config)
        self._event_broker = event_broker

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._event_broker.close()
        await super().shutdown(sockets)


def _raise_open_file_limit() -> None:
    """Raise the limit of open files to the maximum: each event stream is one, and the default is often 1024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # macOS reports no limit, but has one.
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise BopBotError(
            f"cannot listen at {host}:{port}: {error.strerror}; use another --port, or a --host of this machine"
        ) from error
    # Without this, the second request of a connection waits 40 ms for an acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


class WorkerProcess:
    """A worker process that is restarted when it dies."""

    def __init__(self, deployment: Deployment, number: int) -> None:
        self._deployment = deployment.to_json().encode() + b"\n"
        self._stopped = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name=f"worker {number}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the worker; its take is resumed when the server starts again."""
        self._stopped.set()
        if self._process is not None:
            self._process.terminate()
        self._thread.join()

    def _run(self) -> None:
        pause_s = RESTART_S
        while not self._stopped.is_set():
            started_s = time.monotonic()
            try:
                reason = f"a worker ended with exit status {self._work()}"
            except OSError as error:
                reason = f"a worker could not be started: {error.strerror}"
            if time.monotonic() - started_s > EARLY_S:
                pause_s = RESTART_S
            if not self._stopped.is_set():
                log.warning("%s; the next one starts in %g s", reason, pause_s)
            self._stopped.wait(pause_s)
            pause_s = min(2 * pause_s, LONGEST_RESTART_S)

    def _work(self) -> int:
        """Run one worker until it ends; return its exit status."""
        # A worker reads its deployment from standard input; the end of the stream means that the server died.
        command = [sys.executable, "-m", "bopbot.service.worker.main"]
        # Without a buffer, nothing is left to be written when the pipe of a worker that died is closed.
        # In a session of its own it does not receive the Ctrl-C of a terminal: the server stops it.
        with subprocess.Popen(command, bufsize=0, stdin=subprocess.PIPE, start_new_session=True) as process:
            self._process = process
            if self._stopped.is_set():
                process.terminate()
            assert process.stdin is not None  # stdin is a pipe
            with suppress(BrokenPipeError):
                process.stdin.write(self._deployment)
            return process.wait()
