"""Confidence intervals of means over a few takes or samples."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pose_vocab.errors import ModelError

LEVEL_PERCENT = 95
RESAMPLES = 10_000


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval of `LEVEL_PERCENT`.

    Parameters
    ----------
    low, high : the interval; None for a single value.
    n : number of values.
    """

    mean: float
    low: float | None
    high: float | None
    n: int


def interval(values: Sequence[float], seed: int) -> Interval:
    """Return the mean of values (n,) with its percentile bootstrap interval: B. Efron & R. Tibshirani (1993).

    The values must be independent: one per take, not per frame. With few values the interval is too narrow. The same
    seed gives the same interval.

    Raises
    ------
    ModelError : there is no value, or one is not finite.
    """
    sample = np.asarray(values, dtype=np.float64)
    if not len(sample) or not np.isfinite(sample).all():
        raise ModelError(
            f"a mean needs at least one value, and every value must be a finite number, got {sample.tolist()}"
        )
    mean = float(sample.mean())
    if len(sample) == 1:
        return Interval(mean, None, None, 1)
    means = np.random.default_rng(seed).choice(sample, (RESAMPLES, len(sample))).mean(axis=1)
    tail = (100 - LEVEL_PERCENT) / 2
    low, high = np.percentile(means, [tail, 100 - tail]).tolist()
    return Interval(mean, low, high, len(sample))
