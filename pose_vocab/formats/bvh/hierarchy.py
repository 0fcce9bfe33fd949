"""The first half of a BVH file: the joints, their parents and their channels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError

_CHANNELS = {axis + kind for axis in "XYZ" for kind in ("position", "rotation")}


@dataclass(frozen=True)
class Joint:
    """One joint of a rig.

    Parameters
    ----------
    name : as in the file; an end site is ``<its joint>_end``.
    parent : index of the parent joint, -1 for the root. Parents come before their children.
    offset : (3,) from the parent, in the file's unit.
    channels : what the motion sets, in the order of application, e.g. ``("Zrotation", "Xrotation")``.
    """

    name: str
    parent: int
    offset: NDArray[np.float64]
    channels: tuple[str, ...]


class _Tokens:
    """The tokens of the file with their line numbers, for error messages."""

    def __init__(self, path: Path, lines: Sequence[str]) -> None:
        self._path = path
        self._tokens = [(token, number) for number, line in enumerate(lines, 1) for token in line.split()]
        self._next = 0
        self._end_line = len(lines)

    @property
    def line(self) -> int:
        """The line of the last token read."""
        return self._tokens[self._next - 1][1] if self._next else 1

    def peek(self) -> str:
        """Return the next token without reading it, empty at the end."""
        return self._tokens[self._next][0] if self._next < len(self._tokens) else ""

    def read(self, expected: str) -> str:
        """Return the next token; `expected` describes it for the error message at the end of the file."""
        if self._next == len(self._tokens):
            raise PoseError(f"{self._path}, line {self._end_line}: the file ends where {expected} should follow")
        self._next += 1
        return self._tokens[self._next - 1][0]

    def require(self, token: str) -> None:
        """Read a token and raise PoseError if it is another one."""
        got = self.read(repr(token))
        if got != token:
            raise self.error(f"expected {token!r}, got {got[:40]!r}")

    def number(self) -> float:
        """Read a finite number."""
        token = self.read("a number")
        try:
            value = float(token)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.error(f"expected a number, got {token[:40]!r}")
        return value

    def error(self, problem: str) -> PoseError:
        """Return a PoseError that names the file and the line."""
        return PoseError(f"{self._path}, line {self.line}: {problem}")


def read_hierarchy(path: Path, lines: Sequence[str]) -> tuple[list[Joint], int]:
    """Return the joints of a file, parents first, and the number of the line with MOTION.

    Raises
    ------
    PoseError : this is not a hierarchy; the message names the line.
    """
    motion_line = next((number for number, line in enumerate(lines, 1) if line.strip() == "MOTION"), len(lines))
    tokens = _Tokens(path, lines[:motion_line])
    tokens.require("HIERARCHY")
    tokens.require("ROOT")
    joints = [_read_joint(tokens, tokens.read("the root's name"), parent=-1)]
    names = {joints[0].name}
    open_joints = [0]
    while open_joints:
        token = tokens.read("'JOINT', 'End Site' or '}'")
        if token == "}":
            open_joints.pop()
            continue
        parent = open_joints[-1]
        if token == "JOINT":
            name = tokens.read("the joint's name")
        elif token == "End":
            tokens.require("Site")
            name = f"{joints[parent].name}_end"
            while name in names:
                name += "_too"
        else:
            raise tokens.error(f"expected 'JOINT', 'End Site' or '}}', got {token[:40]!r}")
        if name in names:
            raise tokens.error(f"the joint {name[:40]!r} occurs twice; every joint needs its own name")
        names.add(name)
        open_joints.append(len(joints))
        joints.append(_read_joint(tokens, name, parent))
    tokens.require("MOTION")
    return joints, tokens.line


def _read_joint(tokens: _Tokens, name: str, parent: int) -> Joint:
    """Read a joint from its opening brace to its channels; its children follow."""
    tokens.require("{")
    tokens.require("OFFSET")
    offset = np.array([tokens.number(), tokens.number(), tokens.number()])
    channels: list[str] = []
    if tokens.peek() == "CHANNELS":
        tokens.require("CHANNELS")
        for _ in range(int(tokens.number())):
            channel = tokens.read("a channel")
            if channel not in _CHANNELS:
                raise tokens.error(f"unknown channel {channel[:40]!r}; expected one like Xposition or Zrotation")
            channels.append(channel)
    return Joint(name, parent, offset, tuple(channels))
