"""Find the videos and pose files among files and folders."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from bopbot.inputs.dance_file import formats_to_search, looks_like_dance, suffixes_to_search
from pose_vocab.errors import PoseError
from pose_vocab.formats import FORMATS, PoseFormat, PoseInput
from pose_vocab.natural_order import natural_order

UNFINISHED = ".unfinished"
"""Suffix of the folder in which a training keeps its progress."""
RESULTS = ("model.json", "codec.json")
"""A folder that holds one of these is a model or a vocabulary; none of its files is a dance."""
NAMED_AT_MOST = 3
"""How many skipped files a notice names."""


def files_in(
    sources: Iterable[Path], pose_input: PoseInput | None = None, notice: Callable[[str], None] = lambda line: None
) -> list[Path]:
    """Return the videos and pose files among files and folders; folders are searched recursively, in natural order.

    A folder whose files are the frames of one dance is one dance. Where `pose_input` names a format, poses
    of other formats are not searched for.

    Parameters
    ----------
    notice : called with one line if files were skipped that might have been poses.

    Raises
    ------
    PoseError : a source does not exist, or they hold no video and no pose file.
    """
    found: list[Path] = []
    skipped: list[Path] = []
    formats = formats_to_search(pose_input)
    for source in sources:
        if source.is_dir():
            for path in natural_order(_candidates(source, formats)):
                (found if looks_like_dance(path, formats) else skipped).append(path)
        elif source.exists():
            found.append(source)
        else:
            raise PoseError(f"there is no file or folder {source}")
    if skipped:
        named = ", ".join(map(str, skipped[:NAMED_AT_MOST])) + (", ..." if len(skipped) > NAMED_AT_MOST else "")
        notice(f"skipped {len(skipped)} files, as no poses are recognized in them: {named}")
    if not found:
        suffixes = sorted(suffixes_to_search([*FORMATS.values()]))
        raise PoseError(f"there is no video and no pose file ({', '.join(suffixes)}) in {', '.join(map(str, sources))}")
    return found


def identity_of(path: Path) -> str:
    """Return a hex digest that changes when a file, or a file in a folder, is renamed, replaced or changed."""
    found = sorted(path.iterdir()) if path.is_dir() else [path]
    states = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in found]
    return hashlib.sha256(json.dumps([str(path.resolve()), states]).encode()).hexdigest()


def _candidates(folder: Path, formats: Sequence[PoseFormat]) -> Iterator[Path]:
    """Yield what may be a dance in a folder and below it; skip models, vocabularies and unfinished trainings."""
    suffixes = suffixes_to_search(formats)
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.endswith(UNFINISHED)]
        if set(RESULTS) & set(names):
            folders.clear()
            continue
        frames: set[str] = set()
        for row in formats:
            if row.recognizes(Path(place)):
                yield Path(place)
                frames.update(row.suffixes)
                break
        for name in names:
            if Path(name).suffix.lower() in suffixes - frames:
                yield Path(place, name)
