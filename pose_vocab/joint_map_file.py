"""The file with which a user names the dancer's joints in an unknown rig (``--joints``)."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

from pose_vocab.errors import PoseError
from pose_vocab.input_files import read_within
from pose_vocab.joint_mapping import JointMapping
from pose_vocab.joint_mixes import Mix
from pose_vocab.skeletons import DANCER, Skeleton

MAX_BYTES = 2**20
"""Maximum size of the file; it names 16 joints."""
OPTIONAL_JOINTS = ("nose", "neck", "left_toe", "right_toe")
"""Joints that the file may leave out; a neck is then between the shoulders."""
EXAMPLE = '{"left_knee": "Shin_L", "neck": ["Arm_L", "Arm_R"]}'


def load_joint_map(path: Path, skeleton: Skeleton) -> JointMapping:
    """Return the mapping that a JSON file states: from the dancer's joints to joints of a skeleton.

    The value of a joint is the name of a joint in the skeleton, or a list of names whose middle it is.

    Raises
    ------
    PoseError : no such file, no JSON object, a joint that the dancer or the skeleton lacks, or a required one that
        the file does not name.
    """
    named = _load(path)
    joints: dict[str, Mix] = {}
    for joint, value in named.items():
        if joint not in DANCER.joint_names:
            raise PoseError(f"{path}: the dancer has no joint {joint[:40]!r}; {_nearest(joint, DANCER.joint_names)}")
        sources = [value] if isinstance(value, str) else value
        if not (isinstance(sources, list) and sources and all(isinstance(source, str) for source in sources)):
            raise PoseError(f"{path}: {joint!r} must be the name of a joint or a list of names, got {str(value)[:60]}")
        for source in sources:
            if source not in skeleton.joint_names:
                raise PoseError(
                    f"{path}: {joint!r} names {source[:40]!r}, which is no joint of the file; "
                    f"{_nearest(source, skeleton.joint_names)}"
                )
        joints[joint] = tuple((source, 1 / len(sources)) for source in sources)
    missing = [joint for joint in DANCER.joint_names if joint not in joints and joint not in OPTIONAL_JOINTS]
    if missing:
        raise PoseError(f"{path} does not name {', '.join(missing)}; all but {', '.join(OPTIONAL_JOINTS)} are required")
    if "neck" not in joints:
        joints["neck"] = tuple(
            (source, weight / 2) for side in ("left", "right") for source, weight in joints[f"{side}_shoulder"]
        )
    if "nose" not in joints and "nose" in skeleton.joint_names:
        joints["nose"] = (("nose", 1.0),)
    return JointMapping(str(path), joints)


def _load(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file."""
    try:
        data = read_within(path, MAX_BYTES, f"expected a JSON object such as {EXAMPLE}")
        named = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise PoseError(f"{path} is not JSON: {str(error)[:80]}; expected an object such as {EXAMPLE}") from error
    if not isinstance(named, dict):
        raise PoseError(f"{path} must contain a JSON object such as {EXAMPLE}, got {str(named)[:60]}")
    return named


def _nearest(name: str, names: tuple[str, ...]) -> str:
    """Return a hint at the names that are nearest to one."""
    by_lower = {other.lower(): other for other in names}
    near = [by_lower[lower] for lower in difflib.get_close_matches(name.lower(), by_lower, n=3, cutoff=0.4)]
    if near:
        return f"did you mean {' or '.join(repr(other) for other in near)}?"
    shown = ", ".join(other[:40] for other in names[:60])
    return f"there are {shown}{', ...' if len(names) > 60 else ''}"
