"""Lay out groups of figures as tables, with a sensible number of digits in each column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bopbot.evaluation.figures import Figure, Group
from bopbot.metrics.intervals import LEVEL_PERCENT

REAL = "real dances"
DECIMALS = {100.0: 0, 10.0: 1, 0.1: 2, 0.0: 3}
"""Number of decimals by the least median of a column that they are for."""
LARGE = {1e6: (1e6, "M"), 1e4: (1e3, "k")}
"""Unit and its suffix by the least number that is written in it."""


@dataclass(frozen=True)
class Cell:
    """A formatted number and its interval; empty strings where there is none."""

    value: str = ""
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Row:
    """The figures of one generator or source; `real` marks those of real dances."""

    name: str
    cells: tuple[Cell, ...]
    real: bool = False


@dataclass(frozen=True)
class Table:
    """A group of figures.

    Parameters
    ----------
    title : name and description of the group.
    over : number of takes or dances that most rows are over, as text; other rows state their own.
    columns : names and units.
    rows : one per generator or source, and one for real dances.
    """

    title: str
    over: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]


CAPTION = f"{LEVEL_PERCENT} % intervals in brackets"


def table_of(group: Group) -> Table:
    """Return a group as a table; the row of real dances, if there is one, stands before the rows of its model."""
    several = len({model for model, _ in group.rows}) > 1
    counts = Counter(over for figures in group.rows.values() if (over := _over(figures)))
    usual = counts.most_common(1)[0][0] if counts else ""
    columns = [[figure for figure in group.figures if figure.name == name] for name, _ in group.columns]
    rows: list[Row] = []
    for (model, name), figures in group.rows.items():
        prefix = f"{model}: " if several else ""
        real = Row(f"{prefix}{REAL}", tuple(_real_cell(column, model) for column in columns), real=True)
        if real not in rows and any(cell.value for cell in real.cells):
            rows.append(real)
        over = _over(figures)
        unusual = f" ({over})" if over not in ("", usual) else ""
        cells = tuple(_cell(column, figures.get(column[0].name)) for column in columns)
        rows.append(Row(f"{prefix}{name}{unusual}", cells))
    return Table(f"{group.name.capitalize()}: {group.about}", usual, group.columns, tuple(rows))


def _over(figures: Mapping[str, Figure]) -> str:
    """Return the number of takes or dances that figures of one row are over; empty for a single one."""
    first = next(iter(figures.values()))
    return f"{first.value.n} {first.over}" if first.value.n > 1 else ""


def _cell(column: Sequence[Figure], figure: Figure | None) -> Cell:
    if figure is None:
        return Cell()
    decimals, numbers = _decimals(column), (figure.value.value, figure.value.low, figure.value.high)
    return Cell(*("" if number is None else _format(number, decimals) for number in numbers))


def _real_cell(column: Sequence[Figure], model: str) -> Cell:
    found = [figure.real for figure in column if figure.model == model and figure.real is not None]
    return Cell(_format(found[0], _decimals(column))) if found else Cell()


def _decimals(column: Sequence[Figure]) -> int:
    numbers = np.abs(
        [number for figure in column for number in (figure.value.value, figure.real) if number is not None]
    )
    middle = np.median(numbers) or numbers.max()
    return next(decimals for least, decimals in DECIMALS.items() if middle >= least)


def _format(number: float, decimals: int) -> str:
    for least, (size, letter) in LARGE.items():
        if abs(number) >= least:
            return f"{number / size:.{0 if abs(number) >= 100 * size else 1}f}{letter}"
    return f"{number:.{decimals}f}"
