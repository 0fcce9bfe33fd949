"""The report on new dances: a few lines of text for a person, JSON for a program."""

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
    language_model : the one that generated it.
    output : the file that it was written to.
    seed : the seed that reproduces it.
    drawn : how many times it was generated until it was new enough, or the attempts were used up.
    words : the new words; a segment has one for each part of the body.
    distinct_words : how many different ones.
    own_share : fraction of the words that are the dancer's own; None where the model was not adapted.
    longest_copied_s : length in seconds of the longest sequence of words that the source contains too.
    novelty : the nearest second of the source and of the training dances, for each of its seconds.
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
        """Return the dance in a few lines of text."""
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
    """How new dances were made.

    Parameters
    ----------
    video, output : the files that were read and written.
    frames : how many frames were examined, at the words' frame rate.
    dancer_share : fraction of them in which enough of the dancer is seen.
    notices : what a user should know about the input, e.g. that it is truncated.
    model : the model's folder, or "starter".
    adapted : whether it was fine-tuned to this dancer first.
    vocabulary_size : number of words of the model, with the dancer's own.
    seed : what gives the same dance again.
    seconds : length of the new dance.
    dances : the new dances, the best take first; in a take one of each language model, from left to right.
    words_per_second : how many words a second of the dance has.
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
        """Return the words of the first new dance."""
        return self.dances[0].words

    def lines(self) -> list[str]:
        """Return the report in a few lines of text."""
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
        """Write the report as JSON; raises OutputError if it cannot be written."""
        with write_beside(path) as beside:
            beside.write_text(self.to_json() + "\n")
