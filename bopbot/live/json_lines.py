"""Live frames as JSON lines on the standard output, for any program that reads a pipe."""

from __future__ import annotations

import json
import os
import sys

import numpy as np

from bopbot.live.frames import Frame, Joints
from pose_vocab.errors import OutputError
from pose_vocab.skeletons import DANCER

DECIMALS = 4
"""Of a coordinate: a torso length is about half a metre."""


class JsonLines:
    """A target that prints one line per frame and visible dancer.

    The keys are `time_s`, `frame`, `person` (from 1), `skeleton`, `joints` (by name, coordinates as in
    `bopbot.live.frames.Frame`, null where missing) and, where they are known, `words`.
    """

    @classmethod
    def open(cls, address: str, style: str) -> JsonLines:
        """Raise OutputError if there is an address: JSON lines are always printed on the standard output."""
        if address:
            raise OutputError(f"JSON lines are printed on the standard output, not sent to {address!r}; use a pipe")
        return cls()

    def show(self, frame: Frame) -> bool:
        try:
            for person, joints in enumerate(frame.people, 1):
                if not np.isnan(joints).all():
                    print(_line(frame, person, joints))
            sys.stdout.flush()
        except BrokenPipeError:
            # Otherwise Python would flush its buffer to the closed pipe at exit and print an error.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return False
        return True

    def close(self) -> None:
        pass


def _line(frame: Frame, person: int, joints: Joints) -> str:
    points = [None if np.isnan(point).any() else [round(x, DECIMALS) for x in point.tolist()] for point in joints]
    line = {
        "time_s": round(frame.time_s, DECIMALS),
        "frame": frame.number,
        "person": person,
        "skeleton": DANCER.name,
        "joints": dict(zip(DANCER.joint_names, points, strict=True)),
    }
    return json.dumps(line | ({"words": frame.words} if frame.words else {}))
