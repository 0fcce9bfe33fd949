"""What `choreograph` says it did: a few lines for a person, JSON for a program."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from pose_vocab.extraction import Watched
from pose_vocab.files import write_beside

FORMAT = "bopbot-report 1"
"""The version line of a report."""


def notices(watched: Watched) -> tuple[str, ...]:
    """What a user should know about a video that could be used, but not as it should be."""
    if watched.broken_at_s is None:
        return ()
    return (f"the video is damaged: sound up to {watched.broken_at_s:.1f} s, and used as far as it goes",)


@dataclass(frozen=True)
class Report:
    """How a dance came about.

    Parameters
    ----------
    video, output : what was read and what was written.
    frames : frames looked at, at the words' rate.
    dancer_share : share of them in which the dancer is seen well enough to be read.
    notices : what a user should know about the input, e.g. that it is truncated.
    model : the model's folder, or that it was learned from this video.
    vocabulary_size : words that the model knows.
    seed : what gives the same dance again.
    seconds : length of the new dance.
    opening : words of the video that the new dance continues.
    words : the new dance, one word a frame.
    words_fps : words a second.
    """

    video: str
    output: str
    frames: int
    dancer_share: float
    notices: tuple[str, ...]
    model: str
    vocabulary_size: int
    seed: int
    seconds: float
    opening: tuple[str, ...]
    words: tuple[str, ...]
    words_fps: float

    @property
    def distinct_words(self) -> int:
        return len(set(self.words))

    def lines(self) -> list[str]:
        """The report in a few lines of text."""
        return [
            *(f"note    {notice}" for notice in self.notices),
            f"saw     {self.frames} frames, the dancer in {self.dancer_share:.0%} of them",
            f"words   {self.distinct_words} different ones of {self.vocabulary_size}: {' '.join(self.words[:8])} ...",
            f"model   {self.model}, seed {self.seed}",
            f"dance   {self.output} ({self.seconds:g} s)",
        ]

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self), "distinct_words": self.distinct_words}, indent=1)

    def save(self, path: Path) -> None:
        """Write the report as JSON; raises OutputError where it cannot be written."""
        with write_beside(path) as beside:
            beside.write_text(self.to_json() + "\n")
