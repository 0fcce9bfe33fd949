"""BopBot, the AI dancer: a dance video in, new choreography out."""

from __future__ import annotations

from typing import Any

import models  # noqa: F401  first of all: it sets how the threads of torch wait

__all__ = ["Report", "Sampling", "Wish", "choreograph"]


def __getattr__(name: str) -> Any:
    """The public names, imported when first used: they bring torch and mediapipe along."""
    if name in ("choreograph", "Wish"):
        from bopbot import choreography

        return getattr(choreography, name)
    if name == "Sampling":
        from bopbot.generation import Sampling

        return Sampling
    if name == "Report":
        from bopbot.report import Report

        return Report
    raise AttributeError(f"module 'bopbot' has no attribute {name!r}")
