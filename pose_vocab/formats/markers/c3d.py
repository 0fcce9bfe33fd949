"""C3D files: markers in three dimensions, as every motion capture system exports them; by ezc3d.

B. Michaud and M. Begon, "ezc3d: An easy C3D file I/O cross-platform solution for C++, Python and MATLAB", JOSS 6,
2021. The format: https://www.c3d.org.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pose_vocab.errors import PoseError
from pose_vocab.files import write_beside
from pose_vocab.formats.interface import FormatNotes, PoseInput
from pose_vocab.formats.markers.marker_dancer import GENERATOR, dancers_in_3d, parse_markers
from pose_vocab.formats.parsed import Parsed
from pose_vocab.input_files import first_bytes
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

MAGIC = 0x50
"""Second byte of the file."""
UNITS_M = {"m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254, "ft": 0.3048}
"""Metres per unit."""
BLOCK_BYTES = 512
BIG_ENDIAN = 86
"""The processor type of files whose header has another byte order."""
MAX_STATED_FRAMES = 65_535
"""Longer files cannot state their length in the header."""
MM_PER_M = 1000.0
TO_Z_UP = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float64)
"""From x to the right, y up and z to the viewer, to z up, which laboratories use."""


class C3d:
    """Reads labelled markers of any number of subjects; writes people as a marker per joint, in millimetres, z up."""

    name = "c3d"
    title = "C3D motion capture markers"
    suffixes = (".c3d",)
    notes = FormatNotes(
        reads="labelled markers of common sets (Plug-in Gait, CMU, Helen Hayes, IOR and ISB, OptiTrack Baseline) or "
        "joints of OpenPose, MediaPipe, OpenCap and SMPL; a subject's prefix is a person; `--joints` for other markers",
        writes="a marker a joint, in millimetres, z up; several people are subjects; 2D poses are lifted",
        guesses="joints lie between or under their markers; a number of frames that does not fit; unknown subjects",
    )
    several_people = True
    extra = ""

    def recognizes(self, path: Path) -> bool:
        """Return whether it begins like a C3D file."""
        return first_bytes(path, 2)[1:] == bytes([MAGIC])

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return the markers' dancers, see `parse_markers`.

        Raises
        ------
        PoseError : no such file, a damaged one, or no named markers.
        """
        content = _read(path)
        try:
            parameters = content["parameters"]["POINT"]
            labels = _labels(parameters)
            points = np.moveaxis(content["data"]["points"][:3].astype(np.float64), 0, 2)
            residuals = content["data"]["meta_points"]["residuals"][0]
            rate = float(str(np.float32(content["header"]["points"]["frame_rate"])))  # 29.97, not 29.969999
            first = int(content["header"]["points"]["first_frame"])
            units = str(next(iter(parameters.get("UNITS", {}).get("value", [])), "")).strip().lower()
            maker = next(iter(content["parameters"].get("MANUFACTURER", {}).get("SOFTWARE", {}).get("value", [])), "")
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise PoseError(f"{path} is a damaged C3D file: {error}; export it again") from error
        points = np.where((residuals < 0)[..., None], np.nan, points).swapaxes(0, 1)
        if not points.size:
            raise PoseError(f"{path} has no markers in any frame; export it with its trajectories")
        parsed = parse_markers(
            path,
            labels[: points.shape[1]],
            points[:, : len(labels)],
            pose_input,
            frames=first + np.arange(len(points)),
            fps=rate if np.isfinite(rate) and rate > 0 else None,
            metres_per_unit=UNITS_M.get(units),
            up="z" if maker == GENERATOR else None,
            expected_up="z",
        )
        return replace(parsed, notices=(*_count_notice(path, len(points)), *parsed.notices))

    def write(self, people: Sequence[PoseSequence], path: Path) -> Sequence[str]:
        """Write people; several are subjects called dancer1, dancer2, ... Missing joints are missing points.

        Raises
        ------
        OutputError : the file cannot be written.
        PoseError, NobodyDancingError : as `dancers_in_3d`.
        """
        import ezc3d  # takes time that other formats do not need

        dancers, notices = dancers_in_3d(people, path)
        prefixes = [""] if len(dancers) == 1 else [f"dancer{number}:" for number in range(1, len(dancers) + 1)]
        points = np.concatenate([dancer.keypoints @ TO_Z_UP.T for dancer in dancers], axis=1) * MM_PER_M
        content = ezc3d.c3d()
        content.add_parameter("MANUFACTURER", "SOFTWARE", [GENERATOR])
        point = content["parameters"]["POINT"]
        point["RATE"]["value"] = [dancers[0].fps]
        point["UNITS"]["value"] = ["mm"]
        point["LABELS"]["value"] = tuple(prefix + name for prefix in prefixes for name in DANCER.joint_names)
        content.add_parameter("POINT", "X_SCREEN", ["+X"])
        content.add_parameter("POINT", "Y_SCREEN", ["+Z"])
        content["data"]["points"] = np.concatenate(
            [np.moveaxis(points, 2, 0).swapaxes(1, 2), np.ones((1, points.shape[1], len(points)))]
        )
        with write_beside(path) as beside:
            content.write(str(beside))
        return notices


def _count_notice(path: Path, n_frames: int) -> tuple[str, ...]:
    """Return a notice if the file's header states more frames than are there, which ezc3d does not tell."""
    with path.open("rb") as file:
        header = file.read(BLOCK_BYTES)
        file.seek((header[0] - 1) * BLOCK_BYTES)
        processor = file.read(4)[3]
    first, last = struct.unpack_from("<HH", header, 6)
    stated = last - first + 1
    if processor == BIG_ENDIAN or not n_frames < stated < MAX_STATED_FRAMES:
        return ()
    return (f"{path} states {stated} frames and holds {n_frames}, which are read",)


def _labels(parameters: dict[str, Any]) -> list[str]:
    """Return the names of all markers: above 255, in LABELS2 and so on."""
    groups = ["LABELS", *(f"LABELS{number}" for number in range(2, 20))]
    return [str(label) for group in groups if group in parameters for label in parameters[group]["value"]]


def _read(path: Path) -> Any:
    """Return the content of a file by ezc3d."""
    import ezc3d

    if not path.is_file():
        raise PoseError(f"there is no file {path}")
    try:
        return ezc3d.c3d(str(path))
    except (OSError, RuntimeError, ValueError, MemoryError, IndexError) as error:
        reason = str(error).removesuffix(": iostream error")
        raise PoseError(f"{path} is damaged or no C3D file ({reason}); export it again") from error
