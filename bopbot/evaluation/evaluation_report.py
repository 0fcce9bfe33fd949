"""The report of an evaluation: data, models, settings, package versions and results."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version

from bopbot.evaluation.figures import Group

FORMAT = "bopbot-evaluation 2"
"""Version line of the JSON.

Version 1 named the groups words, foreseeing and newness, the columns "perplexity a frame" and "bits a second", the
field `frames_a_word`, and generators with original settings "seed's way"."""
PACKAGES = ("bopbot", "numpy", "torch", "scikit-learn", "mediapipe")
"""Packages that the results may depend on."""


@dataclass(frozen=True)
class DataSummary:
    """Size of a set of takes.

    Parameters
    ----------
    takes : their names.
    frames : number of frames at the frame rate of the codec.
    seconds : total duration.
    """

    takes: tuple[str, ...]
    frames: int
    seconds: float


@dataclass(frozen=True)
class ModelSummary:
    """A model, and the data that it was measured on.

    Parameters
    ----------
    name : in tables and plots.
    folder : None where there is no model.
    kind : codec preset.
    fps : frames per second.
    frames_per_word : number of frames that a word stands for.
    vocabularies : number of words of each part of the body; empty without a model.
    language_models : those that were measured.
    held_out, learned : the split; `learned` is empty where the training dances are not known.
    kinetic_windows : number of windows of each set of dances that FID_k and Dist_k compare.
    distinct_words_s : length of the windows in which distinct words were counted; None without a model.
    """

    name: str
    folder: str | None
    kind: str
    fps: float
    frames_per_word: int
    vocabularies: dict[str, int]
    language_models: tuple[str, ...]
    held_out: DataSummary
    learned: DataSummary
    kinetic_windows: int
    distinct_words_s: float | None


@dataclass(frozen=True)
class EvaluationSettings:
    """Settings of an evaluation.

    Parameters
    ----------
    seed : of the whole evaluation; dance i of a generator has `seed` + i.
    dances : number of dances of each generator.
    seconds : duration of each.
    opening_s : length of the opening of a held-out take that they continue; half of a shorter take.
    given_share : share of a take that is given when the rest is to be predicted.
    best_of : number of predictions, of which the best counts.
    kinetic_window_s : length of the windows of FID_k and Dist_k.
    near_torsos : distance below which a window counts as covered, in torso lengths.
    cleaning : how unsure, missing and noisy keypoints were handled.
    """

    seed: int
    dances: int
    seconds: float
    opening_s: float
    given_share: float
    best_of: int
    kinetic_window_s: float
    near_torsos: float
    cleaning: dict[str, float | None]


@dataclass(frozen=True)
class EvaluationReport:
    """The report of an evaluation.

    Parameters
    ----------
    models : one or two, with the data that they were measured on.
    settings : how they were measured.
    groups : the results.
    left_out : what could not be measured, with the reason.
    versions : of Python and of `PACKAGES`.
    """

    models: tuple[ModelSummary, ...]
    settings: EvaluationSettings
    groups: tuple[Group, ...]
    left_out: tuple[str, ...]
    versions: dict[str, str]

    def lines(self) -> list[tuple[str, str]]:
        """Return a short summary: pairs of a heading and a line of text."""
        lines = []
        for model in self.models:
            learned = _describe(model.learned, model.fps) if model.learned.takes else "not known"
            lines += [("held out", _describe(model.held_out, model.fps)), ("learned from", learned)]
            if model.folder is not None:
                words = ", ".join(f"{size:,} {part}" for part, size in model.vocabularies.items())
                frames = "1 frame each" if model.frames_per_word == 1 else f"{model.frames_per_word} frames each"
                lines.append(
                    (model.name, f"{' and '.join(model.language_models)}; {model.kind} words, {frames}: {words}")
                )
        settings = self.settings
        openings = f"the first {settings.opening_s:g} s of held-out takes, or half of shorter ones"
        seeds = f"seeds {settings.seed} to {settings.seed + settings.dances - 1}"
        lines.append(("dances", f"{settings.dances} of {settings.seconds:g} s each, after {openings}; {seeds}"))
        lines.append(("versions", ", ".join(f"{name} {number}" for name, number in self.versions.items())))
        return list(dict.fromkeys(lines))

    def to_json(self) -> str:
        """Return the report as JSON, with the version line `FORMAT`."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, allow_nan=False)


def package_versions() -> dict[str, str]:
    """Return the installed versions of Python and of `PACKAGES`."""
    return {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}}


def _describe(data: DataSummary, fps: float) -> str:
    takes = "1 take" if len(data.takes) == 1 else f"{len(data.takes):,} takes"
    return f"{takes}, {data.frames:,} frames at {fps:g} fps, {data.seconds:,.1f} s"
