"""Options of a new dance."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bopbot.choreography.generation import Sampling
from bopbot.choreography.inbetweening import Span
from pose_vocab.cleaning import Cleaning
from pose_vocab.errors import ModelError, PoseError


@dataclass(frozen=True)
class CompositionOptions:
    """How a new dance is composed.

    Parameters
    ----------
    from_scratch : whether it starts anew, instead of continuing where the dancer stops.
    keep : seconds of the source that are kept; the rest is generated.
    mirror : whether it is mirrored.
    max_copied : fraction of its seconds that may be copies; a dance with more is generated again.

    Raises
    ------
    PoseError : the options contradict each other.
    """

    from_scratch: bool = False
    keep: tuple[Span, ...] = ()
    mirror: bool = False
    max_copied: float = 0.5

    def __post_init__(self) -> None:
        if self.keep and (self.from_scratch or self.mirror):
            raise PoseError("kept seconds are not changed; leave out keep, or from_scratch and mirror")


@dataclass(frozen=True)
class ChoreographyOptions:
    """All options of `bopbot.choreograph`.

    Parameters
    ----------
    sampling : length, seed, and how words are sampled.
    composition : how the dance begins, what it keeps of the source, and how new it must be.
    takes : how many dances, with consecutive seeds; the best is written first.
    language_model : a row of `bopbot.language_models.DANCERS`; several dances stand side by side.
    adapt : whether the model is fine-tuned to this dancer first.
    dancer : which of several dancers, 1 for the one longest in view.
    style : a row of `render.styles.STYLES`.
    layout : a row of `bopbot.drawing.layouts.LAYOUTS`.
    audio : whether the video's sound is included.
    music : a file whose sound is included instead, and on whose beat the dance is put.
    cleaning : what is done about uncertain, missing and shaky keypoints.

    Raises
    ------
    ModelError : `takes` is below 1, or the options contradict each other.
    """

    sampling: Sampling = field(default_factory=Sampling)
    composition: CompositionOptions = field(default_factory=CompositionOptions)
    takes: int = 1
    language_model: str = "gpt2"
    adapt: bool = True
    dancer: int = 1
    style: str = "stick"
    layout: str = "dance"
    audio: bool = False
    music: Path | None = None
    cleaning: Cleaning = field(default_factory=Cleaning)

    def __post_init__(self) -> None:
        if self.takes < 1:
            raise ModelError(f"takes must be at least 1, got {self.takes}")
        if self.music is not None and (self.audio or self.composition.keep):
            raise ModelError(
                "with music there is no other sound, and no seconds are kept; leave out music, or audio and keep"
            )
