"""A dance as lines of JSON on the standard output, for any program that reads a pipe."""

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
    """A line a frame for everyone who is seen.

    It says `time_s`, `frame`, `person` (from 1), `skeleton`, `joints` (by name, coordinates as in
    `bopbot.live.frames.Frame`, null where missing) and, where they are known, `words`.
    """

    @classmethod
    def open(cls, address: str, style: str) -> JsonLines:
        """Raises OutputError where there is an address: lines go nowhere but to the standard output."""
        if address:
            raise OutputError(f"lines of JSON go to the standard output, not to {address!r}; pipe them there")
        return cls()

    def show(self, frame: Frame) -> bool:
        try:
            for person, joints in enumerate(frame.people, 1):
                if not np.isnan(joints).all():
                    print(_line(frame, person, joints))
            sys.stdout.flush()
        except BrokenPipeError:
            # What Python still holds would be written to the closed pipe when it ends, and complained about.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return False
        return True

    def close(self) -> None:
        pass


def _line(frame: Frame, person: int, joints: Joints) -> str:
    points = [None if np.isnan(point).any() else [round(x, DECIMALS) for x in point.tolist()] for point in joints]
    said = {
        "time_s": round(frame.time_s, DECIMALS),
        "frame": frame.number,
        "person": person,
        "skeleton": DANCER.name,
        "joints": dict(zip(DANCER.joint_names, points, strict=True)),
    }
    return json.dumps(said | ({"words": frame.words} if frame.words else {}))
