"""Landmarks in the JSON layouts that people's scripts write: frames, people and landmarks found in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pose_vocab.errors import PoseError
from pose_vocab.formats.csv_columns import TIMES, normalize_landmark
from pose_vocab.formats.csv_table import MAX_EXACT_INTEGER

PICTURE_KEYS = ("landmarks", "pose_landmarks", "poseLandmarks", "keypoints", "pose", "body")
"""Keys of landmarks in the picture."""
WORLD_KEYS = (
    "world_landmarks",
    "worldLandmarks",
    "pose_world_landmarks",
    "poseWorldLandmarks",
    "keypoints3D",
    "keypoints_3d",
    "keypoints3d",
)
"""Keys of landmarks in metres around the hips."""
PEOPLE_KEYS = ("people", "persons", "poses", "detections", "predictions", "instances", "results", "dancers")
"""Keys of a list of people."""
NESTED_KEYS = ("landmark", "landmarks", "keypoints")
"""Keys under which protobuf, and some programs, nest the landmarks of one person once more."""
FRAME_LIST_KEYS = ("frames", "instance_info")
"""Keys of the list of frames in an object around them; the second is MMPose's."""
FRAME_KEYS = ("frame", "frame_number", "frame_index", "frame_id", "frame_idx", "frameNumber", "frameIndex")
"""Keys of a frame's number."""
TIME_KEYS = tuple(TIMES)
"""Keys of a frame's time."""
SCORE_LIST_KEYS = ("keypoint_scores", "keypoints_scores", "scores", "confidence", "visibility")
"""Keys of a list with the confidence of each landmark of a person, beside the list of landmarks."""
CONFIDENCE_KEYS = ("visibility", "score", "confidence", "visible", "v", "c", "presence")
"""Keys of a landmark's confidence."""
NAME_KEYS = ("name", "part", "joint", "landmark", "label")
"""Keys of a landmark's name."""
MAX_NESTING = 6
"""Maximum depth of lists and objects from a frame to a person's landmarks."""

Landmark = tuple[Any, Any, Any, Any]
"""x, y, z and confidence, as in the file."""


@dataclass(frozen=True)
class Body:
    """The landmarks of one person.

    Parameters
    ----------
    landmarks : in the file's order.
    names : one for each, or empty if the file names none.
    source : the object around them, with the person's id; empty if there is none.
    """

    landmarks: tuple[Landmark, ...]
    names: tuple[str, ...]
    source: Mapping[str, Any]


@dataclass(frozen=True)
class LandmarkFrame:
    """One frame: its number and time as in the file (None if it states none), and the bodies in it."""

    number: int | None
    time: tuple[str, Any] | None
    in_picture: tuple[Body, ...]
    in_world: tuple[Body, ...]


def landmark_frames(content: Any, where: str) -> tuple[list[LandmarkFrame], Mapping[str, Any]]:
    """Return the frames of a file's content, and the object around them with what is stated about all.

    Raises
    ------
    PoseError : there are no frames, or what should be landmarks is something else.
    """
    header: Mapping[str, Any] = content if isinstance(content, dict) else {}
    numbered = _numbered_entries(header)
    if numbered:
        return [_frame(value, number, f"{where}, frame {number}") for number, value in numbered], {}
    frames = (
        next((header[key] for key in FRAME_LIST_KEYS if header.get(key) is not None), [header]) if header else content
    )
    if isinstance(frames, dict):
        numbered = _numbered_entries(frames)
        if not numbered:
            raise PoseError(f"{where}: expected a list of frames, or an object with numbered ones")
        return [_frame(value, number, f"{where}, frame {number}") for number, value in numbered], header
    if not isinstance(frames, list) or not frames:
        raise PoseError(f'{where} contains no frames; expected a list of frames, or an object with one as "frames"')
    if _is_landmark(frames[0]):
        frames = [frames]
    return [_frame(frame, None, f"{where}, frame {index}") for index, frame in enumerate(frames)], header


def _numbered_entries(entries: Mapping[str, Any]) -> list[tuple[int, Any]]:
    """Return the entries of an object whose keys are all frame numbers, such as ``"12"`` or ``"frame_12"``."""
    found = [re.fullmatch(r"[A-Za-z_\- ]*?(\d{1,18})(?:\.\w{2,4})?", key) for key in entries]
    if not entries or not all(found):
        return []
    return sorted(
        ((int(match[1]), value) for match, value in zip(found, entries.values(), strict=True) if match),
        key=lambda entry: entry[0],
    )


def _frame(content: Any, number: int | None, where: str) -> LandmarkFrame:
    """Return one frame."""
    if not isinstance(content, dict):
        return LandmarkFrame(number, None, tuple(_bodies(content, {}, where)), ())
    stated = next((content[key] for key in FRAME_KEYS if _is_whole(content.get(key))), None)
    time = next(((key, content[key]) for key in TIME_KEYS if content.get(key) is not None), None)
    in_picture = tuple(_bodies(content, content, where))
    in_world = tuple(_bodies(_first(content, WORLD_KEYS), content, where))
    return LandmarkFrame(number if stated is None else stated, time, in_picture, in_world)


def _bodies(value: Any, source: Mapping[str, Any], where: str, depth: int = 0) -> Iterator[Body]:
    """Yield the bodies in a value at any of the places where programs write them."""
    if not value:
        return
    if depth > MAX_NESTING or not isinstance(value, dict | list):
        raise PoseError(f"{where}: expected a list of landmarks, got {str(value)[:40]!r}")
    if isinstance(value, dict):
        if _is_columns(value):
            yield _body_of_columns(value, source)
        elif _has_named_landmarks(value):
            named = {name: one for name, one in value.items() if _is_landmark(one)}
            yield _body(list(named.values()), tuple(map(normalize_landmark, named)), source, where)
        else:
            inner = _first(value, (*PEOPLE_KEYS, *PICTURE_KEYS, *(NESTED_KEYS if depth else ())))
            yield from _bodies(inner, value, where, depth + 1)
    elif _is_landmark(value[0]):
        yield _body(value, (), source, where)
    else:
        for one in value:
            yield from _bodies(one, one if isinstance(one, dict) else source, where, depth + 1)


def _body(landmarks: Sequence[Any], names: tuple[str, ...], source: Mapping[str, Any], where: str) -> Body:
    """Return a body of landmarks that are objects or lists; null is a landmark that was not found."""
    if len({len(one) if isinstance(one, list) else type(one) for one in landmarks if one is not None}) > 1:
        raise PoseError(f"{where}: the lists of numbers are of different lengths")
    if not names and all(isinstance(one, dict) for one in landmarks):
        stated = [next((one[key] for key in NAME_KEYS if isinstance(one.get(key), str)), "") for one in landmarks]
        names = tuple(map(normalize_landmark, stated)) if all(stated) else ()
    found = list(map(_landmark, landmarks))
    scores: list[Any] = next((source[key] for key in SCORE_LIST_KEYS if isinstance(source.get(key), list)), [])
    if len(scores) == len(found):
        found = [(*landmark[:3], score) for landmark, score in zip(found, scores, strict=True)]
    return Body(tuple(found), names, source)


def _landmark(one: Any) -> Landmark:
    """Return x, y, z and confidence of a landmark."""
    if one is None:
        return None, None, None, 0
    if isinstance(one, dict):
        place = one["position"] if isinstance(one.get("position"), dict) else one
        confidence = next((one[key] for key in CONFIDENCE_KEYS if one.get(key) is not None), 1)
        return place.get("x"), place.get("y"), place.get("z", 0), confidence
    values: list[Any] = [*one[:4], *(None, None, 0, 1)[len(one) :]]
    return values[0], values[1], values[2], values[3]


def _body_of_columns(columns: Mapping[str, Any], source: Mapping[str, Any]) -> Body:
    """Return a body of lists of x, y and confidence, as Ultralytics writes it."""
    n = len(columns["x"])
    confidence = next((columns[key] for key in CONFIDENCE_KEYS if isinstance(columns.get(key), list)), [1] * n)
    z = columns["z"] if isinstance(columns.get("z"), list) else [0] * n
    return Body(tuple(zip(columns["x"], columns["y"], z, confidence, strict=False)), (), source)


def _is_columns(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("x"), list) and isinstance(value.get("y"), list)


def _has_named_landmarks(value: Mapping[str, Any]) -> bool:
    """Return whether the values are landmarks under their names."""
    return sum(map(_is_landmark, value.values())) >= max(3, len(value) / 2)


def _is_landmark(value: Any) -> bool:
    """Return whether a value is one landmark, as an object or a list of two to five numbers."""
    if isinstance(value, dict):
        return ("x" in value and not isinstance(value["x"], list)) or isinstance(value.get("position"), dict)
    return (
        isinstance(value, list)
        and bool(value)
        and all(one is None or isinstance(one, int | float | str | bool) for one in value)
    )


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < MAX_EXACT_INTEGER


def _first(content: Mapping[str, Any], keys: Sequence[str]) -> Any:
    """Return the value of the first key that is present and not empty."""
    return next((content[key] for key in keys if content.get(key)), None)
