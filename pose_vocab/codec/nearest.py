"""Exact nearest-neighbor search: a float32 matrix product finds candidates, float64 decides between them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

LARGEST = 1e15
"""Largest allowed coordinate: its square must stay within the range of float32."""

TABLE_SIZE = 2**21
"""Entries of the distance table computed at a time (8 MB), so that it fits the processor's cache."""

_ROUNDING = float(np.finfo(np.float32).eps) / 2
_SMALLEST = float(np.finfo(np.float32).tiny)


def nearest(
    rows: NDArray[np.float32], points: NDArray[np.float32], mask: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Return the index of the nearest point (Euclidean) for each row; on ties the first.

    Parameters
    ----------
    rows : float32 (n_rows, n_features), at most LARGEST where the mask is true; any value elsewhere, also NaN.
    points : float32 (n_points, n_features), at least one, at most LARGEST.
    mask : bool (n_rows, n_features), the features that count; None if all do.

    The result equals that of float64 arithmetic on the differences, for any offset of the data and any
    batching of the rows.
    """
    found = np.empty(len(rows), dtype=np.int64)
    whole = np.ones(len(rows), dtype=np.bool_) if mask is None else mask.all(axis=1)
    centre = points.mean(axis=0, dtype=np.float64)
    centred = (points - centre).astype(np.float32)
    squares = centred**2

    weights = np.vstack([centred.T, squares.sum(axis=1)])
    for at in _chunks(np.flatnonzero(whole), len(points)):
        chunk = (rows[at] - centre).astype(np.float32)
        table = np.hstack([-2 * chunk, np.ones((len(at), 1), np.float32)]) @ weights
        found[at] = _settle(table, chunk, rows[at], points)
    if mask is None or whole.all():
        return found

    weights = np.vstack([centred.T, squares.T])
    for at in _chunks(np.flatnonzero(~whole), len(points)):
        seen = mask[at]
        chunk = np.where(seen, rows[at] - centre, 0).astype(np.float32)
        table = np.hstack([-2 * chunk, seen.astype(np.float32)]) @ weights
        found[at] = _settle(table, chunk, rows[at], points, seen)
    return found


def _chunks(indices: NDArray[np.intp], n_points: int) -> Iterator[NDArray[np.intp]]:
    step = max(1, TABLE_SIZE // n_points)
    for start in range(0, len(indices), step):
        yield indices[start : start + step]


def _settle(
    table: NDArray[np.float32],
    centred: NDArray[np.float32],
    rows: NDArray[np.float32],
    points: NDArray[np.float32],
    seen: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """Return the index of the minimum of each row of `table` (rows, points): |point|^2 - 2 row.point, rounded.

    An entry is a sum of up to 2 n_features products, so its rounding error is below
    (2 n_features + 10) roundings of (|row| + |point|)^2. If a second entry lies within twice that of the
    minimum, the exact differences decide. `table` is overwritten.
    """
    best: NDArray[np.int64] = table.argmin(axis=1)
    every = np.arange(len(table))
    lowest = table[every, best].astype(np.float64)
    length = np.sqrt(np.einsum("ij,ij->i", centred, centred, dtype=np.float64))
    reach = 2 * length + np.sqrt(np.maximum(lowest + length**2, 0))  # |row| + |any candidate|, at most
    bound = lowest + 2 * (2 * centred.shape[1] + 10) * (_ROUNDING * reach**2 + _SMALLEST)
    table[every, best] = np.inf
    for row in np.flatnonzero(table.min(axis=1) <= bound):
        table[row, best[row]] = lowest[row]
        candidates = np.flatnonzero(table[row] <= bound[row])
        apart = points[candidates].astype(np.float64) - rows[row]
        if seen is not None:
            apart = apart[:, seen[row]]
        best[row] = candidates[(apart**2).sum(axis=1).argmin()]
    return best
