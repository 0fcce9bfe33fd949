"""The columns of landmark tables: which stands for what, whatever a program has called it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pose_vocab.errors import PoseError
from pose_vocab.skeletons import MEDIAPIPE, SKELETONS, Skeleton, skeleton_named

FRAME = ("frame", "frame_number", "frame_index", "frame_id", "frame_num")
PERSON = ("person", "person_id", "track_id", "pose_index")
LANDMARK = (
    "landmark",
    "landmark_name",
    "landmark_index",
    "landmark_id",
    "joint",
    "joint_name",
    "keypoint",
    "name",
    "index",
)
TIMES = {
    "time_s": "s",
    "time_ms": "ms",
    "timestamp_ms": "ms",
    "timestamp_us": "us",
    "timestamp_s": "s",
} | dict.fromkeys(("time", "timestamp"), "")
"""Columns of time, each with its unit where its name says one."""
AXES = {"x": 0, "y": 1, "z": 2} | dict.fromkeys(
    ("v", "c", "visibility", "vis", "confidence", "conf", "score", "likelihood"), 3
)
"""What is said of a landmark: three coordinates and how surely it is seen."""
UNITS = ("px", "m")
"""``x_px`` is in pixels, y down, and ``x_m`` in metres, y up, as in a `PoseSequence`."""

_AXIS = "|".join(sorted(AXES, key=len, reverse=True))
_AXIS_FIRST = re.compile(rf"(?P<axis>{_AXIS})_?(?P<joint>\d+)")
_JOINT_FIRST = re.compile(rf"(?P<joint>.+?)[_. ](?P<axis>{_AXIS})")
_NUMBERED = re.compile(r"(?:landmark|lm|joint|kp)?_?(\d+)")


def normalize_name(name: object) -> str:
    """A column's or a landmark's name as we write it: small letters, words joined by ``_``, the side in front."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(name).strip()).lower()
    words = re.sub(r"[ .-]+", "_", words)
    numbered = _NUMBERED.fullmatch(words)
    return numbered[1] if numbered else re.sub(r"^mouth_(left|right)$", r"\1_mouth", words)


def first_present(columns: Sequence[str], known: Sequence[str]) -> str | None:
    """The first of the `known` names that there is among the columns."""
    return next((name for name in known if name in columns), None)


def is_long(columns: Sequence[str]) -> bool:
    """Whether a table has a line for every landmark."""
    xs = ("x", *(f"x_{unit}" for unit in UNITS))
    return first_present(columns, LANDMARK) is not None and first_present(columns, xs) is not None


def wide_columns(columns: Sequence[str]) -> dict[str, tuple[str, int]]:
    """The landmark and the axis of each column, as ``nose_x`` or ``x0``, of landmarks that have an x."""
    matches = {column: _AXIS_FIRST.fullmatch(column) or _JOINT_FIRST.fullmatch(column) for column in columns}
    found = {
        column: (normalize_name(match["joint"]), AXES[match["axis"]]) for column, match in matches.items() if match
    }
    landmarks = {joint for joint, axis in found.values() if axis == AXES["x"]}
    return {column: (joint, axis) for column, (joint, axis) in found.items() if joint in landmarks}


def match_skeleton(
    names: Sequence[str], named: str | None, path: Path
) -> tuple[Skeleton, dict[str, int], tuple[str, ...]]:
    """The skeleton whose joints the names are, the joint of each name, and what to say about it.

    Numbers count the joints of the skeleton that is told, from 0 or 1; 33 of them are MediaPipe's.

    Raises
    ------
    PoseError : no skeleton has such joints, or one must be told.
    """
    notices: tuple[str, ...] = ()
    if named is None and all(name.isdigit() for name in names):
        if len(names) != MEDIAPIPE.n_joints:
            raise PoseError(
                f"{path} numbers {len(names)} landmarks; say whose, as in --skeleton {MEDIAPIPE.name} "
                f"({', '.join(SKELETONS)})"
            )
        named = MEDIAPIPE.name
        notices = (f"{path} numbers {len(names)} landmarks, taken for MediaPipe's",)
    if named is not None:
        skeleton = skeleton_named(named)
    else:
        fitting = [one for one in SKELETONS.values() if set(one.joint_names) == set(names)]
        if not fitting:
            raise PoseError(
                f"{path} has landmarks {', '.join(sorted(names)[:4])}, ..., which are the joints of no known skeleton; "
                f"say which they belong to, as in --skeleton {MEDIAPIPE.name} ({', '.join(SKELETONS)})"
            )
        skeleton = fitting[0]
    first = 1 if "0" not in names and str(skeleton.n_joints) in names else 0
    joint_of = {str(number + first): number for number in range(skeleton.n_joints)}
    joint_of |= {name: number for number, name in enumerate(skeleton.joint_names)}
    strange = next((name for name in names if name not in joint_of), None)
    if strange is not None:
        raise PoseError(f"{path}: skeleton {skeleton.name!r} has no joint {strange!r}")
    return skeleton, {name: joint_of[name] for name in names}, notices
