"""Groups of options that several commands share: each is defined once, and becomes one object in the command."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from bopbot.cli.options import (
    Energy,
    Format,
    JointMap,
    MaxGap,
    MinConfidence,
    PoseModel,
    Seed,
    Skeleton,
    Smoothing,
    SourceFps,
    SourceSize,
    Temperature,
    TopK,
    TopP,
    UpAxis,
)

if TYPE_CHECKING:
    from bopbot.choreography.generation import Sampling
    from pose_vocab.cleaning import Cleaning
    from pose_vocab.formats import PoseInput


class OptionGroup:
    """Base of the groups: frozen dataclasses whose fields are options with a default."""


@dataclass(frozen=True)
class PoseFileOptions(OptionGroup):
    """What the user knows about pose files."""

    format_name: Format = None
    source_fps: SourceFps = None
    skeleton: Skeleton = None
    source_size: SourceSize = None
    up: UpAxis = None
    joints: JointMap = None

    def pose_input(self, pose_model: Path | None = None) -> PoseInput:
        """Return them as the object that all readers take."""
        from pose_vocab.formats import PoseInput

        size_px = None
        if self.source_size is not None:
            width, _, height = self.source_size.partition("x")
            size_px = int(width), int(height)
        return PoseInput(self.format_name, self.source_fps, self.skeleton, size_px, pose_model, self.up, self.joints)


@dataclass(frozen=True)
class PoseModelOptions(OptionGroup):
    """How poses are extracted from videos."""

    pose_model: PoseModel = None


@dataclass(frozen=True)
class CleaningOptions(OptionGroup):
    """What is done about uncertain, missing and shaky keypoints."""

    min_confidence: MinConfidence = 0.5
    max_gap: MaxGap = 0.5
    smoothing: Smoothing = 6.0

    def cleaning(self) -> Cleaning:
        """Return them as an object; 0 switches a step off."""
        from pose_vocab.cleaning import Cleaning

        return Cleaning(self.min_confidence or None, self.max_gap or None, self.smoothing or None)


@dataclass(frozen=True)
class SamplingOptions(OptionGroup):
    """How the words of a dance are sampled."""

    seed: Seed = 0
    energy: Energy = 1.0
    temperature: Temperature = 1.0
    top_k: TopK = None
    top_p: TopP = None

    def sampling(self, seconds: float | None = None, own: float | None = None) -> Sampling:
        """Return them as an object, with the length of the dance and the share of the dancer's own words."""
        from bopbot.choreography.generation import Sampling

        more = {name: value for name, value in (("seconds", seconds), ("own", own)) if value is not None}
        return Sampling(
            seed=self.seed,
            energy=self.energy,
            temperature=self.temperature,
            top_k=self.top_k,
            top_p=self.top_p,
            **more,
        )


def takes_option_groups(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command with the fields of its option groups in its signature, where typer finds them.

    Each parameter whose type is an `OptionGroup` is replaced by one parameter for each field; when called,
    the command gets one object again.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, type[OptionGroup]] = {}
    parameters: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        hint = hints[name]
        if isinstance(hint, type) and issubclass(hint, OptionGroup):
            groups[name] = hint
            parameters += _fields_of(hint)
        else:
            parameters.append(parameter.replace(annotation=hint, kind=inspect.Parameter.KEYWORD_ONLY))

    @wraps(command)
    def run(**values: Any) -> None:
        for name, group in groups.items():
            values[name] = group(**{parameter.name: values.pop(parameter.name) for parameter in _fields_of(group)})
        command(**values)

    run.__dict__["__signature__"] = inspect.Signature(parameters)
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _fields_of(group: type[OptionGroup]) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in fields(group)  # type: ignore[arg-type]  # every group is a dataclass
    ]
