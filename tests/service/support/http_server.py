"""An application behind a real server and real sockets, in a thread of the test."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from bopbot.service.http.uvicorn_protocol import HeaderTimeoutProtocol

Address = tuple[str, int]


@contextmanager
def served(app: ASGIApp, host: str = "127.0.0.1") -> Iterator[Address]:
    """Where the application listens, for as long as the context lasts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listening:
        # asyncio does so only for sockets that name their protocol; without it, answers wait for 40 ms.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = uvicorn.Server(
            uvicorn.Config(app, http=HeaderTimeoutProtocol, lifespan="off", log_config=None, access_log=False)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield host, listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def said(address: Address, request: bytes, *, timeout_s: float = 10.0) -> bytes:
    """All that the server says to these bytes, until it hangs up."""
    with socket.create_connection(address, timeout=timeout_s) as line:
        line.sendall(request)
        return read_all(line)


def read_all(line: socket.socket) -> bytes:
    """All that still comes until the other side hangs up."""
    answer = b""
    while part := line.recv(65536):
        answer += part
    return answer


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])
