"""Weighted means of joints, from which the dancer's joints are made."""

from __future__ import annotations

Mix = tuple[tuple[str, float], ...]
"""Source joints with weights that sum to 1; a negative weight extrapolates beyond the other joint."""


def only(source: str) -> Mix:
    """Return a joint as it is."""
    return ((source, 1.0),)


def between(first: str, second: str) -> Mix:
    """Return the middle of two joints."""
    return ((first, 0.5), (second, 0.5))


def beyond(first: str, second: str, factor: float) -> Mix:
    """Return a point on the line from `first` through `second`, at `factor` times their distance."""
    return ((first, 1 - factor), (second, factor))
