"""Figures: what was measured, of whom, over how many, and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from scipy.stats import t

from bopbot.metrics.intervals import LEVEL_PERCENT, interval

Sample = TypeVar("Sample")

FEWEST_LEFT_OUT = 3
"""Of fewer samples none can be left out without leaving a single one."""


@dataclass(frozen=True)
class Value:
    """A number, and where it lies in `LEVEL_PERCENT` of the samples that might have been drawn instead.

    Parameters
    ----------
    low, high : None where the sample does not tell, as of a single one, or of what is a maximum.
    values : of each take or dance, in their order; empty where only all together have one.
    n : over how many takes or dances.
    """

    value: float
    low: float | None
    high: float | None
    values: tuple[float, ...]
    n: int

    def mapped(self, rising: Callable[[float], float]) -> Value:
        """The same on another scale."""
        low, high = (None if end is None else rising(end) for end in (self.low, self.high))
        return Value(rising(self.value), low, high, tuple(map(rising, self.values)), self.n)


@dataclass(frozen=True)
class Figure:
    """What was measured of one contestant.

    Parameters
    ----------
    name : of the figure.
    unit : empty for a ratio or a count.
    model : whose words it was measured in.
    of : who was measured.
    over : what `value.n` counts.
    value : what came out.
    real : what comes out of real dances; None where there are none to compare with.
    """

    name: str
    unit: str
    model: str
    of: str
    over: str
    value: Value
    real: float | None = None


@dataclass(frozen=True)
class Group:
    """Figures that are read together, a row for each contestant."""

    name: str
    about: str
    figures: tuple[Figure, ...]

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Names and units of the figures, in the order in which they come."""
        return tuple(dict.fromkeys((figure.name, figure.unit) for figure in self.figures))

    @property
    def rows(self) -> dict[tuple[str, str], dict[str, Figure]]:
        """The figures of each model and contestant, by name."""
        rows: dict[tuple[str, str], dict[str, Figure]] = {}
        for figure in self.figures:
            rows.setdefault((figure.model, figure.of), {})[figure.name] = figure
        return rows


def joined(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Groups of the same name made one."""
    found: dict[str, Group] = {}
    for group in groups:
        before = found.get(group.name, Group(group.name, group.about, ()))
        found[group.name] = replace(before, figures=(*before.figures, *group.figures))
    return tuple(found.values())


def mean(values: Sequence[float], seed: int) -> Value:
    """The mean of one value a take or dance, with a bootstrap interval; raises what `interval` raises."""
    found = interval(values, seed)
    return Value(found.mean, found.low, found.high, tuple(map(float, values)), found.n)


def most(values: Sequence[float]) -> Value:
    """The largest value; a sample tells nothing about those that it does not reach."""
    return Value(float(max(values)), None, None, tuple(map(float, values)), len(values))


def of_all(statistic: Callable[[Sequence[Sample]], float], samples: Sequence[Sample]) -> Value:
    """A statistic, 0 or more, of all samples together, with the jackknife's interval.

    Each sample is left out once, and what that changes says how much other samples would: J. Tukey,
    "Bias and Confidence in Not-quite Large Samples" (1958). Not for a maximum.
    """
    value, n = statistic(samples), len(samples)
    if n < FEWEST_LEFT_OUT:
        return Value(value, None, None, (), n)
    without = np.array([statistic([*samples[:i], *samples[i + 1 :]]) for i in range(n)])
    error = math.sqrt((n - 1) * without.var())
    reach = float(t.ppf(0.5 + LEVEL_PERCENT / 200, n - 1)) * error
    return Value(value, max(0.0, value - reach), value + reach, (), n)
