"""Columns of landmark tables: their meaning under the names that different programs use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pose_vocab.errors import PoseError
from pose_vocab.formats.skeleton_choice import HOLISTIC
from pose_vocab.skeletons import MEDIAPIPE, SKELETONS, Skeleton, skeleton_named

FRAME = ("frame", "frame_number", "frame_index", "frame_id", "frame_num", "frame_no", "frame_idx", "frames")
"""Column names of frame numbers."""
PERSON = ("person", "person_id", "track_id", "tracking_id", "idx", "id", "pose_index", "individual", "individuals")
"""Column names of person ids."""
VIDEO = ("video", "video_id", "video_name", "clip", "clip_id", "file", "file_name", "filename", "sequence")
"""Column names of the video that a row belongs to."""
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
TIMES: dict[str, float | None] = {
    f"{name}_{unit}": ticks_per_s
    for name in ("time", "timestamp")
    for unit, ticks_per_s in (("s", 1.0), ("sec", 1.0), ("seconds", 1.0), ("ms", 1e3), ("us", 1e6), ("ns", 1e9))
} | dict.fromkeys(("time", "timestamp", "t"))
"""Column names of times, each with the ticks per second that its name states, or None."""
AXES = {"x": 0, "y": 1, "z": 2} | dict.fromkeys(
    ("v", "c", "visibility", "vis", "confidence", "conf", "score", "likelihood"), 3
)
"""Columns of a landmark: three coordinates (0 to 2) and confidence (3)."""
MIN_KNOWN_JOINTS = 8
"""A skeleton is recognized by at least so many of its joints."""
UNITS = ("px", "m")
"""``x_px`` is in pixels, y down, and ``x_m`` in metres, y up, as in a `PoseSequence`."""

_AXIS = "|".join(sorted(AXES, key=len, reverse=True))
_AXIS_FIRST = re.compile(rf"(?P<axis>{_AXIS})_?(?P<joint>\d+)")
_JOINT_FIRST = re.compile(rf"(?P<joint>.+?)[_. ](?P<axis>{_AXIS})")
_NUMBERED = re.compile(r"(?:landmark|lm|joint|kp|keypoint|point|pose|pose_landmark)?_?(\d+)")
_PREFIX = re.compile(r"(?:pose|body|landmark|joint|keypoint)_(?=\D)")
_SIDES = {"l": "left", "r": "right"}


def normalize_name(name: object) -> str:
    """Return a column's or landmark's name in lower case, words joined by ``_``, the side in front."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=^[LR])(?=[A-Z][a-z])", "_", str(name).strip()).lower()
    words = re.sub(r"[ .-]+", "_", words)
    numbered = _NUMBERED.fullmatch(words)
    if numbered:
        return numbered[1]
    words = re.sub(r"^(.+)_(left|right)$", r"\2_\1", words)
    return re.sub(r"^([lr])_(?=[a-z]{3})", lambda side: _SIDES[side[1]] + "_", words)


def normalize_landmark(name: object) -> str:
    """Return `normalize_name` without words that only say that it is a landmark of the body."""
    return _PREFIX.sub("", normalize_name(name), count=1)


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
        column: (normalize_landmark(match["joint"]), AXES[match["axis"]]) for column, match in matches.items() if match
    }
    landmarks = {joint for joint, axis in found.values() if axis == AXES["x"]}
    return {column: (joint, axis) for column, (joint, axis) in found.items() if joint in landmarks}


def match_skeleton(
    names: Sequence[str], named: str | None, path: Path
) -> tuple[Skeleton, dict[str, int], tuple[str, ...]]:
    """Return the skeleton with joints of these names, the joint of each name that it has, and notices.

    Numbers are joint indices of the skeleton in `named`, from 0 or 1; 33 of them without a skeleton are
    MediaPipe's. Landmarks beyond the body, of face and hands, are left out.

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
    numbered = all(name.isdigit() for name in names)
    if named is None and numbered:
        if len(names) != MEDIAPIPE.n_joints and len(names) not in HOLISTIC:
            raise PoseError(
                f"{path} has {len(names)} numbered landmarks; name their skeleton, e.g. --skeleton {MEDIAPIPE.name} "
                f"({', '.join(SKELETONS)})"
            )
        named = MEDIAPIPE.name
        notices = (f"{path} has {len(names)} numbered landmarks; read as MediaPipe's",)
    skeleton = skeleton_named(named) if named is not None else _skeleton_of(names, path)
    first = 1 if "0" not in names and str(skeleton.n_joints) in names else 0
    joint_of = {str(number + first): number for number in range(skeleton.n_joints)}
    joint_of |= {name: number for number, name in enumerate(skeleton.joint_names)}
    unknown = [name for name in names if name not in joint_of]
    if unknown and named is not None and not numbered:
        raise PoseError(f"{path}: skeleton {skeleton.name!r} has no joint {unknown[0]!r}")
    if unknown:
        notices += (f"{path} has {len(names)} landmarks; the {len(names) - len(unknown)} of the body are read",)
    return skeleton, {name: joint_of[name] for name in names if name in joint_of}, notices


def _skeleton_of(names: Sequence[str], path: Path) -> Skeleton:
    """Return the skeleton that has most of the names, the smallest of several."""
    known = {name: len(set(skeleton.joint_names) & set(names)) for name, skeleton in SKELETONS.items()}
    best = max(SKELETONS.values(), key=lambda skeleton: (known[skeleton.name], -skeleton.n_joints))
    if known[best.name] < MIN_KNOWN_JOINTS:
        raise PoseError(
            f"{path} has landmarks {', '.join(sorted(names)[:4])}, ..., of no known skeleton; "
            f"name the skeleton, e.g. --skeleton {MEDIAPIPE.name} ({', '.join(SKELETONS)})"
        )
    return best
