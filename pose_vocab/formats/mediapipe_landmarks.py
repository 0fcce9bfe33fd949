"""Landmarks of MediaPipe's pose model, and of programs that write the same, in the JSON layouts that people use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.csv_columns import TIMES, match_skeleton
from pose_vocab.formats.interface import FormatNotes, PoseInput
from pose_vocab.formats.json_files import file_ids, read_head, read_json_or_lines, to_number_array
from pose_vocab.formats.landmark_json import PICTURE_KEYS, WORLD_KEYS, Body, LandmarkFrame, landmark_frames
from pose_vocab.formats.parsed import Parsed, Space
from pose_vocab.formats.skeleton_choice import BY_COUNT, skeleton_by_geometry
from pose_vocab.skeletons import COCO_17, MEDIAPIPE, Skeleton

BARE_LANDMARK = (
    rb'(^|"frames":)(\{"[A-Za-z_ -]{0,20}\d{1,18}(\.\w{2,4})?":)?\[{0,5}(null,|\[\],|\{\},)*\[{0,5}'
    rb'(\{"(x|name|visibility|part)":|\[{1,5}-?[\d.])'
)
"""The first landmark of a list of frames, after frames with nobody; repetitions are bounded, or a file of
``[`` would take forever."""
KEYS = "|".join((*PICTURE_KEYS, *WORLD_KEYS)).encode()
"""All keys of landmarks, as a regular expression."""
NAMED = rb'"(nose|left_?shoulder|leftShoulder|LEFT_SHOULDER|NOSE)":[\[{]'
"""A landmark under its name."""
OTHERS = re.compile(rb'"(image_id|annotations|images|pose_keypoints(_2d|_3d)?)":')
"""Keys of COCO's and OpenPose's files."""
SIZE_KEYS = (("width", "height"), ("image_width", "image_height"), ("frame_width", "frame_height"))
"""Keys of the picture's size."""
FPS_KEYS = ("fps", "frame_rate", "framerate", "frameRate")
"""Keys of the frame rate."""


class MediaPipeJson:
    """Reads several people on MediaPipe's 33 landmarks, or COCO's 17, in a picture or in space. Not written."""

    name = "mediapipe-json"
    title = "MediaPipe landmark JSON"
    suffixes = (".json", ".jsonl", ".ndjson")
    notes = FormatNotes(
        reads=(
            "people on MediaPipe's 33 landmarks or COCO's 17, in a picture or in space: lists, objects by "
            "frame or by name, tfjs, PoseNet, Ultralytics, JSON lines"
        ),
        guesses="a third value that is no coordinate; landmarks beyond the body are left out",
    )

    def recognizes(self, path: Path) -> bool:
        """Return whether it begins with a landmark, possibly nested in lists, or with a frame of landmarks."""
        text = read_head(path)
        if OTHERS.search(text):
            return False
        return any(re.search(pattern, text) for pattern in (BARE_LANDMARK, NAMED, rb'"(' + KEYS + rb')":'))

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return all people.

        The file is a list of frames, an object with one as "frames" and "fps", "width", "height", an object
        keyed by frame, or a frame per line. A frame is the landmarks of one person, a list of several people,
        or an object with either; then it may have a number and a time. Landmarks are objects with x, y, z,
        visibility and name, lists of these numbers, or lists of each number.

        Raises
        ------
        PoseError : damaged, unknown landmarks, or nobody in it.
        """
        frames, header = landmark_frames(read_json_or_lines(path), str(path))
        in_picture = any(frame.in_picture for frame in frames)
        rows = [
            (index, body)
            for index, frame in enumerate(frames)
            for body in (frame.in_picture if in_picture else frame.in_world)
        ]
        if not rows:
            raise PoseError(f"{path}: nobody is seen in any of {len(frames)} frames")
        seen = {index for index, _ in rows}
        empty = [index for index in range(len(frames)) if index not in seen]
        values, skeleton, notices = _values(
            [body for _, body in rows], [index for index, _ in rows], pose_input, path, len(empty)
        )
        order = [index for index, _ in rows] + empty
        ids = file_ids([body.source for _, body in rows], [index for index, _ in rows])
        times, ticks_per_s = _times(frames, order, path)
        numbers = _numbers(frames)
        return Parsed(
            values[..., :3],
            skeleton,
            Space.LANDMARKS if in_picture else Space.WORLD,
            values[..., 3],
            frames=numbers[order] if numbers is not None else None if times is not None else np.array(order),
            times=times,
            ticks_per_s=ticks_per_s,
            ids=None if ids is None else np.array(ids + [-1] * len(empty)),
            fps=next((fps for key in FPS_KEYS if (fps := _number(header, key, path)) is not None), None),
            size_px=_size(header, path),
            expected_up="-y",
            notices=notices,
        )


def _values(
    bodies: Sequence[Body], indices: Sequence[int], pose_input: PoseInput, path: Path, n_empty: int
) -> tuple[NDArray[np.float64], Skeleton, tuple[str, ...]]:
    """Return x, y, z and confidence (rows, joints, 4), followed by empty rows; the skeleton; and notices."""
    names = bodies[0].names if all(body.names == bodies[0].names for body in bodies) else ()
    n_landmarks = len(bodies[0].landmarks)
    for index, body in zip(indices, bodies, strict=True):
        count = len(body.landmarks)
        if count != n_landmarks or not (names or count in BY_COUNT):
            raise PoseError(
                f"{path}, frame {index}: {count} landmarks; a person has {MEDIAPIPE.n_joints} (MediaPipe) or "
                f"{COCO_17.n_joints} (COCO), each with x, y, z and visibility"
            )
    listed = np.stack(
        [to_number_array(body.landmarks, f"{path}, frame {index}") for index, body in zip(indices, bodies, strict=True)]
    )
    if names:
        skeleton, joint_of, notices = match_skeleton(names, pose_input.skeleton, path)
        columns = [(column, joint_of[name]) for column, name in enumerate(names) if name in joint_of]
    else:
        skeleton, notices = skeleton_by_geometry(listed[..., :2], BY_COUNT[n_landmarks], path)
        columns = [(joint, joint) for joint in range(skeleton.n_joints)]
        if n_landmarks > skeleton.n_joints:
            notices += (f"{path} has {n_landmarks} landmarks; the first {skeleton.n_joints}, of the body, are read",)
    values = np.full((len(bodies) + n_empty, skeleton.n_joints, 4), np.nan)
    source, joint = (list(index) for index in zip(*columns, strict=True))
    values[: len(bodies), joint] = listed[:, source]
    return values, skeleton, notices


def _numbers(frames: Sequence[LandmarkFrame]) -> NDArray[np.intp] | None:
    """Return the file's own number of each entry, or None unless all have one."""
    numbers = [frame.number for frame in frames if frame.number is not None]
    return np.array(numbers, np.intp) if len(numbers) == len(frames) else None


def _times(
    frames: Sequence[LandmarkFrame], order: Sequence[int], path: Path
) -> tuple[NDArray[np.float64] | None, float | None]:
    """Return the time of each row and its ticks per second; None if a frame has none."""
    stated = [frame.time for frame in frames if frame.time is not None]
    if len(stated) < len(frames) or len({key for key, _ in stated}) > 1:
        return None, None
    if any(isinstance(value, bool) or not isinstance(value, int | float) for _, value in stated):
        return None, None
    times = to_number_array([value for _, value in stated], f"{path}, {stated[0][0]}", limit=False)
    return times[list(order)], TIMES[stated[0][0]]


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
    for keys in SIZE_KEYS:
        width, height = (_number(header, key, path) for key in keys)
        if width and height:
            return int(width), int(height)
    return None
