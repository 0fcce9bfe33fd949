"""The values of an animation's samplers at any times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def sample(keys_s: Floats, values: Floats, at_s: Floats, interpolation: str, *, is_rotation: bool) -> Floats:
    """Return a sampler's values at times, (times, width), held before its first and after its last key.

    Parameters
    ----------
    keys_s : (keys,) rising times in seconds.
    values : (keys, width); for ``CUBICSPLINE`` (3 * keys, width): tangent, value, tangent of each key.
    at_s : (times,) in seconds.
    interpolation : ``LINEAR``, ``STEP`` or ``CUBICSPLINE``.
    is_rotation : whether the values are quaternions.
    """
    cubic = interpolation == "CUBICSPLINE"
    per_key = values.reshape(len(keys_s), 3 if cubic else 1, -1)
    points = per_key[:, 1 if cubic else 0]
    at_s = np.clip(at_s, keys_s[0], keys_s[-1])
    first = np.clip(np.searchsorted(keys_s, at_s, side="right") - 1, 0, max(len(keys_s) - 2, 0))
    second = np.minimum(first + 1, len(keys_s) - 1)
    step_s = keys_s[second] - keys_s[first]
    share = np.where(step_s > 0, (at_s - keys_s[first]) / np.where(step_s > 0, step_s, 1), 0)[:, None]
    if interpolation == "STEP":
        result = np.where(share < 1, points[first], points[second])
    elif cubic:
        result = _hermite(per_key, first, second, share, step_s[:, None])
    elif is_rotation:
        result = _slerp(_unit(points[first]), _unit(points[second]), share)
    else:
        result = points[first] * (1 - share) + points[second] * share
    return _unit(result) if is_rotation else result


def _hermite(
    per_key: Floats, first: NDArray[np.intp], second: NDArray[np.intp], share: Floats, step_s: Floats
) -> Floats:
    """Return the cubic spline of the glTF specification, appendix C."""
    square, cube = share**2, share**3
    return np.asarray(
        (2 * cube - 3 * square + 1) * per_key[first, 1]
        + step_s * (cube - 2 * square + share) * per_key[first, 2]
        + (3 * square - 2 * cube) * per_key[second, 1]
        + step_s * (cube - square) * per_key[second, 0]
    )


def _slerp(first: Floats, second: Floats, share: Floats) -> Floats:
    """Return quaternions on the shorter arc between two."""
    cosine = (first * second).sum(axis=1, keepdims=True)
    second = np.where(cosine < 0, -second, second)
    angle = np.arccos(np.clip(np.abs(cosine), 0, 1))
    sine = np.sin(angle)
    near = sine < 1e-6
    safe = np.where(near, 1, sine)
    start = np.where(near, 1 - share, np.sin((1 - share) * angle) / safe)
    end = np.where(near, share, np.sin(share * angle) / safe)
    return np.asarray(start * first + end * second)


def _unit(quaternions: Floats) -> Floats:
    return np.asarray(quaternions / np.maximum(np.linalg.norm(quaternions, axis=-1, keepdims=True), 1e-12))
