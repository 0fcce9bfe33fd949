"""Groups of figures as tables for people: numbers with as many digits as they deserve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bopbot.evaluation.figures import Figure, Group
from bopbot.metrics.intervals import LEVEL_PERCENT

REAL = "real dances"
DECIMALS = {100.0: 0, 10.0: 1, 0.1: 2, 0.0: 3}
"""Of a column whose middle value is at least this: so many decimals."""
LARGE = {1e6: (1e6, "M"), 1e4: (1e3, "k")}
"""A number of at least this is counted in these."""


@dataclass(frozen=True)
class Cell:
    """A number as it is written, and its interval; both empty where there is none."""

    value: str = ""
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Row:
    """The figures of a contestant; `real` says that they are of real dances."""

    name: str
    cells: tuple[Cell, ...]
    real: bool = False


@dataclass(frozen=True)
class Table:
    """A group of figures.

    Parameters
    ----------
    title : what it is about.
    over : over how many takes or dances its rows are, but for those that say it themselves.
    columns : names and units.
    rows : contestants.
    """

    title: str
    over: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]


CAPTION = f"{LEVEL_PERCENT} % intervals in brackets"


def table_of(group: Group) -> Table:
    """The figures of a group, a row a contestant; in front of those of a model real dances, if they have some too."""
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
    """Over how many takes or dances figures of one contestant are; empty for a single one."""
    first = next(iter(figures.values()))
    return f"{first.value.n} {first.over}" if first.value.n > 1 else ""


def _cell(column: Sequence[Figure], figure: Figure | None) -> Cell:
    if figure is None:
        return Cell()
    decimals, numbers = _decimals(column), (figure.value.value, figure.value.low, figure.value.high)
    return Cell(*("" if number is None else _written(number, decimals) for number in numbers))


def _real_cell(column: Sequence[Figure], model: str) -> Cell:
    found = [figure.real for figure in column if figure.model == model and figure.real is not None]
    return Cell(_written(found[0], _decimals(column))) if found else Cell()


def _decimals(column: Sequence[Figure]) -> int:
    numbers = np.abs(
        [number for figure in column for number in (figure.value.value, figure.real) if number is not None]
    )
    middle = np.median(numbers) or numbers.max()
    return next(decimals for least, decimals in DECIMALS.items() if middle >= least)


def _written(number: float, decimals: int) -> str:
    for least, (size, letter) in LARGE.items():
        if abs(number) >= least:
            return f"{number / size:.{0 if abs(number) >= 100 * size else 1}f}{letter}"
    return f"{number:.{decimals}f}"
