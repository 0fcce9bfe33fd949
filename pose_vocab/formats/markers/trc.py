"""TRC files: a table of markers, as OpenSim, Pose2Sim and Motion Analysis use it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.files import write_beside
from pose_vocab.formats.interface import FormatNotes, PoseInput
from pose_vocab.formats.markers.marker_dancer import dancers_in_3d, parse_markers
from pose_vocab.formats.parsed import Parsed
from pose_vocab.formats.single_person import require_single_person
from pose_vocab.input_files import first_bytes, read_within
from pose_vocab.sequence import PoseSequence

BEGINS_WITH = "PathFileType"
UNITS_M = {"m": 1.0, "meters": 1.0, "cm": 0.01, "mm": 0.001, "millimeters": 0.001}
"""Metres per unit."""
HEADER_LINES = 5
MAX_BYTES = 2**30
MAX_FRAME_NUMBER = 2**31
DECIMALS = 6


class Trc:
    """Reads one or several people from markers; writes one person as a marker per joint, in metres with y up."""

    name = "trc"
    title = "TRC marker table"
    suffixes = (".trc",)
    notes = FormatNotes(
        reads="markers and joints as in C3D: files of OpenSim, Pose2Sim, OpenCap and Motion Analysis",
        writes="a marker a joint, in metres, y up; 2D poses are lifted",
        guesses="joints lie between or under their markers",
    )
    several_people = False
    extra = ""

    def recognizes(self, path: Path) -> bool:
        """Return whether it begins like a TRC file."""
        return first_bytes(path, 64).decode("utf-8-sig", "replace").lstrip().startswith(BEGINS_WITH)

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return the markers' dancers, see `parse_markers`.

        Raises
        ------
        PoseError : no such file, a damaged one, or no named markers.
        """
        lines = read_within(path, MAX_BYTES, "split it").decode("utf-8-sig", "replace").splitlines()
        if len(lines) <= HEADER_LINES or not lines[0].lstrip().startswith(BEGINS_WITH):
            raise PoseError(f"{path} is not a TRC file: expected a header that begins with {BEGINS_WITH}")
        stated = dict(zip(lines[1].split(), lines[2].split(), strict=False))
        labels = _labels(lines[3], path)
        rows = [(number, line) for number, line in enumerate(lines[HEADER_LINES:], HEADER_LINES + 1) if line.strip()]
        table = np.stack([_numbers(line, 2 + 3 * len(labels), f"{path}, line {number}") for number, line in rows])
        numbers = table[:, 0]
        if not (np.abs(numbers) < MAX_FRAME_NUMBER).all():  # NaN is not
            raise PoseError(f"{path}: a row has no frame number")
        rate = _rate(stated)
        return parse_markers(
            path,
            labels,
            table[:, 2:].reshape(len(table), len(labels), 3),
            pose_input,
            frames=numbers.astype(np.intp) - 1,
            fps=rate,
            metres_per_unit=UNITS_M.get(stated.get("Units", "").lower()),
            up=None,
            expected_up="y",
            times_s=None if _is_even(table[:, 1], numbers, rate) else table[:, 1],
        )

    def write(self, people: Sequence[PoseSequence], path: Path) -> Sequence[str]:
        """Write the person; cells of missing joints are empty.

        Raises
        ------
        OutputError : several people, or the file cannot be written.
        PoseError, NobodyDancingError : as `dancers_in_3d`.
        """
        [dancer], notices = dancers_in_3d([require_single_person(people, path)], path)
        with write_beside(path) as beside:
            beside.write_text("".join(_lines(dancer, path.name)), encoding="utf-8", newline="\n")
        return notices


def _labels(line: str, path: Path) -> list[str]:
    """Return the markers' names; each stands above the first of its three columns."""
    cells = [cell.strip() for cell in (line.split("\t") if "\t" in line else line.split())]
    labels = [cell for cell in cells[2:] if cell]
    if not labels:
        raise PoseError(f"{path}, line 4: expected Frame#, Time and the names of markers")
    return labels


def _numbers(line: str, n_columns: int, where: str) -> NDArray[np.float64]:
    """Return the numbers of a row, NaN for empty cells; cells that lack at its end are empty."""
    cells = line.rstrip("\r\n").split("\t") if "\t" in line else line.split()
    while len(cells) > n_columns and not cells[-1].strip():
        cells.pop()
    if len(cells) > n_columns:
        raise PoseError(f"{where}: {len(cells)} values for {n_columns} columns; export it again")
    return np.array([_number(cell, where) for cell in cells] + [np.nan] * (n_columns - len(cells)))


def _number(cell: str, where: str) -> float:
    """Return the number in a cell, NaN for an empty one."""
    try:
        return float(cell) if cell.strip() else np.nan
    except ValueError:
        raise PoseError(f"{where}: expected a number, got {cell.strip()[:40]!r}") from None


def _rate(stated: dict[str, str]) -> float | None:
    """Return the frames per second that the header states."""
    try:
        rate = float(stated.get("DataRate", "nan"))
    except ValueError:
        return None
    return rate if np.isfinite(rate) and rate > 0 else None


def _is_even(times_s: NDArray[np.float64], numbers: NDArray[np.float64], rate: float | None) -> bool:
    """Return whether the times say no more than the frame numbers at the stated rate, or are not all there."""
    if not (np.isfinite(times_s).all() and np.ptp(times_s) > 0):
        return True
    if rate is None:
        return False
    off = (times_s - times_s[0]) - (numbers - numbers[0]) / rate
    return bool(np.abs(off).max() < 0.5 / rate)


def _lines(dancer: PoseSequence, name: str) -> Iterator[str]:
    """Yield the text of the file."""
    names = dancer.skeleton.joint_names
    rate = repr(dancer.fps).removesuffix(".0")
    yield f"{BEGINS_WITH}\t4\t(X/Y/Z)\t{name}\n"
    yield "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n"
    yield f"{rate}\t{rate}\t{len(dancer)}\t{len(names)}\tm\t{rate}\t1\t{len(dancer)}\n"
    yield "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t\n"
    yield "\t\t" + "\t".join(f"{axis}{i}" for i in range(1, len(names) + 1) for axis in "XYZ") + "\n\n"
    for frame, joints in enumerate(dancer.keypoints):
        cells = ("" if np.isnan(value) else f"{value:.{DECIMALS}f}" for value in joints.ravel())
        yield f"{frame + 1}\t{frame / dancer.fps:.{DECIMALS}f}\t" + "\t".join(cells) + "\n"
