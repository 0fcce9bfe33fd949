"""What `choreograph` says it did: a few lines for a person, JSON for a program."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bopbot.language_models import find_kind
from pose_vocab.extraction import Watched
from pose_vocab.files import write_beside

FORMAT = "bopbot-report 2"
"""The version line of a report."""


def notices(watched: Watched) -> tuple[str, ...]:
    """What a user should know about a video that could be used, but not as it should be."""
    if watched.broken_at_s is None:
        return ()
    return (f"the video is damaged: sound up to {watched.broken_at_s:.1f} s, and used as far as it goes",)


@dataclass(frozen=True)
class DanceReport:
    """One new dance.

    Parameters
    ----------
    language_model : which one wrote it.
    words : one word a frame.
    distinct_words : how many different ones.
    own_share : share of the words that are the dancer's own, not others'; None where the model was not adapted.
    longest_copied_s : seconds of the longest stretch that the video has word for word.
    """

    language_model: str
    words: tuple[str, ...]
    distinct_words: int
    own_share: float | None
    longest_copied_s: float

    def line(self) -> str:
        """The dance in a line of text."""
        own = "" if self.own_share is None else f", {self.own_share:.0%} the dancer's own"
        return (
            f"{find_kind(self.language_model).title}: {self.distinct_words} different words{own}, "
            f"at most {self.longest_copied_s:.1f} s in a row copied: {' '.join(self.words[:6])} ..."
        )


@dataclass(frozen=True)
class Report:
    """How new dances came about.

    Parameters
    ----------
    video, output : what was read and what was written.
    frames : frames looked at, at the words' rate.
    dancer_share : share of them in which the dancer is seen well enough to be read.
    notices : what a user should know about the input, e.g. that it is truncated.
    model : the model's folder, or that it is the starter.
    adapted : whether it learned from this dancer first.
    vocabulary_size : words that the model knows, the dancer's own among them.
    seed : what gives the same dance again.
    seconds : length of the new dance.
    opening : words of the video that the new dance continues.
    dances : the new dance, or one of each language model, from left to right.
    words_fps : words a second.
    """

    video: str
    output: str
    frames: int
    dancer_share: float
    notices: tuple[str, ...]
    model: str
    adapted: bool
    vocabulary_size: int
    seed: int
    seconds: float
    opening: tuple[str, ...]
    dances: tuple[DanceReport, ...]
    words_fps: float

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the new dance, of several the first."""
        return self.dances[0].words

    def lines(self) -> list[str]:
        """The report in a few lines of text."""
        adapted = ", adapted to this dancer" if self.adapted else ""
        return [
            *(f"note    {notice}" for notice in self.notices),
            f"saw     {self.frames} frames, the dancer in {self.dancer_share:.0%} of them",
            f"model   {self.model}{adapted}: {self.vocabulary_size} words, seed {self.seed}",
            *(f"words   {dance.line()}" for dance in self.dances),
            f"dance   {self.output} ({self.seconds:g} s)",
        ]

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1)

    def save(self, path: Path) -> None:
        """Write the report as JSON; raises OutputError where it cannot be written."""
        with write_beside(path) as beside:
            beside.write_text(self.to_json() + "\n")
