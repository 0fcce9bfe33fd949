"""Live frames over the network as Open Sound Control, for music and graphics programs.

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
    """A target that sends one bundle per frame and visible dancer, each in its own UDP datagram.

    The bundle's time tag is the time of sending. It contains `/bopbot/frame number time_s`, `/bopbot/words word ...`
    with all words of a row where they are known, and for each visible joint `/bopbot/PERSON/JOINT x y` (and z in 3D):
    persons are numbered from 1, joints are named as in the dancer skeleton, coordinates are as in
    `bopbot.live.frames.Frame`.

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

    @classmethod
    def open(cls, address: str, style: str) -> Osc:
        """Open the target at HOST:PORT; raise OutputError for any other address."""
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
            pass  # the send buffer is full; drop this frame like a late one
        except OSError as error:
            raise OutputError(f"cannot send to {self._address}: {error.strerror}") from error
        return True

    def close(self) -> None:
        self._client.close()


def _bundle(frame: Frame, person: int, joints: Joints) -> OscBundle:
    bundle = OscBundleBuilder(time.time())  # type: ignore[arg-type]  # fractional seconds, as its documentation says
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
