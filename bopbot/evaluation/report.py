"""What an evaluation tells: on which data, of which models, under which seeds and versions, which figures."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version

from bopbot.evaluation.figures import Group

FORMAT = "bopbot-evaluation 1"
"""The version line of an evaluation."""
PACKAGES = ("bopbot", "numpy", "torch", "scikit-learn", "mediapipe")
"""What the figures may depend on."""


@dataclass(frozen=True)
class Data:
    """Dances that were read.

    Parameters
    ----------
    takes : what they are called.
    frames : how many there are, at the rate of the words.
    seconds : how long they last.
    """

    takes: tuple[str, ...]
    frames: int
    seconds: float


@dataclass(frozen=True)
class ModelData:
    """A model, and the data that were read for its words.

    Parameters
    ----------
    name : what it is called here.
    folder : where it lies; None where there is no model.
    kind : of its words.
    fps : frames a second.
    frames_a_word : how many frames a word says.
    vocabularies : how many words each part of the body has; empty without a model.
    language_models : which were measured.
    held_out, learned : the split; `learned` is empty where it is not said what was learned from.
    kinetic_windows : so many of each set of dances were compared.
    distinct_words_s : in so many seconds different words were counted; None without a model.
    """

    name: str
    folder: str | None
    kind: str
    fps: float
    frames_a_word: int
    vocabularies: dict[str, int]
    language_models: tuple[str, ...]
    held_out: Data
    learned: Data
    kinetic_windows: int
    distinct_words_s: float | None


@dataclass(frozen=True)
class Settings:
    """How it was measured.

    Parameters
    ----------
    seed : of all chance; the dance number i has `seed` + i.
    dances : how many each contestant danced.
    seconds : how long each.
    opening_s : so much of a held-out take they continue, or half of a shorter one.
    given_share : so much of a take is given when the rest is to be foreseen.
    best_of : so often it is foreseen.
    kinetic_window_s : length of the windows of FID_k and Dist_k.
    near_torsos : what counts as covered.
    cleaning : what was done about unsure, missing and shaky keypoints.
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
class Report:
    """An evaluation.

    Parameters
    ----------
    models : one or two, with their data.
    settings : how it was measured.
    groups : the figures.
    left_out : what could not be measured, and why.
    versions : of Python and of `PACKAGES`.
    """

    models: tuple[ModelData, ...]
    settings: Settings
    groups: tuple[Group, ...]
    left_out: tuple[str, ...]
    versions: dict[str, str]

    def lines(self) -> list[tuple[str, str]]:
        """What was measured, of whom and how, in a few lines for a person: what each is about, and what it says."""
        lines = []
        for model in self.models:
            learned = _described(model.learned, model.fps) if model.learned.takes else "not known"
            lines += [("held out", _described(model.held_out, model.fps)), ("learned from", learned)]
            if model.folder is not None:
                words = ", ".join(f"{size:,} {part}" for part, size in model.vocabularies.items())
                frames = "a frame each" if model.frames_a_word == 1 else f"{model.frames_a_word} frames each"
                lines.append(
                    (model.name, f"{' and '.join(model.language_models)}; {model.kind} words, {frames}: {words}")
                )
        asked = self.settings
        openings = f"the first {asked.opening_s:g} s of held-out takes, or half of shorter ones"
        dances = f"{asked.dances} of {asked.seconds:g} s each, after {openings}; from seed {asked.seed} on"
        lines.append(("dances", dances))
        lines.append(("versions", ", ".join(f"{name} {number}" for name, number in self.versions.items())))
        return list(dict.fromkeys(lines))

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, allow_nan=False)


def versions() -> dict[str, str]:
    """What is installed."""
    return {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}}


def _described(data: Data, fps: float) -> str:
    takes = "1 take" if len(data.takes) == 1 else f"{len(data.takes):,} takes"
    return f"{takes}, {data.frames:,} frames at {fps:g} fps, {data.seconds:,.1f} s"
