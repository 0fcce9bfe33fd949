"""Landmarks in CSV tables: what people export of MediaPipe, and any skeleton written out and read back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.files import write_beside
from pose_vocab.formats.coordinate_space import interpret_landmarks
from pose_vocab.formats.csv_columns import (
    AXES,
    FRAME,
    LANDMARK,
    PERSON,
    TIMES,
    UNITS,
    first_present,
    is_long,
    match_skeleton,
    normalize_name,
    wide_columns,
)
from pose_vocab.formats.csv_table import number_column, read_table, whole_column
from pose_vocab.formats.detections import Detections, assemble_people, zero_based_frames
from pose_vocab.formats.interface import PoseInput, PosesRead
from pose_vocab.formats.units import choose_fps, fps_from_step
from pose_vocab.sequence import PoseSequence, check_coordinates
from pose_vocab.skeletons import Skeleton

FRAMES_PER_BLOCK = 1000
"""A long dance is written piece by piece."""


@dataclass(frozen=True, eq=False)
class _Points:
    """What a table says: (rows, joints, 4) of x, y, z and confidence, NaN for an empty cell.

    `lines` are the table's rows at which the rows begin.
    """

    values: NDArray[np.float64]
    lines: NDArray[np.intp]
    skeleton: Skeleton
    notices: tuple[str, ...]


class LandmarkCsv:
    """Several people on any of our skeletons, in 2D or 3D.

    A wide table has a line a frame (and person) with columns as ``nose_x`` or ``x0``; a long one has
    a line a landmark. Ours is long: frame, time_s, person, landmark, x_px, y_px (or x_m, y_m, z_m)
    and confidence.
    """

    name = "csv"
    title = "landmark CSV"
    suffixes = (".csv",)
    several_people = True

    def recognizes(self, path: Path) -> bool:
        """Whether the columns are those of a long or a wide table of landmarks."""
        try:
            columns = list(read_table(path, rows=0).columns)
        except PoseError:
            return False
        return is_long(columns) or bool(wide_columns(columns))

    def read(self, path: Path, pose_input: PoseInput) -> PosesRead:
        """Read everybody; a missing frame number is a frame with nobody.

        Coordinates without a unit are pixels, shares of the picture, or MediaPipe's world landmarks.

        Raises
        ------
        PoseError : damaged, unknown joints, a landmark that stands twice, nobody in it.
        """
        table = read_table(path)
        if table.empty:
            raise PoseError(f"{path} holds no line of numbers")
        unit = next((unit for unit in UNITS if f"x_{unit}" in table.columns), None)
        table = table.rename(columns={f"{axis}_{unit}": axis for axis in "xyz"})
        points = (_long if is_long(table.columns) else _wide)(table, pose_input, path)
        check_coordinates(points.values, str(path))
        numbers, own_fps = _frames(table, points.lines, path)
        fps, notices = choose_fps(pose_input, own_fps, path)

        dims = 3 if unit == "m" else 2
        keypoints = points.values[..., :dims]
        more_notices: tuple[str, ...] = ()
        if unit is None:
            keypoints, more_notices = interpret_landmarks(
                points.values[..., :3], points.skeleton, pose_input.size_px, path
            )
        person = first_present(table.columns, PERSON)
        seen = Detections(
            keypoints,
            np.nan_to_num(points.values[..., 3]),
            numbers,
            int(numbers.max()) + 1,
            None if person is None else whole_column(table, person, path)[points.lines],
        )
        return assemble_people(path, seen, fps, points.skeleton, notices + points.notices + more_notices)

    def write(self, people: Sequence[PoseSequence], path: Path) -> None:
        """Write a long table with a line for every joint of everybody in every frame, missing ones empty.

        Raises
        ------
        OutputError : the file cannot be written.
        """
        with write_beside(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
            for start in range(0, len(people[0]), FRAMES_PER_BLOCK):
                stop = min(start + FRAMES_PER_BLOCK, len(people[0]))
                _lines(people, start, stop).to_csv(file, header=start == 0, index=False, lineterminator="\n")


def _long(table: pd.DataFrame, pose_input: PoseInput, path: Path) -> _Points:
    column = str(first_present(table.columns, LANDMARK))
    codes, names = pd.factorize(table[column].map(normalize_name))
    skeleton, joint_of, notices = match_skeleton(list(names), pose_input.skeleton, path)
    joints = np.array([joint_of[name] for name in names])[codes]
    frame, person = first_present(table.columns, (*FRAME, *TIMES)), first_present(table.columns, PERSON)
    if frame is None:
        raise PoseError(f"{path} has a line for each landmark, but no column of frames, as 'frame'")
    row_of = table.groupby([key for key in (frame, person) if key], dropna=False).ngroup().to_numpy()
    lines = np.unique(row_of, return_index=True)[1]
    cells = row_of * skeleton.n_joints + joints
    twice = pd.Series(cells).duplicated().to_numpy()
    if twice.any():
        line = int(np.argmax(twice))
        raise PoseError(
            f"{path}, line {line + 2}: {table[column].iloc[line]!r} stands twice in one frame; "
            "a column 'person' would say whose it is"
        )
    values = np.full((len(lines), skeleton.n_joints, 4), np.nan)
    values[row_of, joints, 3] = 1
    for name, axis in AXES.items():
        if name in table.columns:
            values[row_of, joints, axis] = number_column(table, name, path)
    return _Points(values, lines, skeleton, notices)


def _wide(table: pd.DataFrame, pose_input: PoseInput, path: Path) -> _Points:
    columns = wide_columns(table.columns)
    names = list(dict.fromkeys(joint for joint, _ in columns.values()))
    if not names:
        raise PoseError(f"{path} has no columns of landmarks, as nose_x and nose_y, or landmark, x and y")
    skeleton, joint_of, notices = match_skeleton(names, pose_input.skeleton, path)
    values = np.full((len(table), skeleton.n_joints, 4), np.nan)
    values[..., 3] = 1
    for column, (joint, axis) in columns.items():
        values[:, joint_of[joint], axis] = number_column(table, column, path)
    return _Points(values, np.arange(len(table)), skeleton, notices)


def _frames(table: pd.DataFrame, lines: NDArray[np.intp], path: Path) -> tuple[NDArray[np.intp], float | None]:
    """Which frame each row is, counted from the first, and the frames a second if there are time stamps."""
    frame, time = first_present(table.columns, FRAME), first_present(table.columns, tuple(TIMES))
    times = None if time is None else number_column(table, time, path)[lines]
    if frame is not None:
        numbers = zero_based_frames(whole_column(table, frame, path)[lines].tolist(), path)
    elif times is not None:
        numbers = np.unique(times, return_inverse=True)[1]
    else:
        numbers = np.arange(len(lines))
    if times is None or time is None or not numbers.max() or np.isnan(times).any():
        return numbers, None
    first, last = int(np.argmin(numbers)), int(np.argmax(numbers))
    fps = fps_from_step(float(times[last] - times[first]) / int(numbers[last]), TIMES[time])
    return numbers, None if fps is None else round(fps, 9)


def _lines(people: Sequence[PoseSequence], start: int, stop: int) -> pd.DataFrame:
    """The lines of the frames from `start` to `stop`, frame by frame, person by person."""
    joint_names = people[0].skeleton.joint_names
    shape = (stop - start, len(people), len(joint_names))
    frame, person, joint = (index.ravel() for index in np.indices(shape))
    columns = {
        "frame": frame + start,
        "time_s": (frame + start) / people[0].fps,
        "person": person,
        "landmark": np.array(joint_names)[joint],
    }
    axes = ("x_m", "y_m", "z_m") if people[0].dims == 3 else ("x_px", "y_px")
    keypoints = np.stack([one.keypoints[start:stop] for one in people], axis=1).reshape(-1, len(axes))
    columns |= dict(zip(axes, keypoints.T, strict=True))
    columns["confidence"] = np.stack([one.confidence[start:stop] for one in people], axis=1).ravel()
    return pd.DataFrame(columns)
