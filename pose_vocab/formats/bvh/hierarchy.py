"""The first half of a BVH file: the joints, their parents and their channels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pose_vocab.formats.bvh.bvh_text import Tokens

MAX_JOINTS = 10_000
"""Maximum number of joints; a body with fingers and face has about 200."""
MAX_CHANNELS = 9
"""Maximum number of channels of a joint: position, rotation and scale."""

_CHANNEL = re.compile(r"([XYZ])(position|rotation|scale)", re.IGNORECASE)


@dataclass(frozen=True)
class Joint:
    """One joint of a rig.

    Parameters
    ----------
    name : as in the file; an end site is ``<its joint>_end``.
    parent : index of the parent joint, -1 for a root. Parents come before their children.
    offset : (3,) from the parent, in the file's unit.
    channels : what the motion sets, in the order of application, e.g. ``("Zrotation", "Xrotation")``.
    """

    name: str
    parent: int
    offset: NDArray[np.float64]
    channels: tuple[str, ...]


class _Names:
    """The names of the joints so far, each of them unique."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}
        self._ends: dict[str, int] = {}
        self.repeated: dict[str, None] = {}

    def joint(self, name: str) -> str:
        """Return a name that no joint has yet: `name`, or with a number behind it."""
        unique = name = name or "joint"
        while unique in self._taken:
            self.repeated[name] = None
            self._taken[name] += 1
            unique = f"{name}_{self._taken[name]}"
        self._taken[unique] = 1
        return unique

    def end_site(self, parent: str) -> str:
        """Return a name for an end site."""
        name = f"{parent}_end"
        self._ends[parent] = self._ends.get(parent, 0) + 1
        if self._ends[parent] == 2:
            name += "_too"
        elif self._ends[parent] > 2:
            name += f"_{self._ends[parent]}"
        while name in self._taken:
            name += "_too"
        self._taken[name] = 1
        return name


def read_hierarchy(path: Path, lines: Sequence[str]) -> tuple[list[Joint], int, tuple[str, ...]]:
    """Return the joints of a file, parents first, the number of the line with MOTION, and notices.

    Keywords and channels may be in any letter case, names may contain spaces. A second joint of the same name gets
    a number behind it. There may be several roots.

    Raises
    ------
    PoseError : this is not a hierarchy, or it has more than `MAX_JOINTS`; the message names the line.
    """
    motion_line = next((at for at, line in enumerate(lines, 1) if line.strip().upper() == "MOTION"), len(lines))
    tokens = Tokens(path, lines[:motion_line])
    tokens.require("HIERARCHY")
    joints: list[Joint] = []
    names = _Names()
    while not joints or tokens.peek().upper() == "ROOT":
        tokens.require("ROOT")
        _read_tree(tokens, joints, names)
    tokens.require("MOTION")
    repeated = ", ".join(f"{name[:40]!r}" for name in list(names.repeated)[:5])
    notices = (f"{path}: several joints are called {repeated}; numbered from the second on",) if repeated else ()
    return joints, tokens.line, notices


def _read_tree(tokens: Tokens, joints: list[Joint], names: _Names) -> None:
    """Append a root and all that is below it; its ROOT has been read."""
    open_joints = [_open_joint(tokens, joints, names.joint(tokens.rest_of_line()), parent=-1)]
    while open_joints:
        at = open_joints[-1]
        token = tokens.read("'JOINT', 'End Site' or '}'")
        keyword = token.upper()
        if keyword == "}":
            open_joints.pop()
        elif keyword == "JOINT":
            open_joints.append(_open_joint(tokens, joints, names.joint(tokens.rest_of_line()), at))
        elif keyword == "END":
            tokens.require("Site")
            tokens.rest_of_line()
            open_joints.append(_open_joint(tokens, joints, names.end_site(joints[at].name), at))
        else:
            raise tokens.error(f"expected 'JOINT', 'End Site' or '}}', got {token[:40]!r}")


def _open_joint(tokens: Tokens, joints: list[Joint], name: str, parent: int) -> int:
    """Append a joint, read from its opening brace to its channels, and return its index; its children follow."""
    if len(joints) == MAX_JOINTS:
        raise tokens.error(f"more than {MAX_JOINTS} joints; a rig has fewer")
    tokens.require("{")
    tokens.require("OFFSET")
    offset = np.array([tokens.number(), tokens.number(), tokens.number()])
    channels: list[str] = []
    if tokens.peek().upper() == "CHANNELS":
        tokens.require("CHANNELS")
        count = tokens.number()
        if not 0 <= count <= MAX_CHANNELS:
            raise tokens.error(f"{count:g} channels; a joint has 0 to {MAX_CHANNELS}")
        for _ in range(int(count)):
            channel = tokens.read("a channel")
            known = _CHANNEL.fullmatch(channel)
            if known is None:
                raise tokens.error(f"unknown channel {channel[:40]!r}; expected one like Xposition or Zrotation")
            channels.append(known[1].upper() + known[2].lower())
    joints.append(Joint(name, parent, offset, tuple(channels)))
    return len(joints) - 1
