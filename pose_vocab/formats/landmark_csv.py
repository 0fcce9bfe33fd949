"""Landmarks in CSV tables: exports of MediaPipe, and any skeleton written by BopBot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.files import write_beside
from pose_vocab.formats.csv_columns import (
    AXES,
    FRAME,
    LANDMARK,
    PERSON,
    TIMES,
    UNITS,
    VIDEO,
    first_present,
    is_long,
    match_skeleton,
    normalize_landmark,
    wide_columns,
)
from pose_vocab.formats.csv_table import number_column, read_table, time_column, whole_column
from pose_vocab.formats.interface import FormatNotes, PoseInput
from pose_vocab.formats.parsed import Parsed, Space
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import MEDIAPIPE, Skeleton

FRAMES_PER_BLOCK = 1000
"""A long dance is written in blocks of this many frames."""


@dataclass(frozen=True, eq=False)
class _Points:
    """The landmarks of a table.

    Parameters
    ----------
    values : (rows, joints, 4): x, y, z and confidence, NaN for an empty cell.
    lines : the table's line at which each row begins.
    skeleton : the skeleton of the joints.
    notices : how the names were interpreted.
    """

    values: NDArray[np.float64]
    lines: NDArray[np.intp]
    skeleton: Skeleton
    notices: tuple[str, ...]


class LandmarkCsv:
    """Reads and writes several people on any known skeleton, in 2D or 3D.

    Two kinds of table are read: a wide one has a line per frame (and person) with columns like ``nose_x``
    or ``x0``; a long one has a line per landmark. A long one is written, with the columns frame, time_s,
    person, landmark, x_px, y_px (or x_m, y_m, z_m) and confidence.
    """

    name = "csv"
    title = "landmark CSV"
    suffixes = (".csv",)
    notes = FormatNotes(
        reads=(
            "people on any known skeleton, a line a frame or a line a landmark, in pixels, fractions of the "
            "picture or space; DeepLabCut's headers; decimal commas; clock times"
        ),
        writes="a line a landmark, in pixels or metres",
        guesses=(
            "33 numbered landmarks are MediaPipe's; of 501 or 543 the body is read; a third value that is no coordinate"
        ),
    )
    several_people = True
    extra = ""

    def recognizes(self, path: Path) -> bool:
        """Return whether the columns are those of a long or a wide table of landmarks."""
        try:
            columns = list(read_table(path, rows=0).columns)
        except PoseError:
            return False
        return is_long(columns) or bool(wide_columns(columns))

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return all people; a missing frame number is a frame with nobody.

        Coordinates without a unit are pixels, normalized coordinates, or positions in space.

        Raises
        ------
        PoseError : damaged, unknown joints, a landmark twice in a frame, several videos.
        """
        return parse_table(read_table(path), pose_input, path)

    def write(self, people: Sequence[PoseSequence], path: Path) -> None:
        """Write a long table with one line per frame, person and joint; cells of missing joints are empty.

        Raises
        ------
        OutputError : the file cannot be written.
        """
        with write_beside(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
            for start in range(0, len(people[0]), FRAMES_PER_BLOCK):
                stop = min(start + FRAMES_PER_BLOCK, len(people[0]))
                _lines(people, start, stop).to_csv(file, header=start == 0, index=False, lineterminator="\n")


def parse_table(table: pd.DataFrame, pose_input: PoseInput, path: Path) -> Parsed:
    """Return all people in a table whose columns are named by `normalize_name`; raises as `LandmarkCsv.parse`."""
    if table.empty:
        raise PoseError(f"{path} has a header but no rows; export it again")
    _check_one_video(table, path)
    unit = next((unit for unit in UNITS if f"x_{unit}" in table.columns), None)
    table = table.rename(columns={f"{axis}_{unit}": axis for axis in "xyz"})
    points = (_long if is_long(table.columns) else _wide)(table, pose_input, path)
    frame, time = first_present(table.columns, FRAME), first_present(table.columns, tuple(TIMES))
    person = _person_column(table)
    times, in_seconds = (None, False) if time is None else time_column(table, time, path)
    ticks_per_s = 1.0 if in_seconds or time is None else TIMES[time]
    in_space = bool(np.isfinite(points.values[..., 2]).any())
    return Parsed(
        points.values[..., : 3 if in_space else 2],
        points.skeleton,
        {"px": Space.PIXELS, "m": Space.WORLD}.get(unit or "", Space.LANDMARKS if in_space else Space.PICTURE),
        points.values[..., 3],
        frames=None if frame is None else whole_column(table, frame, path)[points.lines],
        times=None if times is None else times[points.lines],
        ticks_per_s=ticks_per_s,
        ids=None if person is None else _person_ids(table, person, points.lines),
        metres_per_unit=1.0 if unit == "m" else None,
        up="y" if unit == "m" else None,
        expected_up="-y" if points.skeleton == MEDIAPIPE else "y",
        notices=points.notices,
    )


def _long(table: pd.DataFrame, pose_input: PoseInput, path: Path) -> _Points:
    """Return the landmarks of a table with one line per landmark."""
    column = str(first_present(table.columns, LANDMARK))
    table = table.reset_index(drop=True)
    codes, names = pd.factorize(table[column].map(normalize_landmark))
    skeleton, joint_of, notices = match_skeleton(list(names), pose_input.skeleton, path)
    joints = np.array([joint_of.get(name, -1) for name in names])[codes]
    frame, person = first_present(table.columns, (*FRAME, *TIMES)), _person_column(table)
    if frame is None:
        raise PoseError(f"{path} has a line for each landmark, but no column 'frame'; add it")
    row_of = table.groupby([key for key in (frame, person) if key], dropna=False).ngroup().to_numpy()
    lines = np.unique(row_of, return_index=True)[1]
    cells = row_of * skeleton.n_joints + joints
    twice = pd.Series(cells).duplicated().to_numpy() & (joints >= 0)
    if twice.any():
        line = int(np.argmax(twice))
        raise PoseError(
            f"{path}, line {line + 2}: {table[column].iloc[line]!r} occurs twice in one frame; "
            "add a column 'person' to tell people apart"
        )
    values = np.full((len(lines), skeleton.n_joints, 4), np.nan)
    known = joints >= 0
    values[row_of[known], joints[known], 3] = 1
    for name, axis in AXES.items():
        if name in table.columns:
            values[row_of[known], joints[known], axis] = number_column(table, name, path)[known]
    return _Points(values, lines, skeleton, notices)


def _wide(table: pd.DataFrame, pose_input: PoseInput, path: Path) -> _Points:
    """Return the landmarks of a table with one line per frame and person."""
    columns = wide_columns(table.columns)
    names = list(dict.fromkeys(joint for joint, _ in columns.values()))
    if not names:
        raise PoseError(f"{path} has no landmark columns, such as nose_x and nose_y, or landmark, x and y")
    skeleton, joint_of, notices = match_skeleton(names, pose_input.skeleton, path)
    values = np.full((len(table), skeleton.n_joints, 4), np.nan)
    values[..., 3] = 1
    for column, (joint, axis) in columns.items():
        if joint not in joint_of:
            continue
        values[:, joint_of[joint], axis] = number_column(table, column, path)
    return _Points(values, np.arange(len(table)), skeleton, notices)


def _check_one_video(table: pd.DataFrame, path: Path) -> None:
    """Raise PoseError if a column says that the rows belong to several videos."""
    column = first_present(table.columns, VIDEO)
    names = [] if column is None else list(table[column].dropna().astype(str).unique())
    if 1 < len(names) < len(table):
        raise PoseError(
            f"{path} contains {len(names)} videos by its column {column!r} ({', '.join(names[:3])}, ...); "
            "write one file per video"
        )


def _person_column(table: pd.DataFrame) -> str | None:
    """Return the first column of person ids that is no running number and full."""
    for column in PERSON:
        if column not in table.columns or table[column].isna().any():
            continue
        if len(table) == 1 or table[column].nunique() < len(table):
            return column
    return None


def _person_ids(table: pd.DataFrame, column: str, lines: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the person of each row, from 0, whether the column has numbers or names."""
    cells = table[column].iloc[lines]
    return np.asarray(pd.factorize(cells, sort=True)[0], np.intp)


def _lines(people: Sequence[PoseSequence], start: int, stop: int) -> pd.DataFrame:
    """Return the lines of the frames from `start` to `stop`, frame by frame, person by person."""
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
