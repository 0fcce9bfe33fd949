"""CSV files as tables of numbers with normalized column names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.csv_columns import normalize_name

SEPARATORS = ",;\t"
"""Column separators that are recognized."""
MAX_EXACT_INTEGER = 2**53
"""Above it not every whole number has an exact float64."""


def read_table(path: Path, rows: int | None = None) -> pd.DataFrame:
    """Return the table in a CSV file, or its first `rows` rows, with columns named by `normalize_name`.

    Raises
    ------
    PoseError : no such file, or not a table.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            header = file.readline(2**20)
        separator = max(SEPARATORS, key=header.count)
        table = pd.read_csv(path, sep=separator, encoding="utf-8-sig", nrows=rows, low_memory=False)
    except FileNotFoundError:
        raise PoseError(f"there is no file {path}") from None
    except OSError as error:
        raise PoseError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, MemoryError) as error:  # pandas' own errors are ValueErrors
        raise PoseError(f"{path} is not a CSV table: {' '.join(str(error).split())[:80]}") from error
    table.columns = [normalize_name(column) for column in table.columns]
    if not table.columns.is_unique:
        raise PoseError(f"{path} has two columns {table.columns[table.columns.duplicated()][0]!r}; rename one")
    return table


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


def whole_column(table: pd.DataFrame, column: str, path: Path) -> NDArray[np.intp]:
    """Return a column of whole numbers; raise PoseError for anything else, including an empty cell."""
    values = number_column(table, column, path)
    wrong = (values != np.round(values)) | (np.abs(values) > MAX_EXACT_INTEGER)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise PoseError(f"{path}, line {row + 2}: expected a whole number as {column}, got {values[row]:g}")
    return values.astype(np.intp)
