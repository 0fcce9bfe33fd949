"""Columns of landmark tables: their meaning under the names that different programs use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pose_vocab.errors import PoseError
from pose_vocab.skeletons import MEDIAPIPE, SKELETONS, Skeleton, skeleton_named

FRAME = ("frame", "frame_number", "frame_index", "frame_id", "frame_num")
"""Column names of frame numbers."""
PERSON = ("person", "person_id", "track_id", "pose_index")
"""Column names of person ids."""
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
"""Column names of landmarks, in tables with one line per landmark."""
TIMES = {
    "time_s": "s",
    "time_ms": "ms",
    "timestamp_ms": "ms",
    "timestamp_us": "us",
    "timestamp_s": "s",
} | dict.fromkeys(("time", "timestamp"), "")
"""Column names of times, each with the unit that its name states."""
AXES = {"x": 0, "y": 1, "z": 2} | dict.fromkeys(
    ("v", "c", "visibility", "vis", "confidence", "conf", "score", "likelihood"), 3
)
"""Columns of a landmark: three coordinates (0 to 2) and confidence (3)."""
UNITS = ("px", "m")
"""``x_px`` is in pixels, y down, and ``x_m`` in metres, y up, as in a `PoseSequence`."""

_AXIS = "|".join(sorted(AXES, key=len, reverse=True))
_AXIS_FIRST = re.compile(rf"(?P<axis>{_AXIS})_?(?P<joint>\d+)")
_JOINT_FIRST = re.compile(rf"(?P<joint>.+?)[_. ](?P<axis>{_AXIS})")
_NUMBERED = re.compile(r"(?:landmark|lm|joint|kp)?_?(\d+)")


def normalize_name(name: object) -> str:
    """Return a column's or landmark's name in lower case, words joined by ``_``, the side in front."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(name).strip()).lower()
    words = re.sub(r"[ .-]+", "_", words)
    numbered = _NUMBERED.fullmatch(words)
    return numbered[1] if numbered else re.sub(r"^mouth_(left|right)$", r"\1_mouth", words)


def first_present(columns: Sequence[str], known: Sequence[str]) -> str | None:
    """Return the first of the `known` names that is a column, or None."""
    return next((name for name in known if name in columns), None)


def is_long(columns: Sequence[str]) -> bool:
    """Return whether a table has one line per landmark."""
    xs = ("x", *(f"x_{unit}" for unit in UNITS))
    return first_present(columns, LANDMARK) is not None and first_present(columns, xs) is not None


def wide_columns(columns: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Return landmark and axis of each column like ``nose_x`` or ``x0``, for landmarks that have an x."""
    matches = {column: _AXIS_FIRST.fullmatch(column) or _JOINT_FIRST.fullmatch(column) for column in columns}
    found = {
        column: (normalize_name(match["joint"]), AXES[match["axis"]]) for column, match in matches.items() if match
    }
    landmarks = {joint for joint, axis in found.values() if axis == AXES["x"]}
    return {column: (joint, axis) for column, (joint, axis) in found.items() if joint in landmarks}


def match_skeleton(
    names: Sequence[str], named: str | None, path: Path
) -> tuple[Skeleton, dict[str, int], tuple[str, ...]]:
    """Return the skeleton with joints of these names, the joint of each name, and notices.

    Numbers are joint indices of the skeleton in `named`, from 0 or 1; 33 of them without a skeleton are
    MediaPipe's.

    Parameters
    ----------
    names : the landmarks' names or numbers.
    named : the skeleton given with ``--skeleton``, or None.
    path : the file, for messages.

    Raises
    ------
    PoseError : no skeleton has these joints, or the option is needed.
    """
    notices: tuple[str, ...] = ()
    if named is None and all(name.isdigit() for name in names):
        if len(names) != MEDIAPIPE.n_joints:
            raise PoseError(
                f"{path} has {len(names)} numbered landmarks; name their skeleton, e.g. --skeleton {MEDIAPIPE.name} "
                f"({', '.join(SKELETONS)})"
            )
        named = MEDIAPIPE.name
        notices = (f"{path} has {len(names)} numbered landmarks; read as MediaPipe's",)
    if named is not None:
        skeleton = skeleton_named(named)
    else:
        fitting = [one for one in SKELETONS.values() if set(one.joint_names) == set(names)]
        if not fitting:
            raise PoseError(
                f"{path} has landmarks {', '.join(sorted(names)[:4])}, ..., of no known skeleton; "
                f"name the skeleton, e.g. --skeleton {MEDIAPIPE.name} ({', '.join(SKELETONS)})"
            )
        skeleton = fitting[0]
    first = 1 if "0" not in names and str(skeleton.n_joints) in names else 0
    joint_of = {str(number + first): number for number in range(skeleton.n_joints)}
    joint_of |= {name: number for number, name in enumerate(skeleton.joint_names)}
    unknown = next((name for name in names if name not in joint_of), None)
    if unknown is not None:
        raise PoseError(f"{path}: skeleton {skeleton.name!r} has no joint {unknown!r}")
    return skeleton, {name: joint_of[name] for name in names}, notices
