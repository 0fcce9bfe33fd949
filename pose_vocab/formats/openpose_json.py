"""OpenPose JSON: a folder with one file per frame."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import OutputError, PoseError
from pose_vocab.files import check_folder_writable, write_beside
from pose_vocab.formats.body_25 import to_body_25
from pose_vocab.formats.detections import Detections, assemble_people, zero_based_frames
from pose_vocab.formats.interface import PoseInput, PosesRead
from pose_vocab.formats.json_files import read_head
from pose_vocab.formats.openpose_frames import FILE_NAME, LAYOUTS, Person, frame_files, people_of
from pose_vocab.formats.units import choose_fps, flip_camera_axes, median_body_size, to_pixels
from pose_vocab.sequence import PoseSequence

VERSION = 1.3
"""Version of written files; older ones can be read."""
UNITS = ((10.0, "metres", 1.0), (500.0, "centimetres", 100.0), (np.inf, "millimetres", 1000.0))
"""3D files state no unit: the upper limit of a body's size in such units, their name, and how many make a metre."""
PARTS = tuple(f"{part}_keypoints_{dims}d" for dims in (2, 3) for part in ("pose", "face", "hand_left", "hand_right"))
"""Keys that OpenPose writes for each person; all but the body stay empty."""
DECIMALS = 5
"""Decimals of written numbers: a hundredth of a millimetre, or less than a pixel."""


class OpenPoseJson:
    """Reads several people on BODY_25, OpenPose's COCO or MPI, in pixels, or in 3D if there is no 2D. Writes
    BODY_25.
    """

    name = "openpose"
    title = "OpenPose JSON, a folder with one file a frame"
    suffixes = (".json",)
    several_people = True

    def recognizes(self, path: Path) -> bool:
        """Return whether a folder contains a ``*_keypoints.json``, or a file begins like one."""
        try:
            if path.is_dir():
                return any(FILE_NAME.fullmatch(inside.name) for inside in path.iterdir())
        except OSError:
            return False
        text = read_head(path)
        return text.startswith(b"{") and b'"people":[' in text

    def read(self, path: Path, pose_input: PoseInput) -> PosesRead:
        """Read a folder, or one file as one frame; a frame number without a file is a frame with nobody.

        Raises
        ------
        PoseError : damaged, nobody in it, several layouts in one folder, or normalized coordinates of a
            picture of unknown size.
        """
        fps, notices = choose_fps(pose_input, None, path)
        files = frame_files(path) if path.is_dir() else [(0, path)]
        frames = zero_based_frames([number for number, _ in files], path)
        n_frames = int(frames[-1]) + 1
        rows: list[Person] = []
        rows_at: list[int] = []
        for frame, (_, file) in zip(frames, files, strict=True):
            for person in people_of(file):
                if rows and person.body.shape[0] != rows[0].body.shape[0]:
                    layouts = [LAYOUTS[len(one.body)].name for one in (rows[0], person)]
                    raise PoseError(
                        f"{file} has the layout {layouts[1]}, files before it {layouts[0]}; use one layout per folder"
                    )
                rows.append(person)
                rows_at.append(int(frame))
        if not rows:
            raise PoseError(f"{path}: nobody is seen in any of {n_frames} frames")
        if n_frames > len(files):
            notices += (f"{path}: {n_frames - len(files)} frames have no file; they are read as frames with nobody",)

        dims = min(person.dims for person in rows)
        chosen = [i for i, person in enumerate(rows) if person.dims == dims]
        body = np.stack([rows[i].body for i in chosen])
        keypoints = np.where(body[..., dims:] > 0, body[..., :dims], np.nan)
        convert = _to_metres if dims == 3 else _to_pixels
        keypoints, more_notices = convert(keypoints, pose_input, path)
        ids = np.array([rows[i].id for i in chosen])
        detections = Detections(
            keypoints,
            body[..., dims],
            np.array(rows_at)[chosen],
            n_frames,
            ids if (ids >= 0).all() else None,
        )
        return assemble_people(path, detections, fps, LAYOUTS[body.shape[1]], notices + more_notices)

    def write(self, people: Sequence[PoseSequence], path: Path) -> Sequence[str]:
        """Write a folder of ``<its name>_<12 digits>_keypoints.json``, all people on BODY_25 with an id.

        It replaces an earlier folder that contains only OpenPose files. The format stores no frame rate; a
        notice says so.

        Raises
        ------
        OutputError : the folder contains other files or is not writable, or the skeleton is unknown.
        """
        if path.suffix.lower() in self.suffixes:
            raise OutputError(f"cannot write {path}: OpenPose JSON is a folder with one file per frame; name a folder")
        earlier = replaceable_files(path)
        check_folder_writable(path, replaceable=earlier)
        try:
            bodies = [_rounded_body(to_body_25(person)) for person in people]
        except PoseError as error:
            raise OutputError(f"cannot write {path}: {error}") from error
        key = "pose_keypoints_3d" if people[0].dims == 3 else "pose_keypoints_2d"
        with write_beside(path, replaceable=earlier) as beside:
            beside.mkdir()
            for frame in range(len(people[0])):
                here = [
                    {"person_id": [number], **dict.fromkeys(PARTS, ()), key: body[frame].ravel().tolist()}
                    for number, body in enumerate(bodies)
                    if body[frame].any()
                ]
                text = json.dumps({"version": VERSION, "people": here}, separators=(",", ":"))
                (beside / f"{path.name}_{frame:012d}_keypoints.json").write_text(text)
        return (f"{path} stores no frame rate; read it with --source-fps {people[0].fps:.9g}",)


def replaceable_files(folder: Path) -> set[str]:
    """Return the names of an earlier dance's files in a folder; a new dance may replace them."""
    return {inside.name for inside in folder.glob("*") if FILE_NAME.fullmatch(inside.name) and inside.is_file()}


def _to_pixels(
    keypoints: NDArray[np.float64], pose_input: PoseInput, path: Path
) -> tuple[NDArray[np.floating[Any]], tuple[str, ...]]:
    """Return the keypoints in pixels, and notices."""
    return to_pixels(keypoints, pose_input.size_px, path)


def _to_metres(
    keypoints: NDArray[np.float64], pose_input: PoseInput, path: Path
) -> tuple[NDArray[np.floating[Any]], tuple[str, ...]]:
    """Return the keypoints in metres and BopBot's axes, whatever unit the cameras were calibrated in, and notices."""
    size = median_body_size(keypoints)
    unit, per_metre = next((unit, per_metre) for below, unit, per_metre in UNITS if size < below)
    more_notices = () if per_metre == 1 else (f"{path} is read as {unit}, judged by the size of the people in it",)
    return flip_camera_axes(keypoints / per_metre), more_notices


def _rounded_body(poses: PoseSequence) -> NDArray[np.float64]:
    """Return (frames, 25, dims + 1), rounded; all zeros where a joint is missing."""
    keypoints = flip_camera_axes(poses.keypoints) if poses.dims == 3 else poses.keypoints
    whole = np.concatenate([keypoints, poses.confidence[..., None]], axis=2, dtype=np.float64)
    return np.asarray(np.round(np.nan_to_num(whole), DECIMALS), np.float64)
