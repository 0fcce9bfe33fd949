"""Landmarks of MediaPipe's pose model in the JSON layouts that people use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.coordinate_space import interpret_landmarks
from pose_vocab.formats.detections import Detections, assemble_people, zero_based_frames
from pose_vocab.formats.interface import PoseInput, PosesRead
from pose_vocab.formats.json_files import read_head, read_json, to_number_array
from pose_vocab.formats.units import choose_fps, flip_camera_axes
from pose_vocab.skeletons import MEDIAPIPE

PICTURE_KEYS = ("landmarks", "pose_landmarks", "poseLandmarks")
"""Keys of landmarks in the picture."""
WORLD_KEYS = ("world_landmarks", "worldLandmarks", "pose_world_landmarks", "poseWorldLandmarks")
"""Keys of landmarks in metres around the hips."""
NESTED_KEYS = ("landmark", "landmarks")
"""Keys under which protobuf, and some programs, nest the landmarks of one person once more."""
MAX_NESTING = 4
"""Maximum depth of lists and objects from a frame to a person's landmarks."""
FRAME_KEYS = ("frame", "frame_number", "frame_index")
"""Keys of a frame's number."""
BARE_LANDMARK = rb'(^|"frames":)\[{1,5}(null,|\[\],|\{\},)*\[{0,5}(\{"(x|name|visibility)":|\[{1,5}-?[\d.])'
"""The first landmark of a list of frames, after frames with nobody; repetitions are bounded, or a file of
``[`` would take forever."""
KEYS = "|".join((*PICTURE_KEYS, *WORLD_KEYS)).encode()
"""All keys of landmarks, as a regular expression."""


@dataclass
class _Landmarks:
    """The landmarks of all people: (33, 4) each, the last column visibility; and the index of each one's frame
    in the list.
    """

    bodies: list[NDArray[np.float64]] = field(default_factory=list)
    indices: list[int] = field(default_factory=list)

    def add(self, people: Sequence[Any], index: int, where: str) -> None:
        """Append the people of one frame."""
        for person in people:
            self.bodies.append(_body(person, where))
            self.indices.append(index)


class MediaPipeJson:
    """Reads several people on MediaPipe's 33 landmarks, in pixels, or in metres if there are only world
    landmarks. Not written.
    """

    name = "mediapipe-json"
    title = "MediaPipe landmark JSON"
    suffixes = (".json",)

    def recognizes(self, path: Path) -> bool:
        """Return whether it begins with a landmark, possibly nested in lists, or with a frame of landmarks."""
        text = read_head(path)
        return bool(re.search(BARE_LANDMARK, text) or re.search(rb'"(' + KEYS + rb')":', text))

    def read(self, path: Path, pose_input: PoseInput) -> PosesRead:
        """Read all people; the file is a list of frames, or an object with one as "frames" and "fps", "width",
        "height".

        A frame is the 33 landmarks of one person, a list of several people, an object with either as
        "pose_landmarks" or "pose_world_landmarks", or empty: then nobody is seen.

        Raises
        ------
        PoseError : damaged, not 33 landmarks, nobody in it, normalized coordinates of a picture of unknown
            size.
        """
        content = read_json(path)
        frames, header = _frames(content, path)
        fps, notices = choose_fps(pose_input, _number(header, "fps", path), path)
        in_picture, in_world = _Landmarks(), _Landmarks()
        for index, frame in enumerate(frames):
            where = f"{path}, frame {index}"
            if isinstance(frame, dict):
                in_picture.add(_people(_first(frame, PICTURE_KEYS), where), index, where)
                in_world.add(_people(_first(frame, WORLD_KEYS), where), index, where)
            else:
                in_picture.add(_people(frame, where), index, where)
        found = in_picture if in_picture.bodies else in_world
        if not found.bodies:
            raise PoseError(f"{path}: nobody is seen in any of {len(frames)} frames")
        body = np.stack(found.bodies)
        if found is in_world:
            keypoints = flip_camera_axes(body[..., :3])
            more_notices: tuple[str, ...] = ()
        else:
            size_px = pose_input.size_px or _size(header, path)
            keypoints, more_notices = interpret_landmarks(body[..., :3], MEDIAPIPE, size_px, path)
        numbered = _frame_numbers(frames, path)
        detections = Detections(keypoints, body[..., 3], numbered[found.indices], int(numbered.max()) + 1)
        return assemble_people(path, detections, fps, MEDIAPIPE, notices + more_notices)


def _frames(content: Any, path: Path) -> tuple[list[Any], Mapping[str, Any]]:
    """Return the frames, and the object around them with what the file states about all frames."""
    header = content if isinstance(content, dict) else {}
    frames = header.get("frames", [header]) if header else content
    if not isinstance(frames, list) or not frames:
        raise PoseError(f'{path} contains no frames; expected a list of frames, or an object with one as "frames"')
    return ([frames] if _is_landmark(frames[0]) else frames), header


def _people(value: Any, where: str, depth: int = 0) -> list[Any]:
    """Return the landmarks of each person in a frame."""
    if not value:
        return []
    if isinstance(value, dict):
        return _people(_first(value, NESTED_KEYS), where, depth + 1)
    if not isinstance(value, list) or depth > MAX_NESTING:
        raise PoseError(f"{where}: expected a list of landmarks, got {str(value)[:40]!r}")
    if _is_landmark(value[0]):
        return [value]
    return [person for one in value for person in _people(one, where, depth + 1)]


def _is_landmark(value: Any) -> bool:
    """Return whether a value is one landmark, as an object or a list."""
    if isinstance(value, dict):
        return "x" in value
    return isinstance(value, list) and bool(value) and not isinstance(value[0], list | dict)


def _body(landmarks: Sequence[Any], where: str) -> NDArray[np.float64]:
    """Return (33, 4): x, y, z and visibility; without a visibility it is 1."""
    if all(isinstance(one, dict) for one in landmarks):
        landmarks = [[one.get("x"), one.get("y"), one.get("z", 0), _visibility(one)] for one in landmarks]
    values = to_number_array(landmarks, where)
    if values.ndim != 2 or len(values) != MEDIAPIPE.n_joints or not 2 <= values.shape[1] <= 4:
        raise PoseError(
            f"{where}: {len(landmarks)} landmarks; a person has {MEDIAPIPE.n_joints}, each with x, y, z and visibility"
        )
    body = np.concatenate([np.zeros((len(values), 3)), np.ones((len(values), 1))], axis=1)
    body[:, : values.shape[1]] = values
    return body


def _visibility(landmark: Mapping[str, Any]) -> Any:
    values = landmark.get("visibility", landmark.get("score"))
    return 1 if values is None else values


def _first(frame: Mapping[str, Any], keys: Sequence[str]) -> Any:
    """Return the value of the first key that is present and not empty."""
    return next((frame[key] for key in keys if frame.get(key)), None)


def _frame_numbers(frames: Sequence[Any], path: Path) -> NDArray[np.intp]:
    """Return the frame number of each entry in the list: the file's own numbers if all have one."""
    more_notices = [
        next((frame[key] for key in FRAME_KEYS if key in frame), None) for frame in frames if isinstance(frame, dict)
    ]
    values = [number for number in more_notices if isinstance(number, int)]
    if len(values) == len(set(values)) == len(frames):
        return zero_based_frames(values, path)
    return np.arange(len(frames))


def _number(header: Mapping[str, Any], key: str, path: Path) -> float | None:
    """Return a number that the file states, or None."""
    value = header.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PoseError(f"{path}: expected a number as {key!r}, got {str(value)[:40]!r}")
    return float(value)


def _size(header: Mapping[str, Any], path: Path) -> tuple[int, int] | None:
    """Return the picture's size that the file states, or None."""
    width, height = (_number(header, key, path) for key in ("width", "height"))
    return (int(width), int(height)) if width and height else None
