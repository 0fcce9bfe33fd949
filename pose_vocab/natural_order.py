"""Natural sort order of file names: frame 2 before frame 10."""

import re
from collections.abc import Iterable
from pathlib import Path


def natural_order(paths: Iterable[Path]) -> list[Path]:
    """Return the paths sorted by their text, with runs of digits compared as numbers."""
    return sorted(paths, key=lambda path: [_part(part) for part in re.split(r"(\d+)", str(path))])


def _part(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isdigit() else (-1, text)
