"""What the targets have in common that send to one address by OSC."""

from __future__ import annotations

from typing import ClassVar, Self

from bopbot.live.osc_sender import OscSender, parse_address


class OscTarget:
    """A target with one sender; its classes say what is sent of a frame.

    Raises
    ------
    OutputError : the host is unknown.
    """

    name: ClassVar[str]
    """The target's name on the command line."""

    def __init__(self, host: str, port: int) -> None:
        self._sender = OscSender(host, port)

    @classmethod
    def open(cls, address: str, style: str) -> Self:
        """Open the target at HOST:PORT; raise OutputError for any other address."""
        return cls(*parse_address(cls.name, address))

    def close(self) -> None:
        """Close the socket."""
        self._sender.close()
