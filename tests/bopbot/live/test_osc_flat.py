"""Frames as channels: one number per address."""

import socket

import numpy as np
import pytest
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage

from bopbot.live.frames import Frame
from bopbot.live.osc_sender import LARGEST_BYTES
from bopbot.live.targets import open_target
from pose_vocab.skeletons import DANCER


def heard(ear: socket.socket) -> dict[str, list[float]]:
    """What has arrived, by addresses; no packet is too large for an Ethernet."""
    found = {}
    while True:
        try:
            datagram = ear.recv(65_536)
        except BlockingIOError:
            return found
        assert len(datagram) <= LARGEST_BYTES
        for message in OscBundle(datagram):
            assert isinstance(message, OscMessage)
            found[message.address] = list(message.params)


@pytest.mark.parametrize("dims", [2, 3])
def test_every_coordinate_is_a_channel(dims: int) -> None:
    one = np.arange(16 * dims, dtype=np.float32).reshape(16, dims)
    other, nobody = one + 100, np.full((16, dims), np.nan, np.float32)
    other[0] = np.nan
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.setblocking(False)
        with open_target(f"osc-flat:127.0.0.1:{ear.getsockname()[1]}") as target:
            assert target.show(Frame(7, 0.25, (one, other, nobody), ("jesud",)))
        channels = heard(ear)
    expected = {"/frame": [7.0], "/time_s": [0.25], "/dancer3/visible": [0.0]}
    for number, joints in ((1, one), (2, other)):
        expected[f"/dancer{number}/visible"] = [1.0]
        for name, point in zip(DANCER.joint_names, joints.tolist(), strict=True):
            expected |= {f"/dancer{number}/{name}/{axis}": [value] for axis, value in zip("xyz", point, strict=False)}
    missing = [address for address in expected if address.startswith(f"/dancer2/{DANCER.joint_names[0]}/")]
    assert channels == {address: value for address, value in expected.items() if address not in missing}
    assert channels["/dancer1/left_wrist/x"] == [float(one[DANCER.index("left_wrist"), 0])]
