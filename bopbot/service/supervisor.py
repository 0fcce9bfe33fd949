"""The process tree of `bopbot serve`: the web server, and workers that are started anew when they die."""

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
from bopbot.service.http.uvicorn_protocol import TimelyProtocol
from bopbot.service.store.housekeeping import Housekeeper
from pose_vocab.errors import BopBotError

RESTART_S = 1.0
"""A worker that died is started anew after so long, and after twice as long each time that it dies young."""
LONGEST_RESTART_S = 30.0
"""But not after longer than this."""
YOUNG_S = 10.0
"""A worker that lived longer had begun to work."""
GRACE_S = 5.0
"""Requests that are being answered when the server is told to stop may take so much longer."""

BACKLOG = 512
"""Connections that may wait to be taken."""

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
    """Answer requests until the process is told to stop.

    Parameters
    ----------
    workers : how many to run here; 0 where all are elsewhere.
    allowed_hosts : names by which the server may be asked, besides its own.
    proxies : addresses of reverse proxies that are believed who asks.

    Raises
    ------
    BopBotError : the database or the folder cannot be used.
    """
    _have_many_connections()
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
        http=TimelyProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_graceful_shutdown=round(GRACE_S),
    )
    housekeeper = Housekeeper(store)
    housekeeper.start()
    crew = [WorkerProcess(deployment, number) for number in range(workers)]
    try:
        log.info("BopBot dances at %s", _url(listening))
        _Server(config, event_broker).run(sockets=[listening])
    finally:
        for worker in crew:
            worker.stop()
        housekeeper.stop()
        store.close()


class _Server(uvicorn.Server):
    """Hangs up on those who watch when it is told to stop; they would stay for minutes."""

    def __init__(self, config: uvicorn.Config, event_broker: EventBroker) -> None:
        super().__init__(config)
        self._event_broker = event_broker

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._event_broker.close()
        await super().shutdown(sockets)


def _have_many_connections() -> None:
    """Have as many files open as the system lets us: each who watches is one, and 1024 is what many begin with."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # macOS says that there is no limit, and has one.
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise BopBotError(
            f"cannot listen at {host}:{port}: {error.strerror}; name another --port, or a --host of this machine"
        ) from error
    # Otherwise the second request of a connection waits 40 ms for an acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


class WorkerProcess:
    """One worker process, and its successors."""

    def __init__(self, deployment: Deployment, number: int) -> None:
        self._deployment = deployment.to_json().encode() + b"\n"
        self._stopped = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name=f"worker {number}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the worker; what it worked on goes on when the server starts again."""
        self._stopped.set()
        if self._process is not None:
            self._process.terminate()
        self._thread.join()

    def _run(self) -> None:
        pause_s = RESTART_S
        while not self._stopped.is_set():
            begun_s = time.monotonic()
            try:
                how = f"a worker ended with {self._work()}"
            except OSError as error:
                how = f"no worker can be started: {error.strerror}"
            if time.monotonic() - begun_s > YOUNG_S:
                pause_s = RESTART_S
            if not self._stopped.is_set():
                log.warning("%s; the next one starts in %g s", how, pause_s)
            self._stopped.wait(pause_s)
            pause_s = min(2 * pause_s, LONGEST_RESTART_S)

    def _work(self) -> int:
        """The life of one worker; its exit status."""
        # By its standard input a worker learns where to work, and at its end that the server has died.
        command = [sys.executable, "-m", "bopbot.service.worker.main"]
        # In a session of its own, it does not hear the Ctrl-C of a terminal: the server ends it.
        with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as process:
            self._process = process
            if self._stopped.is_set():
                process.terminate()
            assert process.stdin is not None  # a pipe was asked for
            with suppress(BrokenPipeError):
                process.stdin.write(self._deployment)
                process.stdin.flush()
            return process.wait()
