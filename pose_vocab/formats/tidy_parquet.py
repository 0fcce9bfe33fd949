"""Parquet tables with a row per frame and joint, for pandas, polars and databases."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pose_vocab.errors import PoseError
from pose_vocab.files import write_beside
from pose_vocab.formats.csv_columns import normalize_name
from pose_vocab.formats.extras import load_extra
from pose_vocab.formats.interface import FormatNotes, PoseInput
from pose_vocab.formats.landmark_csv import parse_table
from pose_vocab.formats.parsed import Parsed
from pose_vocab.input_files import first_bytes
from pose_vocab.sequence import PoseSequence

MAGIC = b"PAR1"
METADATA = b"bopbot"
"""Key of the schema's metadata: a JSON object with format, fps, skeleton and unit."""
FORMAT = "bopbot-tidy 1"
AXES = {"m": ("x_m", "y_m", "z_m"), "px": ("x_px", "y_px")}
"""Columns by unit: metres with y up, or pixels with y down."""


class TidyParquet:
    """Reads tables with the columns of a CSV file. Writes several people on any known skeleton, in 2D or 3D.

    The columns are frame (int32), time_s (double), person (int32), landmark (dictionary of strings), x_m, y_m and z_m
    or x_px and y_px (float, null where a joint is missing), and confidence (float).
    """

    name = "parquet"
    title = "tidy Parquet table"
    suffixes = (".parquet",)
    notes = FormatNotes(
        reads="tables with the columns of a landmark CSV, wide or long",
        writes="a row a frame, person and joint in typed columns; frame rate and skeleton in the metadata; needs "
        "`pip install 'bopbot[parquet]'`",
    )
    several_people = True
    extra = "parquet"

    def recognizes(self, path: Path) -> bool:
        """Return whether it begins like a Parquet file."""
        return first_bytes(path, len(MAGIC)) == MAGIC

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return all people in a table with the columns of a CSV file (see `LandmarkCsv`).

        Raises
        ------
        PoseError : no such file, a damaged one, pyarrow is not installed, or as `LandmarkCsv.parse`.
        """
        parquet = load_extra(self.extra, path, PoseError).parquet
        if not path.is_file():
            raise PoseError(f"there is no file {path}")
        try:
            stored = parquet.read_table(path)
            table = stored.to_pandas()
        except (OSError, ValueError, MemoryError) as error:
            raise PoseError(f"{path} is damaged or no Parquet file: {str(error)[:80]}; export it again") from error
        if {"frame", "time_s"} & {*table.index.names}:
            table = table.reset_index()
        table.columns = [normalize_name(str(column)) for column in table.columns]
        for column in table.select_dtypes("category"):
            table[column] = table[column].astype(str)
        parsed = parse_table(table, pose_input, path)
        fps = _stated_fps(stored.schema.metadata or {})
        return parsed if fps is None else replace(parsed, fps=fps, times=None)

    def write(self, people: Sequence[PoseSequence], path: Path) -> None:
        """Write people.

        Raises
        ------
        OutputError : the file cannot be written, or pyarrow is not installed.
        """
        pa = load_extra(self.extra, path)
        skeleton = people[0].skeleton
        frame, person, joint = (
            index.ravel().astype(np.int32) for index in np.indices((len(people[0]), len(people), skeleton.n_joints))
        )
        unit = "m" if people[0].dims == 3 else "px"
        keypoints = np.stack([one.keypoints for one in people], axis=1).reshape(-1, people[0].dims)
        missing = np.isnan(keypoints[:, 0])
        columns: dict[str, Any] = {
            "frame": frame,
            "time_s": frame / people[0].fps,
            "person": person,
            "landmark": pa.DictionaryArray.from_arrays(joint, list(skeleton.joint_names)),
            **{name: pa.array(values, mask=missing) for name, values in zip(AXES[unit], keypoints.T, strict=True)},
            "confidence": np.stack([one.confidence for one in people], axis=1).ravel(),
        }
        stated = {"format": FORMAT, "fps": people[0].fps, "skeleton": skeleton.name, "unit": unit}
        table = pa.table(columns).replace_schema_metadata({METADATA: json.dumps(stated)})
        with write_beside(path) as beside:
            pa.parquet.write_table(table, beside)


def _stated_fps(metadata: Mapping[bytes, bytes]) -> float | None:
    """Return the frame rate that BopBot has stated, or None for the table of another program."""
    try:
        stated = json.loads(metadata[METADATA])
        return float(stated["fps"]) if stated["format"] == FORMAT else None
    except (KeyError, TypeError, ValueError):
        return None
