"""OpenPose JSON: a folder with one file per frame."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import OutputError, PoseError
from pose_vocab.files import check_folder_writable, write_beside
from pose_vocab.formats.body_25 import to_body_25
from pose_vocab.formats.interface import FormatNotes, PoseInput
from pose_vocab.formats.json_files import read_head
from pose_vocab.formats.openpose_frames import FILE_NAME, LAYOUTS, PEOPLE, frames_of, is_frame_file
from pose_vocab.formats.parsed import Parsed, Space
from pose_vocab.formats.skeleton_choice import skeleton_by_geometry
from pose_vocab.formats.units import flip_camera_axes
from pose_vocab.sequence import PoseSequence

VERSION = 1.3
"""Version of written files; older ones can be read."""
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
    notes = FormatNotes(
        reads=(
            "people on BODY_25, BODY_25B, COCO (17 and 18), MPI or MediaPipe (33), in pixels, or in 3D if "
            "there is no 2D; a folder of any numbered names, a file, or ComfyUI's list"
        ),
        writes="BODY_25, a folder with a file a frame; the frame rate is not stored",
        guesses="BODY_25B by its geometry; numbers without a file",
    )
    several_people = True
    extra = ""

    def recognizes(self, path: Path) -> bool:
        """Return whether a folder contains a file of OpenPose's, or a file begins like one."""
        try:
            if path.is_dir():
                return any(is_frame_file(inside) for inside in sorted(path.iterdir()))
        except OSError:
            return False
        text = read_head(path)
        return text[:1] in (b"{", b"[") and PEOPLE.search(text) is not None

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return a folder with a file per frame, or one file; a number without a file is a frame with nobody.

        Raises
        ------
        PoseError : damaged, nobody in it, or several layouts in one folder.
        """
        frames = frames_of(path)
        rows = [(frame, person) for frame in frames for person in frame.people]
        if not rows:
            raise PoseError(f"{path}: nobody is seen in any of {len(frames)} frames")
        layouts = {len(person.body) for _, person in rows}
        if len(layouts) > 1:
            sizes = " and ".join(str(size) for size in sorted(layouts))
            raise PoseError(f"{path} has people of {sizes} points; use one layout per folder")
        dims = min(person.dims for _, person in rows)
        rows = [row for row in rows if row[1].dims == dims]
        busy = {frame.number for frame, _ in rows}
        empty = [frame.number for frame in frames if frame.number not in busy]
        body = np.full((len(rows) + len(empty), *layouts, dims + 1), np.nan)
        body[: len(rows)] = [person.body for _, person in rows]
        ids = np.array([person.id for _, person in rows] + [-1] * len(empty))
        skeleton, notices = skeleton_by_geometry(body[..., :dims], LAYOUTS[body.shape[1]], path)
        return Parsed(
            body[..., :dims],
            skeleton,
            Space.WORLD if dims == 3 else Space.PICTURE,
            body[..., dims],
            frames=np.array([frame.number for frame, _ in rows] + empty),
            ids=ids if (ids[: len(rows)] >= 0).all() else None,
            size_px=next((frame.size_px for frame in frames if frame.size_px), None),
            up=None if dims == 3 else "-y",
            expected_up="-y",
            notices=(*notices, *_missing_files(path, [frame.number for frame in frames])),
        )

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


def _missing_files(path: Path, numbers: Sequence[int]) -> tuple[str, ...]:
    """Return a notice about the numbers that are missing among ascending ones."""
    steps = np.diff(numbers)
    missing = int((steps // np.gcd.reduce(steps) - 1).sum()) if len(steps) else 0
    return (f"{path}: {missing} frames have no file; they are read as frames with nobody",) if missing else ()


def _rounded_body(poses: PoseSequence) -> NDArray[np.float64]:
    """Return (frames, 25, dims + 1), rounded; all zeros where a joint is missing."""
    keypoints = flip_camera_axes(poses.keypoints) if poses.dims == 3 else poses.keypoints
    whole = np.concatenate([keypoints, poses.confidence[..., None]], axis=2, dtype=np.float64)
    return np.asarray(np.round(np.nan_to_num(whole), DECIMALS), np.float64)
