"""What `bopbot.evaluation.evaluation_run.evaluate` measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bopbot.evaluation.dataset import Sources
from pose_vocab.cleaning import Cleaning

ALL = "all"
"""Every language model that a model has."""


@dataclass(frozen=True)
class EvaluationOptions:
    """What is measured, and how.

    Parameters
    ----------
    sources : files of real and other dances.
    models : folders of models, two at most; if empty the starter is measured, unless `sources` has other dances.
    language_models : a key of `bopbot.language_models.CHOICES`, or `ALL`.
    n_dances : number of dances that each generator makes.
    seconds : duration of each.
    seed : the same seed gives the same results.
    cleaning : how unsure, missing and noisy keypoints are handled.
    """

    sources: Sources
    models: Sequence[Path] = ()
    language_models: str = ALL
    n_dances: int = 8
    seconds: float = 20.0
    seed: int = 0
    cleaning: Cleaning = field(default_factory=Cleaning)
