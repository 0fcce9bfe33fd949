"""The check for formats that store one person."""

from collections.abc import Sequence
from pathlib import Path

from pose_vocab.errors import OutputError
from pose_vocab.sequence import PoseSequence


def require_single_person(people: Sequence[PoseSequence], path: Path) -> PoseSequence:
    """Return the one person to write to `path`.

    Raises
    ------
    OutputError : there are several people, or none.
    """
    if len(people) != 1:
        raise OutputError(
            f"cannot write {path}: a {path.suffix} file stores one person, not {len(people)}; "
            "choose one, or write a format that stores several"
        )
    return people[0]
