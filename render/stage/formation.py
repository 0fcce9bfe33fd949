"""Formations: one dancer becomes several, who stand apart, follow in canon, and mirror each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pose_vocab.errors import OutputError
from pose_vocab.sequence import PoseSequence

SPACING = 2.4
"""Between dancers, in torso lengths: so far reach two arms that are held out."""
MOST_DANCERS = 100


@dataclass(frozen=True)
class Place:
    """Where one of the copies stands.

    Parameters
    ----------
    across, towards : in `SPACING` to the right of the picture and towards the viewer.
    rank : how many delays of a canon the copy is late.
    mirrored : whether this one is shown as in a mirror where a formation mirrors.
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
"""The formations by name: the places of so many dancers."""


@dataclass(frozen=True)
class Formation:
    """Several copies of a dancer.

    Parameters
    ----------
    places : one a copy; by default the dancer alone.
    canon_s : each rank begins so much later than the one before; until then it holds the first pose.
    mirror : whether every second copy is shown as in a mirror; of one dancer, that one.

    Raises
    ------
    OutputError : a delay below zero, or no number of seconds.
    """

    places: Sequence[Place] = (Place(0, 0, 0, True),)
    canon_s: float = 0.0
    mirror: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.canon_s < np.inf:
            raise OutputError(f"dancers in canon follow later, not {self.canon_s:g} s; name 0 s or more")

    @classmethod
    def parse(cls, text: str | None, canon_s: float = 0.0, mirror: bool = False) -> Formation:
        """A formation by name and number of dancers, like ``line:5``; None for the dancer alone.

        Raises
        ------
        OutputError : no such formation, no such number.
        """
        if text is None:
            return cls(canon_s=canon_s, mirror=mirror)
        name, _, count = text.partition(":")
        if name not in FORMATIONS or not count.isdecimal() or not 1 <= int(count) <= MOST_DANCERS:
            raise OutputError(
                f"there is no formation {text!r}; name one of {', '.join(FORMATIONS)} "
                f"and 1 to {MOST_DANCERS} dancers, like line:5"
            )
        return cls(tuple(FORMATIONS[name](int(count))), canon_s, mirror)


def delayed(poses: PoseSequence, by_s: float) -> PoseSequence:
    """The same length of the same dance, begun later; until then its first pose is held."""
    late = round(min(by_s * poses.fps, len(poses)))
    frames = np.maximum(np.arange(len(poses)) - late, 0)
    return replace(poses, keypoints=poses.keypoints[frames], confidence=poses.confidence[frames])
