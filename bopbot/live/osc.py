"""Live frames as Open Sound Control, for music and graphics programs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bopbot.live.frames import Frame, Joints
from bopbot.live.osc_sender import Values
from bopbot.live.osc_target import OscTarget
from pose_vocab.skeletons import DANCER


class Osc(OscTarget):
    """A target that sends one bundle per frame and visible dancer, each in its own UDP datagram.

    It contains `/bopbot/frame number time_s`, `/bopbot/words word ...` with all words of a row where they are known,
    and for each visible joint `/bopbot/PERSON/JOINT x y` (and z in 3D): persons are numbered from 1, joints are named
    as in the dancer skeleton, coordinates are as in `bopbot.live.frames.Frame`. A bundle that would be too large for
    a packet is sent as two.
    """

    name = "osc"

    def show(self, frame: Frame) -> bool:
        for person, joints in enumerate(frame.people, 1):
            if not np.isnan(joints).all():
                self._sender.send(_messages(frame, person, joints))
        return True


def _messages(frame: Frame, person: int, joints: Joints) -> Iterator[tuple[str, Values]]:
    yield "/bopbot/frame", (frame.number, frame.time_s)
    if frame.words:
        yield "/bopbot/words", frame.words
    for name, point in zip(DANCER.joint_names, joints, strict=True):
        if not np.isnan(point).any():
            yield f"/bopbot/{person}/{name}", point.tolist()
