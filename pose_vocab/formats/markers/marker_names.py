"""Names of markers: whose they are, and what they are called in every program."""

from __future__ import annotations

import re
from collections.abc import Sequence

UNLABELLED = re.compile(r"\*.*|\d+|[UC]_\d+|unlabell?ed.*", re.IGNORECASE)
"""Names of markers that the system has seen, but nobody has named."""
_SIDES = ((re.compile(r"^LEFT"), "L"), (re.compile(r"^RIGHT"), "R"))
_STUDY = re.compile(r"STUDY$")
"""Ending of OpenCap's names."""


def split_subjects(labels: Sequence[str]) -> dict[str, list[int]]:
    """Return the indices of the named markers of each subject: of ``Anna:LASI`` that is ``Anna``."""
    subjects: dict[str, list[int]] = {}
    for index, label in enumerate(labels):
        subject, _, name = label.strip().rpartition(":")
        if name and not UNLABELLED.fullmatch(name):
            subjects.setdefault(subject, []).append(index)
    return subjects


def plain_name(label: str) -> str:
    """Return a marker's name without subject, case and punctuation: ``Anna:L.Knee`` and ``left_knee`` as LKNEE."""
    name = re.sub(r"[^A-Z0-9]", "", label.rpartition(":")[2].upper())
    for side, letter in _SIDES:
        name = side.sub(letter, name)
    return _STUDY.sub("", name)
