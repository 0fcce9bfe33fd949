"""Landmarks of MediaPipe's pose model as people write them to JSON."""

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
WORLD_KEYS = ("world_landmarks", "worldLandmarks", "pose_world_landmarks", "poseWorldLandmarks")
"""Under which a frame holds landmarks in the picture, and those in metres around the hips."""
NESTED_KEYS = ("landmark", "landmarks")
"""Under which protobuf, and some programs, wrap the landmarks of one person once more."""
MAX_NESTING = 4
"""Lists and objects of a frame lie within each other so often at most, down to a person's landmarks."""
FRAME_KEYS = ("frame", "frame_number", "frame_index")
BARE_LANDMARK = rb'(^|"frames":)\[{1,5}(null,|\[\],|\{\},)*\[{0,5}(\{"(x|name|visibility)":|\[{1,5}-?[\d.])'
"""The first landmark of a list of frames, after those with nobody; without bounds, a file of ``[`` takes for ever."""
KEYS = "|".join((*PICTURE_KEYS, *WORLD_KEYS)).encode()


@dataclass
class _Landmarks:
    """Of everybody: (33, 4) each, the last column their visibility; and the place of the frame in the list."""

    bodies: list[NDArray[np.float64]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)

    def add(self, people: Sequence[Any], place: int, where: str) -> None:
        for person in people:
            self.bodies.append(_body(person, where))
            self.places.append(place)


class MediaPipeJson:
    """Several people on MediaPipe's 33 landmarks; in pixels, or in metres where only world landmarks are given."""

    name = "mediapipe-json"
    title = "MediaPipe landmark JSON"
    suffixes = (".json",)

    def recognizes(self, path: Path) -> bool:
        """Whether it begins with a landmark, perhaps within lists, or a frame of them."""
        text = read_head(path)
        return bool(re.search(BARE_LANDMARK, text) or re.search(rb'"(' + KEYS + rb')":', text))

    def read(self, path: Path, pose_input: PoseInput) -> PosesRead:
        """Read everybody; the file is a list of frames, or an object with one as "frames" and "fps", "width", "height".

        A frame is the 33 landmarks of one person, a list of several people, an object that holds
        either as "pose_landmarks" or "pose_world_landmarks", or nothing: then nobody is seen.

        Raises
        ------
        PoseError : damaged, other than 33 landmarks, nobody in it, shares of a picture of unknown size.
        """
        content = read_json(path)
        frames, about = _frames(content, path)
        fps, notices = choose_fps(pose_input, _number(about, "fps", path), path)
        in_picture, in_world = _Landmarks(), _Landmarks()
        for place, frame in enumerate(frames):
            where = f"{path}, frame {place}"
            if isinstance(frame, dict):
                in_picture.add(_people(_first(frame, PICTURE_KEYS), where), place, where)
                in_world.add(_people(_first(frame, WORLD_KEYS), where), place, where)
            else:
                in_picture.add(_people(frame, where), place, where)
        found = in_picture if in_picture.bodies else in_world
        if not found.bodies:
            raise PoseError(f"{path}: nobody is seen in any of {len(frames)} frames")
        body = np.stack(found.bodies)
        if found is in_world:
            keypoints = flip_camera_axes(body[..., :3])
            more_notices: tuple[str, ...] = ()
        else:
            size_px = pose_input.size_px or _size(about, path)
            keypoints, more_notices = interpret_landmarks(body[..., :3], MEDIAPIPE, size_px, path)
        numbered = _frame_numbers(frames, path)
        seen = Detections(keypoints, body[..., 3], numbered[found.places], int(numbered.max()) + 1)
        return assemble_people(path, seen, fps, MEDIAPIPE, notices + more_notices)


def _frames(content: Any, path: Path) -> tuple[list[Any], Mapping[str, Any]]:
    """The frames, and what the file says about all of them."""
    about = content if isinstance(content, dict) else {}
    frames = about.get("frames", [about]) if about else content
    if not isinstance(frames, list) or not frames:
        raise PoseError(f'{path} holds no frames; expected a list of frames, or an object with one as "frames"')
    return ([frames] if _is_landmark(frames[0]) else frames), about


def _people(value: Any, where: str, depth: int = 0) -> list[Any]:
    """The landmarks of each person in a frame."""
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
    if isinstance(value, dict):
        return "x" in value
    return isinstance(value, list) and bool(value) and not isinstance(value[0], list | dict)


def _body(landmarks: Sequence[Any], where: str) -> NDArray[np.float64]:
    """(33, 4): x, y, z and visibility; what does not say how visible it is is seen."""
    if all(isinstance(one, dict) for one in landmarks):
        landmarks = [[one.get("x"), one.get("y"), one.get("z", 0), _visibility(one)] for one in landmarks]
    given = to_number_array(landmarks, where)
    if given.ndim != 2 or len(given) != MEDIAPIPE.n_joints or not 2 <= given.shape[1] <= 4:
        raise PoseError(
            f"{where}: {len(landmarks)} landmarks; a person has {MEDIAPIPE.n_joints} with x, y, z and visibility each"
        )
    body = np.concatenate([np.zeros((len(given), 3)), np.ones((len(given), 1))], axis=1)
    body[:, : given.shape[1]] = given
    return body


def _visibility(landmark: Mapping[str, Any]) -> Any:
    given = landmark.get("visibility", landmark.get("score"))
    return 1 if given is None else given


def _first(frame: Mapping[str, Any], keys: Sequence[str]) -> Any:
    return next((frame[key] for key in keys if frame.get(key)), None)


def _frame_numbers(frames: Sequence[Any], path: Path) -> NDArray[np.intp]:
    """Where each frame of the list lies in the clip: where all say a number of their own, there."""
    more_notices = [
        next((frame[key] for key in FRAME_KEYS if key in frame), None) for frame in frames if isinstance(frame, dict)
    ]
    given = [number for number in more_notices if isinstance(number, int)]
    if len(given) == len(set(given)) == len(frames):
        return zero_based_frames(given, path)
    return np.arange(len(frames))


def _number(about: Mapping[str, Any], key: str, path: Path) -> float | None:
    value = about.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PoseError(f"{path}: expected a number as {key!r}, got {str(value)[:40]!r}")
    return float(value)


def _size(about: Mapping[str, Any], path: Path) -> tuple[int, int] | None:
    width, height = (_number(about, key, path) for key in ("width", "height"))
    return (int(width), int(height)) if width and height else None
