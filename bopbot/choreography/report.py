"""What `choreograph` says it did: a few lines for a person, JSON for a program."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bopbot.choreography.copy_detection import Novelty
from bopbot.choreography.scoring import Scores
from bopbot.language_models import find_kind
from pose_vocab.files import write_beside

FORMAT = "bopbot-report 3"
"""The version line of a report."""


@dataclass(frozen=True)
class DanceReport:
    """One new dance.

    Parameters
    ----------
    language_model : which one wrote it.
    output : the video in which it stands.
    seed : what gives it again.
    drawn : how often it was drawn until it was new enough, or given up.
    words : the new words; a moment has one of each part of the body.
    distinct_words : how many different ones.
    own_share : share of the words that are the dancer's own, not others'; None where the model was not adapted.
    longest_copied_s : seconds of the longest stretch that the video has word for word.
    novelty : what each of its seconds is most like, in the video or in what the model learned from.
    marks : what it measures beside the dancer's own dance.
    beat_alignment : of the music's beats (`bopbot.metrics.beat_alignment`), before and after the dance was put on
        them; None without music.
    seam : the largest step where kept and new parts meet, over the 99th percentile of the dancer's own steps from frame
        to frame; None where nothing is kept.
    """

    language_model: str
    output: str
    seed: int
    drawn: int
    words: tuple[str, ...]
    distinct_words: int
    own_share: float | None
    longest_copied_s: float
    novelty: Novelty
    marks: Scores
    beat_alignment: tuple[float, float] | None
    seam: float | None

    def lines(self) -> list[str]:
        """The dance in a few lines of text."""
        own = "" if self.own_share is None else f", {self.own_share:.0%} the dancer's own"
        on_beat = ""
        if self.beat_alignment is not None:
            before, after = self.beat_alignment
            on_beat = f", beat alignment {before:.2f} -> {after:.2f}"
        return [
            f"dance   {self.output}: {find_kind(self.language_model).title}, seed {self.seed}{on_beat}",
            f"words   {self.distinct_words} different{own}, at most {self.longest_copied_s:.1f} s in a row copied: "
            f"{' '.join(self.words[:5])} ...",
            f"new     {self.novelty.line()}",
        ]


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
    dances : the new dances, the best take first; in a take one of each language model, from left to right.
    words_per_second : how many words are danced in a second.
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
    dances: tuple[DanceReport, ...]
    words_per_second: float

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
            *(line for dance in self.dances for line in dance.lines()),
        ]

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1)

    def save(self, path: Path) -> None:
        """Write the report as JSON; raises OutputError where it cannot be written."""
        with write_beside(path) as beside:
            beside.write_text(self.to_json() + "\n")
