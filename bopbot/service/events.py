"""What a worker tells while it makes a dance, and the stages that it goes through."""

from __future__ import annotations

from dataclasses import dataclass

STAGES = {
    "reading": "Reading the video",
    "finding": "Finding the dancer",
    "learning": "Learning the moves",
    "writing": "Writing words",
    "drawing": "Drawing",
}
"""The stages of a dance in their order, each with what a person reads."""


@dataclass(frozen=True)
class Progress:
    """How far a stage is: `done` of `total` steps."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True)
class Words:
    """The next words of the new dance; the first of them is its word number `start`. At 0 the dance begins anew."""

    start: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class Notice:
    """What a user should know about the video."""

    text: str


Event = Progress | Words | Notice
