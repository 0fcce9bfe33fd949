"""Acclaim skeleton files (.asf): the bones that the frames of a motion file (.amc) turn.

The format: M. Meredith and S. Maddock, "Motion Capture File Formats Explained", 2001.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pose_vocab.errors import PoseError
from pose_vocab.input_files import read_within

ROOT = "root"
"""Name of the bone that has no length and moves the body."""
MAX_BYTES = 2**24
"""Maximum size of a skeleton file; one has a few kilobytes."""
MAX_BONES = 1_000
"""Maximum number of bones; a body has about 30."""
METRES_PER_INCH = 0.0254
"""A unit of CMU's files is this, divided by the ``length`` that they state."""


@dataclass(frozen=True, eq=False)
class Bone:
    """A bone of the skeleton; its joint is where it begins, at the end of its parent.

    Parameters
    ----------
    name : as in the file.
    parent : index of the parent bone, -1 for the root. Parents come before their children.
    vector : (3,), from its beginning to its end at rest, in the file's unit.
    axis : its own axes at rest, relative to the world's; motion turns it about them.
    channels : what the motion file sets, e.g. ``("rx", "ry")`` or ``("tx", "ty", "tz", "rx", ...)``.
    """

    name: str
    parent: int
    vector: NDArray[np.float64]
    axis: Rotation
    channels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class AsfSkeleton:
    """The content of a skeleton file.

    Parameters
    ----------
    bones : the root first.
    degrees : whether angles of the motion are degrees, unless the motion file says otherwise.
    metres_per_unit : the unit, or None if the file states none.
    """

    bones: tuple[Bone, ...]
    degrees: bool
    metres_per_unit: float | None


def read_lines(path: Path, max_bytes: int) -> list[str]:
    """Return the lines of a text; raise PoseError if it cannot be read or is too large."""
    return read_within(path, max_bytes, "name another file").decode("utf-8-sig", "replace").splitlines()


def read_skeleton(path: Path) -> AsfSkeleton:
    """Return the skeleton in a file; limits of joints, masses and comments are ignored.

    Raises
    ------
    PoseError : no such file, or a damaged one; the message names the line.
    """
    sections = _sections(path)
    units = {words[0]: words[1:] for _, words in sections.get("units", []) if len(words) > 1}
    degrees = not (units.get("angle", ["deg"])[0].lower().startswith("rad"))
    length = _number(path, 0, units["length"][0]) if "length" in units else 1.0
    properties = [dict(_properties(path, ROOT, sections.get("root", [])))]
    properties += [dict(_properties(path, "", block)) for block in _blocks(path, sections.get("bonedata", []))]
    by_name: dict[str, Mapping[str, list[str]]] = {}
    for bone in properties:
        [name] = bone["name"][:1]
        if name in by_name:
            raise PoseError(f"{path}: the bone {name[:40]!r} occurs twice")
        by_name[name] = bone
    if not 1 < len(by_name) <= MAX_BONES:
        raise PoseError(f"{path} has {len(by_name) - 1} bones; expected 1 to {MAX_BONES - 1} between begin and end")
    parents = _parents(path, sections.get("hierarchy", []), by_name)
    index = {name: at for at, name in enumerate(parents)}
    bones = tuple(
        _bone(path, name, index[parent] if parent else -1, by_name[name], degrees) for name, parent in parents.items()
    )
    return AsfSkeleton(bones, degrees, METRES_PER_INCH / length if length not in (0.0, 1.0) else None)


Line = tuple[int, list[str]]
"""A line's number and its words."""


def _sections(path: Path) -> dict[str, list[Line]]:
    """Return the lines below each keyword with a colon; what follows the keyword is their first line."""
    sections: dict[str, list[Line]] = {}
    current: list[Line] = []
    for number, line in enumerate(read_lines(path, MAX_BYTES), 1):
        words = line.split("#")[0].split()
        if words and words[0].startswith(":"):
            current = sections.setdefault(words[0][1:].lower(), [])
            words = words[1:]
        if words:
            current.append((number, words))
    if "bonedata" not in sections or "hierarchy" not in sections:
        raise PoseError(f"{path} is not a skeleton file: expected the sections :bonedata and :hierarchy")
    return sections


def _blocks(path: Path, lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield the lines between each ``begin`` and ``end``."""
    block: list[Line] | None = None
    for number, words in lines:
        keyword = words[0].lower()
        if keyword == "begin" and block is None:
            block = []
        elif keyword == "end" and block is not None:
            yield block
            block = None
        elif block is None or keyword == "begin":
            raise PoseError(f"{path}, line {number}: expected {'end' if block else 'begin'}, got {words[0][:40]!r}")
        else:
            block.append((number, words))
    if block is not None:
        raise PoseError(f"{path}: the last bone has no 'end'; the file is cut short")


def _properties(path: Path, name: str, lines: Sequence[Line]) -> Iterator[tuple[str, list[str]]]:
    """Yield the properties of a bone: their names and words."""
    has_name = bool(name)
    yield "name", [name]
    for _, words in lines:
        keyword = words[0].lower()
        if keyword == "name" and len(words) > 1:
            has_name = True
        if not words[0].startswith("("):  # further limits
            yield keyword, words[1:]
    if not has_name:
        raise PoseError(f"{path}, line {lines[0][0] if lines else 0}: a bone has no name")


def _parents(path: Path, lines: Sequence[Line], bones: Mapping[str, object]) -> dict[str, str]:
    """Return the parent of each bone that hangs on the root, parents first; that of the root is empty."""
    children: dict[str, list[str]] = {}
    known = {ROOT}
    for number, words in lines:
        if words[0].lower() in ("begin", "end"):
            continue
        for name in words:
            if name not in bones:
                raise PoseError(f"{path}, line {number}: there is no bone {name[:40]!r}")
        for name in words[1:]:
            if name in known:
                raise PoseError(f"{path}, line {number}: the bone {name[:40]!r} has two parents")
            known.add(name)
        children.setdefault(words[0], []).extend(words[1:])
    parents = {ROOT: ""}
    waiting = [ROOT]
    while waiting:
        parent = waiting.pop()
        parents |= dict.fromkeys(children.get(parent, ()), parent)
        waiting.extend(children.get(parent, ()))
    # A parent found late would come after its children.
    return dict(sorted(parents.items(), key=lambda row: _depth(parents, row[0])))


def _depth(parents: Mapping[str, str], name: str) -> int:
    depth = 0
    while parents[name]:
        name, depth = parents[name], depth + 1
    return depth


def _bone(path: Path, name: str, parent: int, properties: Mapping[str, list[str]], degrees: bool) -> Bone:
    numbers = {
        key: [_number(path, name, word) for word in properties.get(key, default)[:3]]
        for key, default in (("direction", ["0", "0", "0"]), ("length", ["0"]))
    }
    if parent < 0:
        order = tuple(word.lower() for word in properties.get("order", "TX TY TZ RX RY RZ".split()))
        turn = [*properties.get("orientation", ["0", "0", "0"])[:3], *properties.get("axis", ["XYZ"])[:1]]
    else:
        order = tuple(word.lower() for word in properties.get("dof", []))
        turn = properties.get("axis", ["0", "0", "0", "XYZ"])
    unknown = [word for word in order if word not in ("tx", "ty", "tz", "rx", "ry", "rz", "l")]
    axes = turn[3].lower() if len(turn) > 3 else "xyz"
    if (
        unknown
        or sorted(axes) != ["x", "y", "z"]
        or len(turn) < 3
        or len(numbers["direction"]) != 3
        or not numbers["length"]
    ):
        raise PoseError(
            f"{path}: the bone {name[:40]!r} has dof {' '.join(order)[:40]!r}, axis {' '.join(turn)[:60]!r} and "
            f"direction {' '.join(properties.get('direction', []))[:60]!r}; expected channels such as rx, three angles "
            "with their order, and three numbers"
        )
    angles = [_number(path, name, word) for word in turn[:3]]
    vector = np.array(numbers["direction"]) * numbers["length"][0]
    return Bone(name, parent, vector, Rotation.from_euler(axes, angles, degrees=degrees), order)


def _number(path: Path, where: str | int, word: str) -> float:
    """Return a finite number; raise PoseError for another word."""
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise PoseError(f"{path}, {where or 'units'}: expected a number, got {word[:40]!r}")
    return value
