"""Events that a worker emits while it makes a dance, and the stages of that work."""

from __future__ import annotations

from dataclasses import dataclass

STAGES = {
    "reading": "Reading the video",
    "finding": "Finding the dancer",
    "learning": "Learning the moves",
    "writing": "Writing words",
    "drawing": "Drawing",
}
"""The stages of a take in their order, each with the text that the page shows."""


@dataclass(frozen=True)
class Progress:
    """The progress of a stage: `done` of `total` steps."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True)
class Row:
    """The layout of a row of words: the names of its places, as the model's codec defines them."""

    places: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """The next words of the new dance, row by row; `start` counts the words before them. At 0 the dance restarts."""

    start: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class Notice:
    """A remark about the video for its user."""

    text: str


Event = Progress | Row | Words | Notice
