"""OSC bundles over UDP, small enough that no network splits their packets.

Wright & Freed, *Open SoundControl: A New Protocol for Communicating with Sound Synthesizers* (1997).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.udp_client import UDPClient

from pose_vocab.errors import OutputError

LARGEST_PORT = 65535
LARGEST_BYTES = 1400
"""Of a bundle: an Ethernet packet of 1500 bytes, less the headers of IPv6, UDP and a tunnel."""
_BUNDLE_HEADER_BYTES, _SIZE_BYTES = 16, 4

Values = Iterable[int | float | str]


class OscSender:
    """A UDP socket for OSC.

    Raises
    ------
    OutputError : the host is unknown.
    """

    def __init__(self, host: str, port: int) -> None:
        self._address = f"{host}:{port}"
        try:
            self._client = UDPClient(host, port)
        except OSError as error:
            raise OutputError(f"cannot send to {self._address}: {error.strerror}") from error

    def send(self, messages: Iterable[tuple[str, Values]]) -> None:
        """Send addresses and their values, in one bundle or in several of at most `LARGEST_BYTES`.

        The bundles' time tag is the time of sending.

        Raises
        ------
        OutputError : the host cannot be reached.
        """
        now = time.time()
        try:
            for batch in _batches([_message(address, values) for address, values in messages]):
                bundle = OscBundleBuilder(now)  # type: ignore[arg-type]  # fractional seconds, as its documentation says
                for message in batch:
                    bundle.add_content(message)
                self._client.send(bundle.build())
        except BlockingIOError:
            pass  # the send buffer is full; drop this frame like a late one
        except OSError as error:
            raise OutputError(f"cannot send to {self._address}: {error.strerror}") from error

    def close(self) -> None:
        """Close the socket."""
        self._client.close()


def parse_address(kind: str, address: str, default_port: int | None = None) -> tuple[str, int]:
    """Return host and port of HOST:PORT, or of HOST alone where there is a default port.

    Raises
    ------
    OutputError : it is something else; `kind` is the target's name in the message.
    """
    host, _, port = address.rpartition(":")
    if default_port is not None and ":" not in address:
        host, port = address, str(default_port)
    host = host.removeprefix("[").removesuffix("]")
    if not (host and port.isascii() and port.isdigit() and 0 < int(port) <= LARGEST_PORT):
        raise OutputError(
            f"expected {kind}:HOST:PORT with a port from 1 to {LARGEST_PORT}, like {kind}:127.0.0.1:"
            f"{default_port or 9000}, got {f'{kind}:{address}'!r}"
        )
    return host, int(port)


def _message(address: str, values: Values) -> OscMessage:
    message = OscMessageBuilder(address)
    for value in values:
        message.add_arg(value)
    return message.build()


def _batches(messages: Sequence[OscMessage]) -> list[list[OscMessage]]:
    """Return the messages in their order, in as many batches as bundles are needed."""
    batches: list[list[OscMessage]] = []
    room = 0
    for message in messages:
        size = message.size + _SIZE_BYTES
        if size > room:
            batches.append([])
            room = LARGEST_BYTES - _BUNDLE_HEADER_BYTES
        batches[-1].append(message)
        room -= size
    return batches
