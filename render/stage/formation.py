"""Formations: several copies of a dancer, spaced apart, in canon and mirrored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pose_vocab.errors import OutputError
from pose_vocab.sequence import PoseSequence

SPACING = 2.4
"""Distance between dancers, in torso lengths: the reach of two outstretched arms."""
MAX_DANCERS = 100


@dataclass(frozen=True)
class Place:
    """The place of one copy.

    Parameters
    ----------
    across, towards : to the right in the picture and towards the viewer, in units of `SPACING`.
    rank : the number of canon delays of this copy.
    mirrored : whether this copy is mirrored in a formation with `mirror`.
    """

    across: float
    towards: float
    rank: int
    mirrored: bool


def _line(dancers: int) -> Iterator[Place]:
    for k in range(dancers):
        yield Place(k - (dancers - 1) / 2, 0, k, k % 2 == 1)


def _wedge(dancers: int) -> Iterator[Place]:
    for k in range(dancers):
        row, right = (k + 1) // 2, k % 2 == 0
        yield Place(row * (0.8 if right else -0.8), -row, row, right and row > 0)


def _circle(dancers: int) -> Iterator[Place]:
    radius = 0.5 / np.sin(np.pi / dancers) if dancers > 1 else 0
    for k in range(dancers):
        turn = 2 * np.pi * k / dancers
        yield Place(float(radius * np.sin(turn)), float(radius * np.cos(turn)), k, k % 2 == 1)


def _block(dancers: int) -> Iterator[Place]:
    columns = int(np.ceil(np.sqrt(dancers)))
    for k in range(dancers):
        row, column = divmod(k, columns)
        in_row = min(columns, dancers - row * columns)
        yield Place(column - (in_row - 1) / 2, -row, row, column % 2 == 1)


FORMATIONS: dict[str, Callable[[int], Iterator[Place]]] = {
    "line": _line,
    "wedge": _wedge,
    "circle": _circle,
    "block": _block,
}
"""The formations by name: functions from a number of dancers to their places."""


@dataclass(frozen=True)
class Formation:
    """Several copies of a dancer.

    Parameters
    ----------
    places : one per copy; by default the dancer alone.
    canon_s : delay from one rank to the next in seconds; a delayed copy holds the first pose until it starts.
    mirror : whether the copies with `Place.mirrored` are mirrored: every second one, or the only one.

    Raises
    ------
    OutputError : a negative or infinite delay.
    """

    places: Sequence[Place] = (Place(0, 0, 0, True),)
    canon_s: float = 0.0
    mirror: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.canon_s < np.inf:
            raise OutputError(f"a canon's delay must be 0 s or more, got {self.canon_s:g} s")

    @classmethod
    def parse(cls, text: str | None, canon_s: float = 0.0, mirror: bool = False) -> Formation:
        """Parse a formation's name and number of dancers, like ``line:5``; None stands for the dancer alone.

        Raises
        ------
        OutputError : an unknown formation, or a number of dancers that is not allowed.
        """
        if text is None:
            return cls(canon_s=canon_s, mirror=mirror)
        name, _, count = text.partition(":")
        if name not in FORMATIONS or not count.isdecimal() or not 1 <= int(count) <= MAX_DANCERS:
            raise OutputError(
                f"unknown formation {text!r}; choose one of {', '.join(FORMATIONS)} "
                f"and 1 to {MAX_DANCERS} dancers, like line:5"
            )
        return cls(tuple(FORMATIONS[name](int(count))), canon_s, mirror)


def delayed(poses: PoseSequence, by_s: float) -> PoseSequence:
    """Return the dance delayed and cut to its own length; the first pose is held until it starts."""
    late = round(min(by_s * poses.fps, len(poses)))
    frames = np.maximum(np.arange(len(poses)) - late, 0)
    return replace(poses, keypoints=poses.keypoints[frames], confidence=poses.confidence[frames])
