"""Which files among files and folders may hold a dance, and which of them are poses, not videos."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from pose_vocab.errors import PoseError
from pose_vocab.formats import FORMATS, SUFFIXES, PoseFormat, PoseInput, find_format
from pose_vocab.natural_order import natural_order

VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".gif"})
"""What is taken for a video in a folder; a file that is named itself may have any other suffix."""
UNFINISHED = ".unfinished"
"""How the folder ends in which a training keeps what it has done so far."""
RESULTS = ("model.json", "codec.json")
"""A folder that holds one of these is a model or a vocabulary, and none of its files is a dance."""
POSES_ONLY = (".bvh", ".pose")
"""Files of these suffixes are poses, or damaged; others are looked into, as they may hold anything."""
NAMED_AT_MOST = 3
"""So many of the files that were passed over are named."""


def holds_poses(path: Path, pose_input: PoseInput | None = None) -> bool:
    """Whether a file or folder is to be read as poses, not watched as a video."""
    suffix = path.suffix.lower()
    forced = pose_input is not None and pose_input.format is not None and suffix not in VIDEO_SUFFIXES
    return forced or path.is_dir() or suffix in SUFFIXES


def files_in(
    sources: Iterable[Path], pose_input: PoseInput | None = None, notice: Callable[[str], None] = lambda line: None
) -> list[Path]:
    """The videos and poses among files and folders, folders searched to the bottom, in natural order.

    A folder whose files are the frames of one dance is found as one. Where a format is told, no
    poses of other formats are found in folders. `notice` is told which files might have been poses.

    Raises
    ------
    PoseError : a named source does not exist, or there is nothing in them.
    """
    found: list[Path] = []
    passed_over: list[Path] = []
    forced = pose_input.format if pose_input is not None else None
    formats = [find_format(forced)] if forced else [*FORMATS.values()]
    for source in sources:
        if source.is_dir():
            for path in natural_order(_walk(source, formats)):
                (found if _is_dance(path, formats, bool(forced)) else passed_over).append(path)
        elif source.exists():
            found.append(source)
        else:
            raise PoseError(f"there is no file or folder {source}")
    if passed_over:
        named = ", ".join(map(str, passed_over[:NAMED_AT_MOST])) + (", ..." if len(passed_over) > NAMED_AT_MOST else "")
        notice(f"passed over, as no poses are recognized in them: {len(passed_over)} files, {named}")
    if not found:
        wanted = sorted(VIDEO_SUFFIXES | set(SUFFIXES))
        raise PoseError(f"there is no video and no pose file ({', '.join(wanted)}) in {', '.join(map(str, sources))}")
    return found


def identity_of(path: Path) -> str:
    """Tells a file, or a folder of them, as it is now, from any other and from what it was before: a hex digest."""
    found = sorted(path.iterdir()) if path.is_dir() else [path]
    states = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in found]
    return hashlib.sha256(json.dumps([str(path.resolve()), states]).encode()).hexdigest()


def _walk(folder: Path, formats: Sequence[PoseFormat]) -> Iterator[Path]:
    """What may be a dance in a folder and below it, but for models, vocabularies and unfinished trainings."""
    wanted = VIDEO_SUFFIXES.union(*(row.suffixes for row in formats))
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
            if Path(name).suffix.lower() in wanted - frames:
                yield Path(place, name)


def _is_dance(path: Path, formats: Sequence[PoseFormat], forced: bool) -> bool:
    suffix = path.suffix.lower()
    if forced or path.is_dir() or suffix in VIDEO_SUFFIXES or suffix in POSES_ONLY:
        return True
    return any(row.recognizes(path) for row in formats if suffix in row.suffixes)
