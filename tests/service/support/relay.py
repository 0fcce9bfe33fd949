"""A line between a client and a server that breaks where a test wants it to."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from service.support.http_server import Address

HANG_UP_HARD = struct.pack("ii", 1, 0)
"""What makes a socket end with a reset (SO_LINGER)."""


class Relay:
    """Passes bytes on; each of the first lines breaks after as many bytes as its turn in `up` or `down` says.

    Parameters
    ----------
    up, down : bytes to the server, and from it, after which the first line breaks, the second, and so on.
    """

    def __init__(self, server: Address, up: tuple[int, ...] = (), down: tuple[int, ...] = ()) -> None:
        self._server = server
        self._up, self._down = list(up), list(down)
        self.lines = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def run(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(self._server)
                for source, target, limits in ((client, server, self._up), (server, client, self._down)):
                    limit = limits[self.lines] if self.lines < len(limits) else None
                    threading.Thread(target=_pass_on, args=(source, target, limit), daemon=True).start()
                self.lines += 1

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@contextmanager
def relayed(server: Address, up: tuple[int, ...] = (), down: tuple[int, ...] = ()) -> Iterator[Relay]:
    relay = Relay(server, up, down)
    thread = threading.Thread(target=relay.run)
    thread.start()
    try:
        yield relay
    finally:
        relay.close()
        thread.join()


def _pass_on(source: socket.socket, target: socket.socket, limit: int | None) -> None:
    passed = 0
    with suppress(OSError):
        while part := source.recv(65536 if limit is None else min(65536, limit - passed)):
            target.sendall(part)
            passed += len(part)
            if passed == limit:
                break
    for line in (source, target):
        with suppress(OSError):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HANG_UP_HARD)
            line.shutdown(socket.SHUT_RDWR)
        line.close()
