"""Live frames by the Virtual Motion Capture protocol, for avatars of VTubers.

Source: https://protocol.vmc.info/english
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bopbot.live.frames import Frame
from bopbot.live.humanoid import Bone, LiveHumanoid
from bopbot.live.osc_sender import LARGEST_PORT, OscSender, Values, parse_address
from pose_vocab.errors import OutputError

DEFAULT_PORT = 39539
"""The port on which programs receive motion, by the protocol."""
_IDENTITY = (0.0, 0.0, 0.0, 1.0)


class Vmc:
    """A target that moves an avatar: it sends `/VMC/Ext/OK`, `/VMC/Ext/T`, `/VMC/Ext/Root/Pos` and `/VMC/Ext/Bone/Pos`.

    The protocol knows one avatar on a port, so the second dancer is sent to the next port, and so on.

    Raises
    ------
    OutputError : the host is unknown.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._avatars = [(OscSender(host, port), LiveHumanoid())]

    @classmethod
    def open(cls, address: str, style: str) -> Vmc:
        """Open the target at HOST:PORT, or at HOST with `DEFAULT_PORT`; raise OutputError for any other address."""
        return cls(*parse_address("vmc", address, DEFAULT_PORT))

    def show(self, frame: Frame) -> bool:
        while len(self._avatars) < len(frame.people):
            self._avatars.append((OscSender(self._host, self._next_port()), LiveHumanoid()))
        for joints, (sender, humanoid) in zip(frame.people, self._avatars, strict=False):
            sender.send(_messages(humanoid.follow(joints, frame.time_s), frame.time_s))
        return True

    def close(self) -> None:
        for sender, _ in self._avatars:
            sender.close()

    def _next_port(self) -> int:
        port = self._port + len(self._avatars)
        if port > LARGEST_PORT:
            raise OutputError(
                f"dancer {len(self._avatars) + 1} has no port: {port} is above {LARGEST_PORT}; begin lower"
            )
        return port


def _messages(bones: Sequence[Bone], time_s: float) -> Iterator[tuple[str, Values]]:
    """Yield the messages of a frame; without bones the avatar is said to be not ready."""
    yield "/VMC/Ext/OK", (int(bool(bones)),)
    yield "/VMC/Ext/T", (time_s,)
    if bones:
        yield "/VMC/Ext/Root/Pos", ("root", 0.0, 0.0, 0.0, *_IDENTITY)
    for bone in bones:
        yield "/VMC/Ext/Bone/Pos", (bone.name, *bone.position.tolist(), *bone.rotation.tolist())
