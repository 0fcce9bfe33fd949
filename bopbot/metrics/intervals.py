"""How sure a figure is that is the mean over a few takes or samples."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pose_vocab.errors import ModelError

LEVEL_PERCENT = 95
RESAMPLES = 10_000


@dataclass(frozen=True)
class Interval:
    """A mean, and where it lies in `LEVEL_PERCENT` of the samples that might have been drawn instead.

    Parameters
    ----------
    low, high : None where a single value says nothing about its spread.
    n : of how many values.
    """

    mean: float
    low: float | None
    high: float | None
    n: int


def interval(values: Sequence[float], seed: int) -> Interval:
    """The mean of values (n,) with its percentile bootstrap interval: B. Efron & R. Tibshirani (1993).

    It supposes that the values are independent (one a take, not one a frame), and of few it is too
    narrow; `n` says of how few. The same seed gives the same interval.

    Raises
    ------
    ModelError : no value, or one that is not finite.
    """
    given = np.asarray(values, dtype=np.float64)
    if not len(given) or not np.isfinite(given).all():
        raise ModelError(f"a mean is taken of at least one finite number, got {given.tolist()}")
    mean = float(given.mean())
    if len(given) == 1:
        return Interval(mean, None, None, 1)
    means = np.random.default_rng(seed).choice(given, (RESAMPLES, len(given))).mean(axis=1)
    tail = (100 - LEVEL_PERCENT) / 2
    low, high = np.percentile(means, [tail, 100 - tail]).tolist()
    return Interval(mean, low, high, len(given))
