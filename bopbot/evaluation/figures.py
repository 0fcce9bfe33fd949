"""Measured values with their confidence intervals, and the groups that they are reported in."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from scipy.stats import t

from bopbot.metrics.intervals import LEVEL_PERCENT, interval

Sample = TypeVar("Sample")

MIN_JACKKNIFE_SAMPLES = 3
"""The jackknife needs at least this many samples, so that more than one is left."""


@dataclass(frozen=True)
class Value:
    """A value with its confidence interval of `LEVEL_PERCENT`.

    Parameters
    ----------
    low, high : the interval; None where there is none, as for a single sample or a maximum.
    values : of each take or dance, in their order; empty for a statistic of all together.
    n : number of takes or dances.
    """

    value: float
    low: float | None
    high: float | None
    values: tuple[float, ...]
    n: int

    def mapped(self, increasing: Callable[[float], float]) -> Value:
        """Return the value on another scale."""
        low, high = (None if end is None else increasing(end) for end in (self.low, self.high))
        return Value(increasing(self.value), low, high, tuple(map(increasing, self.values)), self.n)


@dataclass(frozen=True)
class Figure:
    """The value of one metric for one generator, take or source.

    Parameters
    ----------
    name : of the metric.
    unit : empty for a ratio or a count.
    model : name of the model whose codec it was measured with.
    of : name of the generator, the take or the source.
    over : what `value.n` counts: takes or dances.
    value : with its interval.
    real : value of real dances; None where there is none.
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
    """Figures that are shown in one table, a row for each generator, take or source."""

    name: str
    about: str
    figures: tuple[Figure, ...]

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Names and units of the metrics, in order."""
        return tuple(dict.fromkeys((figure.name, figure.unit) for figure in self.figures))

    @property
    def rows(self) -> dict[tuple[str, str], dict[str, Figure]]:
        """The figures of each pair of a model and a generator, take or source, by metric."""
        rows: dict[tuple[str, str], dict[str, Figure]] = {}
        for figure in self.figures:
            rows.setdefault((figure.model, figure.of), {})[figure.name] = figure
        return rows


def merge_groups(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Merge groups of the same name."""
    found: dict[str, Group] = {}
    for group in groups:
        before = found.get(group.name, Group(group.name, group.about, ()))
        found[group.name] = replace(before, figures=(*before.figures, *group.figures))
    return tuple(found.values())


def mean(values: Sequence[float], seed: int) -> Value:
    """Return the mean of one value per take or dance with its bootstrap interval; raise what `interval` raises."""
    found = interval(values, seed)
    return Value(found.mean, found.low, found.high, tuple(map(float, values)), found.n)


def maximum(values: Sequence[float]) -> Value:
    """Return the largest value, without an interval: a sample does not bound the maximum."""
    return Value(float(max(values)), None, None, tuple(map(float, values)), len(values))


def jackknife(statistic: Callable[[Sequence[Sample]], float], samples: Sequence[Sample]) -> Value:
    """Return a statistic, 0 or more, of all samples together, with its jackknife interval.

    The error is estimated by leaving out each sample once: J. Tukey, "Bias and Confidence in Not-quite Large Samples"
    (1958). Not valid for a maximum.
    """
    value, n = statistic(samples), len(samples)
    if n < MIN_JACKKNIFE_SAMPLES:
        return Value(value, None, None, (), n)
    without = np.array([statistic([*samples[:i], *samples[i + 1 :]]) for i in range(n)])
    error = math.sqrt((n - 1) * without.var())
    reach = float(t.ppf(0.5 + LEVEL_PERCENT / 200, n - 1)) * error
    return Value(value, max(0.0, value - reach), value + reach, (), n)
