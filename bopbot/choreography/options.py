"""What can be asked of a new dance."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bopbot.choreography.generation import Sampling
from bopbot.choreography.inbetweening import Span
from pose_vocab.cleaning import Cleaning
from pose_vocab.errors import ModelError, PoseError


@dataclass(frozen=True)
class CompositionOptions:
    """What a new dance shall be like, beside how its words are chosen.

    Parameters
    ----------
    from_scratch : whether it opens anew, instead of going on where the dancer stops.
    keep : seconds of the video that stay as they are; the rest is filled in.
    mirror : whether it is shown as in a mirror.
    max_copied : share of its seconds that may be copies; a dance with more is drawn anew.

    Raises
    ------
    PoseError : wishes that contradict each other.
    """

    from_scratch: bool = False
    keep: tuple[Span, ...] = ()
    mirror: bool = False
    max_copied: float = 0.5

    def __post_init__(self) -> None:
        if self.keep and (self.from_scratch or self.mirror):
            raise PoseError(
                "kept seconds stay as they are and say how the dance opens; mirror and open no dance anew then"
            )


@dataclass(frozen=True)
class ChoreographyOptions:
    """What kind of new dance is wanted.

    Parameters
    ----------
    sampling : length, seed, and how words are chosen.
    composition : how the dance begins, what of the video it keeps, and how new it must be.
    takes : how many dances, of seeds on end; the best is the first.
    language_model : a row of `bopbot.language_models.DANCERS`; several dances stand side by side.
    adapt : whether the model learns from this dancer first.
    dancer : which of several dancers, 1 for the one most in the picture.
    style : a row of `render.styles.STYLES`.
    layout : a row of `bopbot.drawing.layouts.LAYOUTS`.
    audio : whether the video's sound goes along.
    music : a file whose sound goes along instead, and on whose beat the dance is put.
    cleaning : what is done about unsure, missing and shaky keypoints.

    Raises
    ------
    ModelError : no take, or wishes that contradict each other.
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
            raise ModelError(f"at least one take must be made, got {self.takes}")
        if self.music is not None and (self.audio or self.composition.keep):
            raise ModelError(
                "a dance on the beat of music takes no other sound along, and keeps no seconds of the video"
            )
