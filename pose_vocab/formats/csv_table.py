"""CSV files as tables of numbers with normalized column names."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.csv_columns import normalize_name

SEPARATORS = ",;\t"
"""Column separators that are recognized."""
HEADER_LINES = 4
"""Lines that are looked at: the longest header and the first row."""
DECIMAL_COMMA = re.compile(r"(?:^|[;\t])-?\d+,\d+(?=[;\t\r\n])")
"""A number with a decimal comma as a cell."""
CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:[.,]\d+)?)")
"""A time of day or of a film: hours, minutes and seconds."""
MAX_EXACT_INTEGER = 2**53
"""Above it not every whole number has an exact float64."""


def read_table(path: Path, rows: int | None = None) -> pd.DataFrame:
    """Return the table in a CSV file, or its first `rows` rows, with columns named by `normalize_name`.

    Decimal commas are read where columns are separated by something else. The three or four header lines of
    DeepLabCut become one.

    Raises
    ------
    PoseError : no such file, or not a table.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            head = [file.readline(2**20) for _ in range(HEADER_LINES)]
        separator = max(SEPARATORS, key=head[0].count)
        labels = [line.split(separator)[0].strip().lower() for line in head]
        decimal = "," if separator != "," and DECIMAL_COMMA.search("".join(head[1:])) else "."
        table = pd.read_csv(
            path, sep=separator, encoding="utf-8-sig", nrows=rows, low_memory=False, decimal=decimal,
            header=list(range(labels.index("coords") + 1)) if labels[0] == "scorer" and "coords" in labels else 0,
        )  # fmt: skip
    except FileNotFoundError:
        raise PoseError(f"there is no file {path}") from None
    except OSError as error:
        raise PoseError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, MemoryError) as error:  # pandas' own errors are ValueErrors
        raise PoseError(f"{path} is not a CSV table: {' '.join(str(error).split())[:80]}") from error
    if isinstance(table.columns, pd.MultiIndex):
        table = _flattened(table, several="individuals" in labels)
    table.columns = [normalize_name(column) for column in table.columns]
    if not table.columns.is_unique:
        raise PoseError(f"{path} has two columns {table.columns[table.columns.duplicated()][0]!r}; rename one")
    return table


def _flattened(table: pd.DataFrame, several: bool) -> pd.DataFrame:
    """Return a table of DeepLabCut with columns like ``nose_x``, `several` individuals below each other."""
    frames = table.columns[0]
    numbers = table[frames]
    if not several:
        flat = table.drop(columns=[frames])
        flat.columns = [f"{column[-2]}_{column[-1]}" for column in flat.columns]
        return flat.assign(frame=numbers)
    parts = []
    people = list(dict.fromkeys(column[1] for column in table.columns[1:]))
    for number, person in enumerate(people):
        own = table.loc[:, [column for column in table.columns[1:] if column[1] == person]]
        own.columns = [f"{column[-2]}_{column[-1]}" for column in own.columns]
        parts.append(own.assign(frame=numbers, person=number))
    return pd.concat(parts, ignore_index=True)


def number_column(table: pd.DataFrame, column: str, path: Path) -> NDArray[np.float64]:
    """Return a column as float64, empty cells as NaN.

    Raises
    ------
    PoseError : a cell is not a number; the message names the line.
    """
    cells = table[column]
    values: NDArray[np.float64] = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64)
    wrong = (np.isnan(values) & cells.notna().to_numpy()) | np.isinf(values)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise PoseError(f"{path}, line {row + 2}: expected a number as {column}, got {str(cells.iloc[row])[:40]!r}")
    return values


def time_column(table: pd.DataFrame, column: str, path: Path) -> tuple[NDArray[np.float64], bool]:
    """Return a column of times, empty cells as NaN, and whether it is in seconds for sure: clock times or dates.

    Raises
    ------
    PoseError : a cell is neither; the message names the line.
    """
    cells = table[column]
    if pd.api.types.is_numeric_dtype(cells):
        return number_column(table, column, path), False
    text = cells.astype("string").str.strip()
    clock = text.str.extract(rf"^{CLOCK.pattern}$")
    if clock[2].notna().any():
        hours, minutes, seconds = (
            pd.to_numeric(clock[part].str.replace(",", "."), errors="coerce").fillna(0) for part in range(3)
        )
        return (hours * 3600 + minutes * 60 + seconds).where(clock[2].notna()).to_numpy(np.float64), True
    dates = pd.to_datetime(text, errors="coerce", format="ISO8601", utc=True)
    if dates.notna().any():
        since = (dates - dates.min()).dt.total_seconds()
        return since.to_numpy(np.float64, na_value=np.nan), True
    return number_column(table, column, path), False


def whole_column(table: pd.DataFrame, column: str, path: Path) -> NDArray[np.intp]:
    """Return a column of whole numbers; raise PoseError for anything else, including an empty cell."""
    values = number_column(table, column, path)
    wrong = (values != np.round(values)) | (np.abs(values) > MAX_EXACT_INTEGER)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise PoseError(f"{path}, line {row + 2}: expected a whole number as {column}, got {values[row]:g}")
    return values.astype(np.intp)
