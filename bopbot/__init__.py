"""BopBot, the AI dancer: a dance video in, new choreography out."""

from __future__ import annotations

from typing import Any

import models  # noqa: F401  must come first: it configures the threads of torch

__all__ = ["ChoreographyOptions", "Report", "Sampling", "choreograph"]


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used: they import torch and mediapipe."""
    if name == "choreograph":
        from bopbot.choreography.pipeline import choreograph

        return choreograph
    if name == "ChoreographyOptions":
        from bopbot.choreography.options import ChoreographyOptions

        return ChoreographyOptions
    if name == "Sampling":
        from bopbot.choreography.generation import Sampling

        return Sampling
    if name == "Report":
        from bopbot.choreography.report import Report

        return Report
    raise AttributeError(f"module 'bopbot' has no attribute {name!r}")
