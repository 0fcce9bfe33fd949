"""Live frames as OSC with one number per address, for programs that make a channel of each address (TouchDesigner)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bopbot.live.frames import Frame
from bopbot.live.osc_sender import Values
from bopbot.live.osc_target import OscTarget
from pose_vocab.skeletons import DANCER

AXES = ("x", "y", "z")


class OscFlat(OscTarget):
    """A target that sends every coordinate as a message of its own, such as `/dancer1/left_wrist/x 0.25`.

    Dancers are numbered from 1, joints are named as in the dancer skeleton, coordinates are as in
    `bopbot.live.frames.Frame`. `/dancer1/visible` is 1.0, or 0.0 while the dancer is missing; a joint that is missing
    is not sent. `/frame` and `/time_s` come first.
    """

    name = "osc-flat"

    def show(self, frame: Frame) -> bool:
        self._sender.send(_messages(frame))
        return True


def _messages(frame: Frame) -> Iterator[tuple[str, Values]]:
    yield "/frame", (float(frame.number),)
    yield "/time_s", (frame.time_s,)
    for person, joints in enumerate(frame.people, 1):
        yield f"/dancer{person}/visible", (float(not np.isnan(joints).all()),)
        for name, point in zip(DANCER.joint_names, joints.tolist(), strict=True):
            if not np.isnan(point).any():
                for axis, value in zip(AXES, point, strict=False):
                    yield f"/dancer{person}/{name}/{axis}", (value,)
