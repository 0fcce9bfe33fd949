"""A dance over the network as Open Sound Control, which instruments and visual programs understand.

Wright & Freed, *Open SoundControl: A New Protocol for Communicating with Sound Synthesizers* (1997).
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.udp_client import UDPClient

from bopbot.live.frames import Frame, Joints
from pose_vocab.errors import OutputError
from pose_vocab.skeletons import DANCER

LARGEST_PORT = 65535


class Osc:
    """A bundle a frame for everyone who is seen, each in a datagram of its own (UDP).

    The bundle's time tag is the time when it is sent. In it are `/bopbot/frame number time_s`, where they are known
    `/bopbot/words word ...`, and for each joint that is seen `/bopbot/PERSON/JOINT x y` (and z in 3D): persons count
    from 1, joints are called as in the dancer skeleton, coordinates are as in `bopbot.live.frames.Frame`.

    Raises
    ------
    OutputError : there is no such host.
    """

    def __init__(self, host: str, port: int) -> None:
        self._where = f"{host}:{port}"
        try:
            self._client = UDPClient(host, port)
        except OSError as error:
            raise OutputError(f"cannot send to {self._where}: {error.strerror}") from error

    @classmethod
    def open(cls, address: str, style: str) -> Osc:
        """Raises OutputError unless the address is HOST:PORT."""
        host, _, port = address.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not (host and port.isascii() and port.isdigit() and 0 < int(port) <= LARGEST_PORT):
            raise OutputError(
                f"expected osc:HOST:PORT with a port from 1 to {LARGEST_PORT}, like osc:127.0.0.1:9000, "
                f"got {'osc:' + address!r}"
            )
        return cls(host, int(port))

    def show(self, frame: Frame) -> bool:
        try:
            for person, joints in enumerate(frame.people, 1):
                if not np.isnan(joints).all():
                    self._client.send(_bundle(frame, person, joints))
        except BlockingIOError:
            pass  # the network is full, so this frame is dropped like one that is late
        except OSError as error:
            raise OutputError(f"cannot send to {self._where}: {error.strerror}") from error
        return True

    def close(self) -> None:
        self._client.close()


def _bundle(frame: Frame, person: int, joints: Joints) -> OscBundle:
    bundle = OscBundleBuilder(time.time())  # type: ignore[arg-type]  # seconds with their fractions, as it says itself
    _add(bundle, "/bopbot/frame", (frame.number, frame.time_s))
    if frame.words:
        _add(bundle, "/bopbot/words", frame.words)
    for name, point in zip(DANCER.joint_names, joints, strict=True):
        if not np.isnan(point).any():
            _add(bundle, f"/bopbot/{person}/{name}", point.tolist())
    return bundle.build()


def _add(bundle: OscBundleBuilder, address: str, values: Iterable[int | float | str]) -> None:
    message = OscMessageBuilder(address)
    for value in values:
        message.add_arg(value)
    bundle.add_content(message.build())
